"""Who acts. Services take an Actor, never a request and never a bare user."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from alignment_portal.accounts.models import ApiToken, RoleGrant, User
from alignment_portal.accounts.roles import Role

Via = Literal["page", "api", "command", "system"]


@dataclass(frozen=True)
class Actor:
    user_id: uuid.UUID | None
    email: str
    name: str
    roles: frozenset[str]
    functions: frozenset[str]
    scopes: frozenset[str] | None = None
    via: Via = "page"
    token_id: int | None = None
    # Whether the person showed lately that it is they (proof.py). A token has its scope instead.
    is_proven: bool = True
    is_service: bool = False
    rate: int | None = None  # requests a minute that its token may make, where it says

    @staticmethod
    def of(
        user: User, via: Via = "page", token: ApiToken | None = None, *, is_proven: bool = True
    ) -> "Actor":
        grants = user.current_grants() if user.is_active else []
        return Actor(
            user_id=user.pk,
            email=user.email,
            name=user.name,
            roles=frozenset(grant.role for grant in grants),
            functions=_functions_of(user, grants),
            scopes=None if token is None else frozenset(token.scopes),
            via="api" if token is not None else via,
            token_id=None if token is None else token.pk,
            is_proven=is_proven or token is not None,
            is_service=user.is_service,
            rate=None if token is None else token.rate,
        )

    @property
    def is_system(self) -> bool:
        return self.via == "system"


def _functions_of(user: User, grants: Iterable[RoleGrant]) -> frozenset[str]:
    """The functions an assurer assures; for everybody else, the function they work in."""
    assured = {grant.function or user.function for grant in grants if grant.role == Role.ASSURER}
    return frozenset((assured or {user.function}) - {""})


SYSTEM = Actor(
    user_id=None,
    email="",
    name="The portal",
    roles=frozenset(),
    functions=frozenset(),
    via="system",
)
