"""Second factors: authenticator apps, passkeys and recovery codes, kept and checked by the sign-in library.

The library's forms and pages are not used: ours count attempts at every door, and record what changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    validate_totp_code,
    yield_hotp_counters_from_time,
)
from allauth.mfa.utils import decrypt
from allauth.mfa.webauthn.internal import auth as webauthn
from django.core.exceptions import ValidationError

from alignment_portal.accounts.actions import Actions
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.models import User
from alignment_portal.accounts.permissions import Action, require, require_proof
from alignment_portal.accounts.services import locked, tell
from alignment_portal.refusals import Conflict, Invalid
from alignment_portal.writing import service

Kind = Authenticator.Type
REAL = (Kind.TOTP, Kind.WEBAUTHN)
NAME_LENGTH = 80
USED_KEPT = 20  # so many steps of half a minute back, should the clock be put back meanwhile
WORDS: Mapping[str, str] = {
    Kind.TOTP: "an authenticator app",
    Kind.WEBAUTHN: "a passkey",
    Kind.RECOVERY_CODES: "recovery codes",
}


@dataclass(frozen=True)
class Factors:
    """What a person signs in with beside a password."""

    app: Authenticator | None
    passkeys: tuple[Authenticator, ...]
    codes_left: int

    @property
    def any(self) -> bool:
        return self.app is not None or bool(self.passkeys)


def factors_of(person: User) -> Factors:
    rows = list(Authenticator.objects.filter(user=person).order_by("pk"))
    codes = next((row for row in rows if row.type == Kind.RECOVERY_CODES), None)
    return Factors(
        app=next((row for row in rows if row.type == Kind.TOTP), None),
        passkeys=tuple(row for row in rows if row.type == Kind.WEBAUTHN),
        codes_left=0 if codes is None else len(codes.wrap().get_unused_codes()),
    )


def has_second_factor(person: User) -> bool:
    return bool(Authenticator.objects.filter(user=person, type__in=REAL).exists())


# --- setting up --------------------------------------------------------------------------------------------


def new_app_secret() -> str:
    return str(generate_totp_secret())


def app_address(person: User, secret: str) -> str:
    """What the picture for the authenticator app says."""
    return str(get_adapter().build_totp_url(person, secret))


def _own(by: Actor, person: User) -> User:
    require(by, Action.TOKEN_MANAGE_OWN)
    if by.user_id != person.pk:
        raise Conflict("Everybody sets up their own second factor.", code="not_yours")
    require_proof(by)
    return locked(person)


@service
def add_app(*, by: Actor, person: User, secret: str, code: str) -> list[str]:
    """Take the app into use once it has shown a right code; the recovery codes made with it, if any were."""
    person = _own(by, person)
    if Authenticator.objects.filter(user=person, type=Kind.TOTP).exists():
        raise Conflict("An authenticator app is set up already. Remove it first.", code="app_exists")
    if not validate_totp_code(secret, code):
        raise Invalid(
            "This is not the code the app shows now. Check its clock, then try again.", pointer="/code"
        )
    TOTP.activate(person, secret)
    tell(by=by, action=Actions.FACTOR_ADDED, person=person, factor=WORDS[Kind.TOTP])
    return _first_codes(by, person)


@service
def add_passkey(*, by: Actor, person: User, name: str, credential: Mapping[str, Any]) -> list[str]:
    person = _own(by, person)
    try:
        webauthn.parse_registration_response(credential)
        made = webauthn.complete_registration(dict(credential))
    except (ValidationError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise Invalid("The passkey could not be read. Try again.", pointer="/credential") from error
    if not made.is_user_verified():
        raise Invalid(
            "This passkey does not ask who you are. Use one with a PIN, a finger or a face.",
            pointer="/credential",
        )
    webauthn.WebAuthn.add(person, name.strip()[:NAME_LENGTH] or "Passkey", dict(credential))
    tell(by=by, action=Actions.FACTOR_ADDED, person=person, factor=WORDS[Kind.WEBAUTHN])
    return _first_codes(by, person)


def _first_codes(by: Actor, person: User) -> list[str]:
    if Authenticator.objects.filter(user=person, type=Kind.RECOVERY_CODES).exists():
        return []
    return renew_codes(by=by, person=person)


@service
def renew_codes(*, by: Actor, person: User) -> list[str]:
    """Ten new codes; the old ones open nothing any more. Shown once: they are kept encrypted."""
    person = _own(by, person)
    if not has_second_factor(person):
        raise Conflict("Recovery codes stand in for a second factor. Set one up first.", code="no_factor")
    Authenticator.objects.filter(user=person, type=Kind.RECOVERY_CODES).delete()
    codes: list[str] = RecoveryCodes.activate(person).generate_codes()
    tell(by=by, action=Actions.CODES_RENEWED, person=person)
    return codes


@service
def remove_factor(*, by: Actor, person: User, factor: int) -> None:
    """The last one takes the recovery codes with it."""
    person = _own(by, person)
    row = Authenticator.objects.filter(user=person, pk=factor, type__in=REAL).first()
    if row is None:
        return
    row.delete()
    if not has_second_factor(person):
        Authenticator.objects.filter(user=person).delete()
    tell(by=by, action=Actions.FACTOR_REMOVED, person=person, factor=WORDS[row.type])


@service
def reset_factors(*, by: Actor, person: User) -> None:
    """For somebody who lost their device: an administrator takes every factor away, and it is recorded."""
    require(by, Action.PEOPLE_MANAGE)
    require_proof(by)
    person = locked(person)
    gone = Authenticator.objects.filter(user=person)
    if gone.exists():
        gone.delete()
        tell(by=by, action=Actions.FACTOR_REMOVED, person=person, factor="every second factor")


# --- using -------------------------------------------------------------------------------------------------


@service
def code_opens(*, person: User, code: str) -> Authenticator | None:
    """The factor whose code this is; a code of an app or a recovery code opens once only."""
    rows = Authenticator.objects.select_for_update().filter(user=person).exclude(type=Kind.WEBAUTHN)
    for row in rows.order_by("-type"):
        opens = _app_opens if row.type == Kind.TOTP else _recovery_opens
        if opens(row, code.strip()):
            row.record_usage()
            return row
    return None


def _app_opens(row: Authenticator, code: str) -> bool:
    """INVARIANT: a code opens once. The locked row says so: a cache forgets when it is flushed, or away."""
    secret, used = decrypt(row.data["secret"]), row.data.get("used", [])
    for step in yield_hotp_counters_from_time():
        right = compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, step)))
        if right and step not in used:
            row.data = {**row.data, "used": [*used, step][-USED_KEPT:]}
            row.save(update_fields=["data"])
            return True
    return False


def _recovery_opens(row: Authenticator, code: str) -> bool:
    return bool(row.wrap().validate_code(code))


def begin_passkey(person: User | None) -> dict[str, Any]:
    """What the browser is asked to sign; the library keeps the challenge in the session."""
    return dict(webauthn.begin_authentication(person))


def begin_new_passkey(person: User) -> dict[str, Any]:
    return dict(webauthn.begin_registration(person, passwordless=True))


@service
def passkey_opens(*, credential: Mapping[str, Any], person: User | None = None) -> Authenticator | None:
    """The passkey that signed the challenge; its owner is read from it when nobody is named."""
    given = dict(credential)
    try:
        answer = webauthn.parse_authentication_response(given)
        owner = person or webauthn.extract_user_from_response(given)
        row = webauthn.complete_authentication(owner, given)
    except (ValidationError, KeyError, ValueError, TypeError, AttributeError):
        return None  # whatever a stranger sends: it opens nothing
    if person is None and not answer.response.authenticator_data.is_user_verified():
        return None
    row.record_usage()
    return row if isinstance(row, Authenticator) else None
