"""Signing a copy with the organisation's certificate (PAdES), when the settings name one.

Signed last, after the reader's name was put on: whatever is changed afterwards breaks the signature.
"""

import io
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 — Django's name for it

from alignment_portal import clock
from alignment_portal.refusals import Conflict

FIELD = "Signature"
WARNED_DAYS = 30
EXTRA = "Install the extra “signing”: pip install 'alignment-portal[signing]'."


class CannotSign(Conflict):
    """The settings ask for a signature that cannot be given."""

    code = "cannot_sign"


def is_wanted() -> bool:
    return bool(settings.PACK_CERTIFICATE)


def signed(body: bytes) -> bytes:
    """The same PDF with a certifying signature; as it is when no certificate is named. Raises CannotSign."""
    if not is_wanted():
        return body
    signer = _signer()
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415 — optional dependency
    from pyhanko.sign import fields, signers  # noqa: PLC0415 — optional dependency

    meta = signers.PdfSignatureMetadata(
        field_name=FIELD,
        reason="Issued by the alignment portal",
        name=settings.ORGANISATION,
        certify=True,
        subfilter=fields.SigSeedSubFilter.PADES,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
    )
    place = fields.SigFieldSpec(
        sig_field_name=FIELD, readable_field_name=f"Signature of {settings.ORGANISATION}"
    )
    # The library runs a loop of its own, which a thread that has one already refuses.
    with ThreadPoolExecutor(max_workers=1) as apart:
        made = apart.submit(
            signers.sign_pdf,
            IncrementalPdfFileWriter(io.BytesIO(body)),
            signature_meta=meta,
            signer=signer,
            new_field_spec=place,
        ).result()
    return bytes(made.getvalue())


def _signer() -> Any:
    """The key and certificate of the settings; refuses what cannot be read, opened, or is out of date."""
    try:
        from pyhanko.sign import signers  # noqa: PLC0415 — optional dependency
    except ImportError as error:
        raise CannotSign(
            f"This copy cannot be signed: the library for it is not installed. {EXTRA}"
        ) from error
    if not os.access(settings.PACK_CERTIFICATE, os.R_OK):
        raise CannotSign(f"This copy cannot be signed: {settings.PACK_CERTIFICATE} cannot be read.")
    password = settings.PACK_CERTIFICATE_PASSWORD.encode() or None
    load: Any = signers.SimpleSigner.load_pkcs12  # untyped in its library
    signer = load(settings.PACK_CERTIFICATE, passphrase=password)
    if signer is None:
        raise CannotSign(
            "This copy cannot be signed: the certificate is not a PKCS #12 file, or its password is wrong."
        )
    ends = signer.signing_cert.not_valid_after
    if ends < clock.wall():
        raise CannotSign(
            f"This copy cannot be signed: the certificate ended on {ends:%Y-%m-%d}. Install a new one."
        )
    return signer


def certificate_is_there(**_: Any) -> Sequence[CheckMessage]:
    """At every start: cheap, so it only looks whether the file can be read."""
    if is_wanted() and not os.access(settings.PACK_CERTIFICATE, os.R_OK):
        hint = "Set PACK_CERTIFICATE to a PKCS #12 file the portal may read, or leave it empty."
        return [Error(f"{settings.PACK_CERTIFICATE} cannot be read.", hint=hint, id="portal.E007")]
    return []


def certificate_can_sign(**_: Any) -> Sequence[CheckMessage]:
    """Before a deployment: opens the certificate, and warns a month before it ends."""
    if not is_wanted() or certificate_is_there():
        return []
    try:
        signer = _signer()
    except CannotSign as refusal:
        hint = (
            "Check PACK_CERTIFICATE and PACK_CERTIFICATE_PASSWORD, and that the extra “signing” is installed."
        )
        return [Error(refusal.sentence, hint=hint, id="portal.E008")]
    left = signer.signing_cert.not_valid_after - clock.wall()
    if left.days < WARNED_DAYS:
        hint = "Have a new certificate issued and set PACK_CERTIFICATE to it."
        return [
            Warning(
                f"The certificate that signs packs ends in {left.days} days.", hint=hint, id="portal.W009"
            )
        ]
    return []
