"""Ending sessions: one's own by anybody, anybody's by an administrator; each is recorded."""

from alignment_portal.accounts import sessions
from alignment_portal.accounts.actions import Actions
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.models import SignIn, User
from alignment_portal.accounts.permissions import Action, require
from alignment_portal.accounts.services import tell
from alignment_portal.writing import service


def _may_end(by: Actor, person: User) -> None:
    require(by, Action.TOKEN_MANAGE_OWN if by.user_id == person.pk else Action.PEOPLE_MANAGE)


@service
def end_session(*, by: Actor, sign_in: SignIn) -> None:
    _may_end(by, sign_in.user)
    if sessions.end_session(sign_in):
        tell(by=by, action=Actions.SESSION_ENDED, person=sign_in.user)


@service
def end_sessions(*, by: Actor, person: User, keeping: int | None = None) -> int:
    """Every session of the person but the one in `keeping`; how many ended."""
    _may_end(by, person)
    ended = sessions.end_every_session(person, keeping=keeping)
    if ended:
        tell(by=by, action=Actions.SESSION_ENDED, person=person, sessions=ended)
    return ended
