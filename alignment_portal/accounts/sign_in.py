"""Failed attempts, counted per account and per address at every door, whether or not the account exists.

An attempt is written down before it is looked at and struck out when it was right, so that a hundred
guesses at once are counted as well as a hundred in a row; the rows are shared by every process.
"""

import hashlib
import hmac
import ipaddress
import math
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Min, QuerySet

from alignment_portal import clock
from alignment_portal.accounts.models import SignInAttempt
from alignment_portal.writing import service

# Many people share the address of an office.
ADDRESS_FACTOR = 10
# SOURCE: RFC 6177, section 2: the least that a site of IPv6 is given, and one machine may use all of it.
SITE = 64


@dataclass(frozen=True)
class Attempt:
    """One try at a door: `account` is whatever is guessed at there, `rows` what was written of it."""

    account: str
    rows: tuple[int, ...]


def _digest(text: str) -> str:
    """Keyed, so that the table gives away neither addresses nor e-mails.

    INVARIANT: however an account is written, it counts as one: the form of the sign-in page folds letters as here.
    """
    plain = unicodedata.normalize("NFKC", text.strip()).strip().lower()
    return hmac.new(settings.SECRET_KEY.encode(), plain.encode(), hashlib.sha256).hexdigest()


def _place(address: str) -> str:
    """What an address is counted as: a whole site where it is one of IPv6, as its last half costs nothing to change."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, SITE), strict=False))


def _recent(kind: str, text: str) -> int:
    return _counting(text).filter(kind=kind).count()


def _counting(text: str) -> QuerySet[SignInAttempt]:
    """The attempts of the last pause. One further ahead than a pause was written before the clock was set back."""
    now, pause = clock.wall(), settings.SIGN_IN_PAUSE
    return SignInAttempt.objects.filter(digest=_digest(text), at__gt=now - pause, at__lte=now + pause)


def begin_attempt(*, account: str, address: str) -> Attempt | None:
    """Write the attempt down; None while the account or the address has to wait."""
    address = _place(address)
    # Committed before it is counted: of attempts side by side, no more than the limit see room for themselves.
    attempt = _write_down(account=account, address=address)
    limit: int = settings.SIGN_IN_ATTEMPTS
    if _recent("account", account) <= limit and _recent("address", address) <= limit * ADDRESS_FACTOR:
        return attempt
    _strike_out(attempt)  # or the pause would never end for somebody who keeps trying
    return None


@service
def _write_down(*, account: str, address: str) -> Attempt:
    rows = [
        SignInAttempt.objects.create(kind=kind, digest=_digest(text))
        for kind, text in (("account", account), ("address", address))
    ]
    return Attempt(account, tuple(row.pk for row in rows))


@service
def _strike_out(attempt: Attempt) -> None:
    SignInAttempt.objects.filter(pk__in=attempt.rows).delete()


@service
def attempt_succeeded(attempt: Attempt) -> None:
    """Forget the failures of the account; those of others from the same address still count."""
    SignInAttempt.objects.filter(kind="account", digest=_digest(attempt.account)).delete()
    SignInAttempt.objects.filter(pk__in=attempt.rows).delete()


def note_wrong_token(*, address: str) -> int:
    """Count a token that opened nothing; the seconds to wait where the address sent too many, else 0.

    A good token is never made to wait: it cannot be guessed, and others may share the address.
    """
    tried, limit = f"token:{_place(address)}", settings.SIGN_IN_ATTEMPTS * ADDRESS_FACTOR
    if _recent("address", tried) < limit:  # looked at first, so that a flood does not write as well
        row = _write_down_address(tried)
        if _recent("address", tried) <= limit:
            return 0
        _strike_out(Attempt(tried, (row.pk,)))
    return _seconds_left(tried)


@service
def _write_down_address(text: str) -> SignInAttempt:
    return SignInAttempt.objects.create(kind="address", digest=_digest(text))


def _seconds_left(text: str) -> int:
    """Until the oldest attempt that counts is forgotten."""
    now = clock.wall()
    oldest = _counting(text).aggregate(at=Min("at"))["at"] or now
    return max(1, math.ceil((oldest + settings.SIGN_IN_PAUSE - now).total_seconds()))


@service
def clear_attempts(*, before: datetime) -> int:
    return SignInAttempt.objects.filter(at__lt=before).delete()[0]
