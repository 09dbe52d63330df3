from alignment_portal.accounts.actions import Actions
from alignment_portal.outbox.events import announce

# How somebody gets in is no fact about any initiative: no verdict can change with it.
UNTOLD = frozenset(
    {
        Actions.PASSWORD_SET,
        Actions.TOKEN_ISSUED,
        Actions.TOKEN_ROTATED,
        Actions.TOKEN_REVOKED,
        Actions.SESSION_ENDED,
        Actions.FACTOR_ADDED,
        Actions.FACTOR_REMOVED,
        Actions.CODES_RENEWED,
        Actions.IDENTITY_LINKED,
        Actions.CALENDAR_OPENED,
        Actions.CALENDAR_CLOSED,
    }
)


def announce_person(*, action: str, email: str = "", **_: object) -> None:
    if email and action not in UNTOLD and not action.startswith("outbox."):
        announce("accounts.person_changed", email=email)
