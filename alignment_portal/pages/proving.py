"""What the doors share that ask who somebody is: the pause, and checking a password, a code or a passkey."""

import json
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from alignment_portal.accounts import factors
from alignment_portal.accounts.models import User
from alignment_portal.accounts.sign_in import attempt_succeeded, begin_attempt
from alignment_portal.http.requests import address_of


def wrong_code() -> str:
    return _("This code does not open the account. Wait for the next one, then try again.")


def wrong_passkey() -> str:
    return _("This passkey does not open an account here.")


def pause_words() -> str:
    minutes = int(settings.SIGN_IN_PAUSE.total_seconds() // 60)
    return _("There were too many attempts. Wait %(minutes)s minutes, then try again.") % {"minutes": minutes}


def tried(request: HttpRequest, account: str, look: Callable[[], bool], wrong: str) -> tuple[str, int]:
    """Look at what somebody offers, unless they have to wait: an empty sentence when it was right, and the status."""
    attempt = begin_attempt(account=account, address=address_of(request))
    if attempt is None:
        return pause_words(), 429
    if not look():
        return wrong, 422
    attempt_succeeded(attempt)
    return "", 200


def try_code(request: HttpRequest, person: User) -> tuple[str, int]:
    code = request.POST.get("code", "")
    return tried(
        request,
        f"code:{person.pk}",
        lambda: factors.code_opens(person=person, code=code) is not None,
        wrong_code(),
    )


def credential_in(request: HttpRequest) -> dict[str, Any]:
    """What the browser's passkey answered, or nothing that could be read as such."""
    try:
        given = json.loads(request.POST.get("credential", ""))
    except (ValueError, RecursionError):
        return {}
    return given if isinstance(given, dict) else {}


def passkey_options(person: User | None) -> str:
    return json.dumps(factors.begin_passkey(person))
