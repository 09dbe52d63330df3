"""The same cast in every test: one named person per role, and one more where a role needs a second.

`person("executive")` is the user, `actor("executive")` acts, `browser("executive")` is signed in to the pages,
`api("executive", "read")` calls with a token of those scopes (all scopes when none is named).
"""

import uuid
from dataclasses import dataclass
from functools import cache

from django.contrib.auth.hashers import make_password
from django.test import Client
from rest_framework.test import APIClient

from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.models import ApiToken, RoleGrant, User
from alignment_portal.accounts.roles import Scope
from alignment_portal.accounts.tokens import digest_of
from alignment_portal.audit.guard import writes_allowed

PASSWORD = "a-long-and-quiet-evening"


@dataclass(frozen=True)
class Part:
    name: str
    role: str
    function: str = ""
    title: str = ""

    @property
    def email(self):
        return f"{self.name.split()[0].lower()}@example.org"


CAST = {
    "programme_manager": Part("Priya Nair", "programme_manager", "business", "Head of lending change"),
    "other_manager": Part("Oskar Lind", "programme_manager", "operations", "Programme manager, claims"),
    "contributor": Part("Callum Reid", "contributor", "data", "Data engineer"),
    "assurer": Part("Ayesha Khan", "assurer", "risk", "Model risk lead"),
    "legal_assurer": Part("Ludovic Petit", "assurer", "legal", "Privacy counsel"),
    "security_assurer": Part("Sunniva Dahl", "assurer", "security", "Security architect"),
    "data_assurer": Part("Dmitri Orlov", "assurer", "data", "Data steward"),
    "change_assurer": Part("Chiara Rossi", "assurer", "change", "Change lead"),
    "executive": Part("Eleanor Voss", "executive", "business", "Chief operating officer"),
    "risk_executive": Part("Rafael Souza", "executive", "risk", "Chief risk officer"),
    "operations_executive": Part("Olu Adeyemi", "executive", "operations", "Director of operations"),
    "technology_executive": Part("Tove Berg", "executive", "technology", "Chief technology officer"),
    "auditor": Part("Aurel Popescu", "auditor", "", "Internal audit"),
    "administrator": Part("Adaeze Obi", "administrator", "", "Portal administrator"),
    "second_administrator": Part("Siobhan Kelly", "administrator", "", "Portal administrator"),
}
# The six roles, each by the person who stands for it.
ROLES = ("programme_manager", "contributor", "assurer", "executive", "auditor", "administrator")


def person(who):
    """The user of that part, with the role; made on first use in a test."""
    part = CAST[who]
    found = User.objects.filter(email=part.email).first()
    return found or _make(part)


@cache
def _hash():
    return make_password(PASSWORD)


def _make(part):
    with writes_allowed():
        user = User.objects.create(
            id=uuid.uuid5(uuid.NAMESPACE_URL, part.email),
            email=part.email,
            name=part.name,
            title=part.title,
            function=part.function,
            password=_hash(),
        )
        RoleGrant.objects.create(user=user, role=part.role)
    return user


def everybody():
    return {who: person(who) for who in CAST}


def actor(who, via="page"):
    return Actor.of(person(who), via)


def browser(who=None):
    """A browser, signed in as that part; nobody when none is named."""
    client = Client()
    if who is not None:
        client.force_login(person(who))
    return client


def token(who, *scopes):
    """A plain API token of that part."""
    prefix = uuid.uuid4().hex[:8]
    plain = f"ap_{prefix}_for-tests"
    with writes_allowed():
        ApiToken.objects.create(
            user=person(who),
            name="tests",
            prefix=prefix,
            digest=digest_of(plain),
            scopes=scopes or Scope.values,
        )
    return plain


def api(who=None, *scopes):
    """A program that calls the API with a token of that part; without one when none is named."""
    client = APIClient()
    if who is not None:
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token(who, *scopes)}")
    return client
