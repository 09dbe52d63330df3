"""The people of this app's tests, by the part they play, and a dossier saved by its owner."""

import pytest

from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.models import RoleGrant, User
from alignment_portal.audit.guard import writes_allowed
from initiatives.services.dossiers import save_dossier
from tests.factories.initiatives import DEPUTY, OWNER, SPONSOR, TEAM, full_document

STRANGER = "tom.becker@aldermoor.example"
AUDITOR = "samuel.adeyemi@aldermoor.example"
LEFT = "left.long.ago@aldermoor.example"
ROLES = {
    OWNER: "programme_manager",
    STRANGER: "programme_manager",
    SPONSOR: "executive",
    TEAM: "contributor",
    DEPUTY: "contributor",
    AUDITOR: "auditor",
}


def open_people():
    with writes_allowed():
        users = {
            email: User.objects.create(email=email, name=email.split("@")[0].replace(".", " ").title())
            for email in (*ROLES, LEFT)
        }
        RoleGrant.objects.bulk_create(
            RoleGrant(user=users[email], role=role) for email, role in ROLES.items()
        )
        leave(LEFT)
    return users


def leave(email):
    with writes_allowed():
        User.objects.filter(email=email).update(is_active=False, deactivated_at="2026-01-01T00:00:00Z")


def actor(email):
    return Actor.of(User.objects.get(email=email))


def saved(document=None, **initiative):
    return save_dossier(by=actor(OWNER), document=document or full_document(**initiative)).initiative


@pytest.fixture
def people(db):
    """Open the accounts of the cast."""
    return open_people()
