"""A copy signed with the organisation's certificate, read back by the library's own reader; refusals in words."""

import datetime as dt
import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from alignment_portal import clock
from packs.services.signing import CannotSign, certificate_can_sign, certificate_is_there, signed
from tests.packs.papers import opened, whole_print

PASSWORD = "only for this test"


def certificate(folder, *, ends_in_days=365):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Example")])
    now = clock.wall()
    usage = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign", "encipher_only",
         "decipher_only"), False)  # fmt: skip
    issued = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=400))
        .not_valid_after(now + dt.timedelta(days=ends_in_days))
        .add_extension(x509.KeyUsage(digital_signature=True, content_commitment=True, **usage), critical=True)
        .sign(key, hashes.SHA256())
    )
    packed = serialization.pkcs12.serialize_key_and_certificates(
        b"packs", key, issued, None, serialization.BestAvailableEncryption(PASSWORD.encode())
    )
    place = folder / "packs.p12"
    place.write_bytes(packed)
    return str(place)


@pytest.fixture
def with_certificate(settings, tmp_path):
    def put(**changes):
        settings.PACK_CERTIFICATE = certificate(tmp_path, **changes)
        settings.PACK_CERTIFICATE_PASSWORD = PASSWORD

    return put


def read_back(body):
    [found] = PdfFileReader(io.BytesIO(body), strict=False).embedded_signatures
    trusted = ValidationContext(trust_roots=[found.signer_cert], allow_fetching=False)
    with ThreadPoolExecutor(max_workers=1) as apart:  # the reader runs a loop of its own
        return found, apart.submit(validate_pdf_signature, found, trusted).result()


def test_without_a_certificate_a_copy_stays_as_it_is(settings):
    settings.PACK_CERTIFICATE = ""
    assert signed(whole_print()) == whole_print()
    assert list(certificate_is_there()) == list(certificate_can_sign()) == []


def test_the_signature_covers_the_file_and_holds(with_certificate):
    with_certificate()
    body = signed(whole_print())
    found, status = read_back(body)
    assert (status.intact, status.valid, status.docmdp_ok) == (True, True, True)
    assert status.modification_level == ModificationLevel.NONE
    assert str(found.sig_object["/SubFilter"]) == "/ETSI.CAdES.detached"
    with opened(body) as pdf:  # still a sound, tagged file
        assert bool(pdf.Root.MarkInfo.Marked)


def test_a_byte_changed_afterwards_breaks_it(with_certificate):
    with_certificate()
    body = bytearray(signed(whole_print()))
    body[2000] ^= 1
    _, status = read_back(bytes(body))
    assert not status.intact


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda settings: setattr(settings, "PACK_CERTIFICATE_PASSWORD", "another"), "password is wrong"),
        (lambda settings: setattr(settings, "PACK_CERTIFICATE", "/nowhere/packs.p12"), "cannot be read"),
    ],
)
def test_what_cannot_sign_says_why(with_certificate, settings, spoil, words):
    with_certificate()
    spoil(settings)
    with pytest.raises(CannotSign, match=words):
        signed(whole_print())
    told = [*certificate_is_there(), *certificate_can_sign()]
    assert words in told[0].msg


def test_a_certificate_that_has_ended_signs_nothing(with_certificate):
    with_certificate(ends_in_days=-1)
    with pytest.raises(CannotSign, match="Install a new one"):
        signed(whole_print())


def test_a_certificate_about_to_end_is_warned_of(with_certificate):
    with_certificate(ends_in_days=20)
    [warning] = certificate_can_sign()
    assert "days" in warning.msg
