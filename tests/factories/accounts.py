import factory

from alignment_portal.accounts.models import ApiToken, RoleGrant, User
from tests.factories.base import PortalFactory


class UserFactory(PortalFactory):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    name = factory.Sequence(lambda n: f"Person {n}")
    password = "!"  # opens nothing


class RoleGrantFactory(PortalFactory):
    class Meta:
        model = RoleGrant

    user = factory.SubFactory(UserFactory)
    role = "contributor"


class ApiTokenFactory(PortalFactory):
    class Meta:
        model = ApiToken

    user = factory.SubFactory(UserFactory)
    name = "nightly export"
    prefix = factory.Sequence(lambda n: f"{n:08x}")
    digest = factory.Sequence(lambda n: f"{n:064x}")
    scopes = ["read"]
