"""People and their roles as a table, brought in row by row by the services that pages use."""

from collections.abc import Iterator, Mapping
from typing import Any

from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.models import RoleGrant, User
from alignment_portal.accounts.permissions import Action, require
from alignment_portal.accounts.roles import Function
from alignment_portal.accounts.services import change_person, grant_role, open_person
from alignment_portal.http.importing import Done, Importer
from alignment_portal.http.problems import faults_of
from alignment_portal.http.sheets import Column
from alignment_portal.refusals import Fault, Invalid, Refusal

COLUMNS = (
    Column("email", "E-mail address", required=True, example="ann@example.org"),
    Column("name", "Name", required=True, example="Ann Other"),
    Column("title", "Title", example="Head of service"),
    Column("function", "Function", example="business"),
    Column("time_zone", "Time zone", example="Europe/London"),
    Column("roles", "Roles", example="executive, assurer:risk"),
)
STAND_INS = {"email": "row-without@address.example", "name": "Name", "function": Function.BUSINESS}
FIELDS = ("name", "title", "function", "time_zone")


def importer_of(by: Actor) -> Importer:
    """A role that is named is given; one that is not named stays, since taking it away is a decision of its own."""
    require(by, Action.PEOPLE_MANAGE)
    return Importer("people", COLUMNS, lambda values: _keep(by, values), key="email", stand_ins=STAND_INS)


def people_rows() -> Iterator[list[str]]:
    """Everybody who can be brought back: not programs, nobody who left."""
    people = User.objects.with_roles().filter(is_active=True, is_service=False).order_by("email")
    for person in people:
        roles = ", ".join(_role_word(grant) for grant in person.current_grants())
        yield [person.email, person.name, person.title, person.function, person.time_zone, roles]


def _role_word(grant: RoleGrant) -> str:
    return f"{grant.role}:{grant.function}" if grant.function else grant.role


def _keep(by: Actor, values: Mapping[str, str]) -> Done:
    email = values["email"].lower()
    fields: dict[str, Any] = {name: values[name] for name in FIELDS if name in values}
    if not fields.get("time_zone"):  # nobody is without one, so that an empty cell says nothing
        fields.pop("time_zone", None)
    person = User.objects.filter(email=email).first()
    if person is None:
        opened = open_person(by=by, email=email, **fields)
        _give(by, opened, values.get("roles", ""))
        return Done("add", email)
    before = {name: str(getattr(person, name)) for name in fields}
    differences = [(name, before[name], text) for name, text in fields.items() if before[name] != text]
    change_person(by=by, person=person, **fields)
    given = _give(by, person, values.get("roles", ""))
    differences += [("roles", "", word) for word in given]
    return Done("change" if differences else "same", email, tuple(differences))


def _give(by: Actor, person: User, text: str) -> list[str]:
    """The roles of a cell, and which of them are new."""
    held = {_role_word(grant) for grant in RoleGrant.objects.filter(user=person, revoked_at__isnull=True)}
    words = [word for word in text.lower().replace(";", ",").replace(" ", "").split(",") if word]
    new = [word for word in words if word not in held]
    faults: list[Fault] = []
    for word in new:
        role, _, function = word.partition(":")
        try:
            grant_role(by=by, person=person, role=role, function=function)
        except Refusal as refusal:
            found = faults_of(refusal)
            if not found:  # about the person, and not about this role
                raise
            faults += [Fault("/roles", fault.sentence, fault.code) for fault in found]
    if faults:
        raise Invalid(faults[0].sentence, faults=faults)
    return new
