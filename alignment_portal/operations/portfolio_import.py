"""Bringing a portfolio file of the first form into an empty portal: all of it, by the services that pages use, or nothing."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from django.db.models import Model

from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.models import User
from alignment_portal.accounts.permissions import Action, require
from alignment_portal.accounts.services import (
    change_person,
    deactivate_person,
    grant_role,
    open_person,
    open_service_account,
)
from alignment_portal.audit.chain import record
from alignment_portal.audit.guard import service
from alignment_portal.http.problems import faults_of
from alignment_portal.operations.actions import Actions
from alignment_portal.operations.portfolio_file import (
    Change,
    Group,
    Hope,
    Person,
    Pool,
    PortfolioFile,
    Shared,
)
from alignment_portal.refusals import Conflict, Fault, Invalid, Refusal
from initiatives.models import Cluster, Initiative
from initiatives.services.dossiers import save_dossier
from portfolio.models import Bottleneck, PeopleGroup, SharedDependency
from portfolio.services.closures import keep_closure
from portfolio.services.people import record_group, record_other_change
from portfolio.services.register import register_bottleneck, register_dependency
from portfolio.services.worths import state_worth

TABLES: tuple[tuple[type[Model], str], ...] = (
    (Initiative, "initiatives"),
    (Bottleneck, "bottlenecks"),
    (SharedDependency, "shared dependencies"),
    (PeopleGroup, "groups of people"),
)


@service
def import_portfolio(*, by: Actor, file: PortfolioFile, fingerprint: str) -> dict[str, int]:
    """How much came in, by kind. Raises Invalid with every fault of every part, and then nothing stands."""
    for action in (Action.PEOPLE_MANAGE, Action.PORTFOLIO_EDIT, Action.INITIATIVE_CREATE):
        require(by, action)
    _require_empty()
    faults: list[Fault] = []
    counts: dict[str, int] = {}
    for name, rows, keep in _steps(by, file):
        counts[name] = _all(name, rows, keep, faults)
        if faults:  # what follows rests on it, and would only repeat the same faults
            raise Invalid("Nothing was imported: parts of the file are wrong.", faults=faults)
    _close_accounts(by, file.people)
    record(
        by=by,
        action=Actions.PORTFOLIO_IMPORTED,
        subject="portfolio",
        after=counts,
        fingerprint=fingerprint,
        **_told(counts),
    )
    return counts


def _told(counts: dict[str, int]) -> dict[str, Any]:
    return {"initiatives": counts["dossiers"], "people": counts["people"]}


def _require_empty() -> None:
    for model, words in TABLES:
        if model._base_manager.exists():
            raise Conflict(
                f"This portal holds {words} already. A portfolio comes into an empty portal only.",
                code="not_empty",
            )


def _steps(by: Actor, file: PortfolioFile) -> Iterable[tuple[str, Iterable[Any], Callable[[Any], object]]]:
    return (
        ("people", file.people, lambda row: _person(by, row)),
        ("clusters", file.clusters, lambda row: Cluster.objects.create(code=row.code, title=row.title)),
        ("groups", file.groups, lambda row: _group(by, row)),
        ("other_changes", file.other_changes, lambda row: _change(by, row)),
        ("bottlenecks", file.bottlenecks, lambda row: _pool(by, row)),
        ("dependencies", file.dependencies, lambda row: _dependency(by, row)),
        ("dossiers", file.dossiers, lambda row: save_dossier(by=by, document=bytes(row), create=True)),
        ("worths", file.worths, lambda row: _worth(by, row)),
    )


def _all(name: str, rows: Iterable[Any], keep: Callable[[Any], object], faults: list[Fault]) -> int:
    count = 0
    for count, row in enumerate(rows, start=1):
        try:
            keep(row)
        except Refusal as refusal:
            place = f"/{name}/{count - 1}"
            found = faults_of(refusal) or (Fault(refusal.pointer, refusal.sentence, refusal.code),)
            faults += [Fault(f"{place}{fault.pointer}", fault.sentence, fault.code) for fault in found]
    return count


def _person(by: Actor, row: Person) -> None:
    """Somebody who is there already, such as the first administrator, becomes as the file says."""
    fields = {name: getattr(row, name) for name in ("name", "title", "function", "time_zone")}
    known = User.objects.filter(email=row.email).first()
    if known is None and row.service:
        known = open_service_account(by=by, email=row.email, name=row.name)
    person = open_person(by=by, email=row.email, **fields) if known is None else known
    change_person(by=by, person=person, **fields)
    for held in row.roles:
        grant_role(by=by, person=person, role=held.role, function=held.function)


def _close_accounts(by: Actor, people: Iterable[Person]) -> None:
    """Last, since dossiers may still name somebody who has left."""
    for person in User.objects.filter(email__in=[row.email for row in people if not row.active]):
        deactivate_person(by=by, person=person, reason="Closed in the portal that the portfolio comes from.")


def _fields(row: msgspec.Struct, *but: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__struct_fields__ if name not in but}


def _group(by: Actor, row: Group) -> None:
    record_group(by=by, **_fields(row))


def _change(by: Actor, row: Change) -> None:
    record_other_change(by=by, **_fields(row))


def _pool(by: Actor, row: Pool) -> None:
    pool = register_bottleneck(by=by, **_fields(row, "closures"))
    for closed in row.closures:
        keep_closure(by=by, bottleneck=pool, **_fields(closed))


def _dependency(by: Actor, row: Shared) -> None:
    register_dependency(by=by, **_fields(row))


def _worth(by: Actor, row: Hope) -> None:
    initiative = Initiative.objects.filter(key=row.initiative).first()
    if initiative is None:
        raise Invalid(f"There is no initiative {row.initiative} in the file.", pointer="/initiative")
    state_worth(by=by, initiative=initiative, **_fields(row, "initiative"))
