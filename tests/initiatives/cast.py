"""The cast of this app's tests by the part they play in a dossier, and a dossier saved by its owner."""

from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.models import RoleGrant, User
from alignment_portal.audit.guard import writes_allowed
from initiatives.services.dossiers import save_dossier
from tests.factories.initiatives import DEPUTY, OWNER, SPONSOR, TEAM, full_document
from tests.people import person

STRANGER = "oskar@example.org"
AUDITOR = "aurel@example.org"
LEFT = "left@example.org"
__all__ = ["AUDITOR", "DEPUTY", "LEFT", "OWNER", "SPONSOR", "STRANGER", "TEAM", "actor", "leave", "saved"]


def open_people():
    cast = ("programme_manager", "other_manager", "executive", "contributor", "auditor")
    users = {person(who).email: person(who) for who in cast}
    with writes_allowed():
        for email in (DEPUTY, LEFT):
            users[email] = User.objects.create(email=email, name=email.split("@")[0].title())
        RoleGrant.objects.create(user=users[DEPUTY], role="contributor")
    leave(LEFT)
    return users


def leave(email):
    with writes_allowed():
        User.objects.filter(email=email).update(is_active=False, deactivated_at="2026-01-01T00:00:00Z")


def actor(email):
    return Actor.of(User.objects.get(email=email))


def saved(document=None, **initiative):
    return save_dossier(by=actor(OWNER), document=document or full_document(**initiative)).initiative
