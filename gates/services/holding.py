"""What every change here begins with: the locks, in one order."""

from uuid import UUID

from django.db import connection

from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action, may, require
from alignment_portal.refusals import Conflict, Forbidden, Invalid
from initiatives.models import Initiative

POLICY_LOCK = 7_310_001  # any number that nothing else in this database locks


def hold_policy(*, exclusively: bool = False) -> None:
    """INVARIANT: policy first, then initiative. SQLite has one writer at a time and needs neither."""
    if connection.vendor == "postgresql":
        function = "pg_advisory_xact_lock" if exclusively else "pg_advisory_xact_lock_shared"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [POLICY_LOCK])


def hold(initiative: Initiative, *, for_good: bool = False) -> Initiative:
    """The initiative as it stands, locked until the transaction ends; a retired one takes no more changes."""
    hold_policy()
    held = Initiative.objects.select_for_update(no_key=True).get(pk=initiative.pk)
    if held.status == "retired" and not for_good:
        raise Conflict(f"{held.key} is retired: it stays as it was.", code="retired")
    return held


def acting(by: Actor) -> UUID:
    """The person who acts; the portal itself submits, judges and decides nothing."""
    if by.user_id is None:
        raise Forbidden("Only a person may do this.", code="person_needed")
    return by.user_id


def require_function(by: Actor, action: Action, functions: tuple[str, ...]) -> None:
    """Any of these functions will do; the refusal names the first."""
    if not any(may(by, action, function=function) for function in functions):
        require(by, action, function=functions[0] if functions else "")


def said(text: str, pointer: str, sentence: str) -> str:
    """The text without blanks around it; an empty one is refused."""
    if not text.strip():
        raise Invalid(sentence, pointer=pointer, code="required")
    return text.strip()
