"""The register of shared dependencies and bottlenecks. Every change leaves a version, so that the past can be told."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.models import User
from alignment_portal.accounts.permissions import Action, require
from alignment_portal.audit.chain import record
from alignment_portal.audit.guard import service
from alignment_portal.outbox.events import announce
from alignment_portal.refusals import Conflict, Fault, Invalid, Stale
from initiatives.models import Demand, Status
from portfolio.actions import Actions
from portfolio.models import (
    IN_FLIGHT,
    Bottleneck,
    BottleneckVersion,
    DependencyKind,
    DependencyState,
    DependencyVersion,
    Funding,
    SharedDependency,
    WorkItem,
)
from portfolio.selectors.register import waiting_for

CODE = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
DEPENDENCY = ("title", "kind", "owner", "funding", "state", "due_on", "duration_days", "price", "note")
BOTTLENECK = ("title", "people", "cap", "hours_per_week", "fresh_days", "price_per_person")
LARGEST = 100_000
MOST_HOURS = 168  # of a week
MOST_DAYS = 10_000
MOST_MONEY = 1e12
FIGURES: Mapping[str, float] = {
    "duration_days": MOST_DAYS, "price": MOST_MONEY, "fresh_days": MOST_DAYS, "price_per_person": MOST_MONEY
}  # fmt: skip
CHOICES: Mapping[str, list[str]] = {
    "kind": DependencyKind.values,
    "funding": Funding.values,
    "state": DependencyState.values,
}


@service
def register_dependency(
    *,
    by: Actor,
    code: str,
    title: str,
    kind: str,
    owner: str | None = None,
    funding: str = "unfunded",
    state: str = "open",
    due_on: dt.date | None = None,
    note: str = "",
    duration_days: float | None = None,
    price: float | None = None,
) -> SharedDependency:
    require(by, Action.PORTFOLIO_EDIT)
    _check_code(code, taken=SharedDependency.objects.filter(code=code).exists())
    dependency = SharedDependency(
        code=code, title=title.strip(), kind=kind, funding=funding, state=state, note=note,
        duration_days=duration_days, price=price,
    )  # fmt: skip
    dependency.due_on, dependency.owner = due_on, _person(owner)
    _check_dependency(dependency)
    dependency.save(force_insert=True)
    _keep_dependency(by, dependency, Actions.DEPENDENCY_REGISTERED, before=None)
    return dependency


@service
def change_dependency(
    *, by: Actor, dependency: SharedDependency, changes: Mapping[str, Any], expected: int | None = None
) -> SharedDependency:
    """Change any part but the code; the owner is an e-mail or None.

    With `expected`, only the version the caller has seen is changed.
    """
    require(by, Action.PORTFOLIO_EDIT)
    row = (
        SharedDependency.objects.select_for_update(of=("self",)).select_related("owner").get(pk=dependency.pk)
    )
    _refuse_stale(row.version, expected)
    _refuse_unknown(changes, DEPENDENCY)
    before = _dependency_state(row)
    for name, value in changes.items():
        setattr(row, name, _person(value) if name == "owner" else _stripped(value))
    _check_dependency(row)
    if _dependency_state(row) == before:
        return row
    row.version += 1
    row.save(update_fields=[*DEPENDENCY, "version"])
    _keep_dependency(by, row, Actions.DEPENDENCY_CHANGED, before=before)
    return row


@service
def register_bottleneck(
    *,
    by: Actor,
    code: str,
    title: str,
    cap: int,
    people: int = 1,
    hours_per_week: float = 40.0,
    fresh_days: float | None = None,
    price_per_person: float | None = None,
) -> Bottleneck:
    require(by, Action.PORTFOLIO_EDIT)
    _check_code(code, taken=Bottleneck.objects.filter(code=code).exists())
    bottleneck = Bottleneck(
        code=code, title=title.strip(), people=people, cap=cap, hours_per_week=hours_per_week,
        fresh_days=fresh_days, price_per_person=price_per_person,
    )  # fmt: skip
    _check_bottleneck(bottleneck)
    bottleneck.save(force_insert=True)
    _keep_bottleneck(by, bottleneck, Actions.BOTTLENECK_REGISTERED, before=None)
    return bottleneck


@service
def change_bottleneck(
    *, by: Actor, bottleneck: Bottleneck, changes: Mapping[str, Any], expected: int | None = None
) -> Bottleneck:
    """Change any part but the code; with `expected`, only the version the caller has seen."""
    require(by, Action.PORTFOLIO_EDIT)
    row = Bottleneck.objects.select_for_update().get(pk=bottleneck.pk)
    _refuse_stale(row.version, expected)
    _refuse_unknown(changes, BOTTLENECK)
    before = {name: getattr(row, name) for name in BOTTLENECK}
    for name, value in changes.items():
        setattr(row, name, _stripped(value))
    _check_bottleneck(row)
    _refuse_full(row, lowered=row.cap < before["cap"])
    if {name: getattr(row, name) for name in BOTTLENECK} == before:
        return row
    row.version += 1
    row.save(update_fields=[*BOTTLENECK, "version"])
    _keep_bottleneck(by, row, Actions.BOTTLENECK_CHANGED, before=before)
    return row


def _refuse_full(row: Bottleneck, *, lowered: bool) -> None:
    """The sentence for people; the guard holds it. Not below what is in flight already."""
    taken = WorkItem.objects.filter(bottleneck=row, state__in=IN_FLIGHT, exception=None).count()
    if lowered and taken > row.cap:
        sentence = (
            f"{row.title} has {taken} in flight. Finish or put back something before you lower the cap."
        )
        raise Conflict(sentence, code="cap_reached", pointer="/cap")


def _refuse_stale(version: int, expected: int | None) -> None:
    if expected is not None and expected != version:
        raise Stale("Somebody changed this after you opened it. Nothing was overwritten.", code="stale")


def _stripped(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _person(email: str | None) -> User | None:
    if not email:
        return None
    found = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if found is None:
        raise Invalid(
            f"Nobody active in the portal has the e-mail {email}.", pointer="/owner", code="unknown_person"
        )
    return found


def _check_code(code: str, *, taken: bool) -> None:
    if not CODE.fullmatch(code):
        raise Invalid(
            "A code is a short name of lower-case letters, digits, dots, dashes or underscores.",
            pointer="/code",
            code="invalid_code",
        )
    if taken:
        raise Conflict(f"The code {code} is taken.", code="code_taken", pointer="/code")


def _refuse_unknown(changes: Mapping[str, Any], known: tuple[str, ...]) -> None:
    faults = [
        Fault(f"/{name}", f"There is no field {name} to change.", "unknown_field")
        for name in changes
        if name not in known
    ]
    if faults:
        raise Invalid(faults[0].sentence, faults=faults, code="unknown_field")


def _check_dependency(dependency: SharedDependency) -> None:
    faults = _title_faults(dependency.title)
    for name, values in CHOICES.items():
        if getattr(dependency, name) not in values:
            faults.append(Fault(f"/{name}", f"The {name} is one of {', '.join(values)}.", "unknown_choice"))
    faults += _figure_faults(dependency, "duration_days", "price")
    if dependency.state == DependencyState.DELIVERED and dependency.owner is None:
        faults.append(Fault("/owner", "Name the owner of what was delivered.", "required"))
    if faults:
        raise Invalid(faults[0].sentence, faults=faults, code="invalid")


def _check_bottleneck(bottleneck: Bottleneck) -> None:
    faults = _title_faults(bottleneck.title)
    for name in ("people", "cap"):
        value = getattr(bottleneck, name)
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= LARGEST:
            faults.append(
                Fault(f"/{name}", f"The {name} is a whole number from 1 to {LARGEST:,}.", "out_of_range")
            )
    if not 0 < bottleneck.hours_per_week <= MOST_HOURS:
        sentence = f"A person gives between 0 and {MOST_HOURS} hours a week."
        faults.append(Fault("/hours_per_week", sentence, "out_of_range"))
    faults += _figure_faults(bottleneck, "fresh_days", "price_per_person")
    if faults:
        raise Invalid(faults[0].sentence, faults=faults, code="invalid")


def _figure_faults(row: SharedDependency | Bottleneck, *names: str) -> list[Fault]:
    return [
        Fault(f"/{name}", f"This is a number from 0 to {FIGURES[name]:,.0f}.", "out_of_range")
        for name in names
        if (value := getattr(row, name)) is not None and not 0 <= value <= FIGURES[name]
    ]


def _title_faults(title: str) -> list[Fault]:
    return [] if 1 <= len(title) <= 200 else [Fault("/title", "A title has 1 to 200 characters.", "required")]  # noqa: PLR2004 — the column's length


def _dependency_state(dependency: SharedDependency) -> dict[str, Any]:
    state = {name: getattr(dependency, name) for name in DEPENDENCY if name != "owner"}
    return {**state, "owner": dependency.owner_id}


def _keep_dependency(by: Actor, dependency: SharedDependency, action: Actions, *, before: object) -> None:
    after = _dependency_state(dependency)
    DependencyVersion.objects.create(
        dependency=dependency,
        number=dependency.version,
        recorded_at=clock.now(),
        recorded_by_id=by.user_id,
        **{name: getattr(dependency, name) for name in DEPENDENCY},
    )
    record(by=by, action=action, subject=dependency.code, before=before, after=after)
    _announce(waiting_for(dependency.code))


def _keep_bottleneck(by: Actor, bottleneck: Bottleneck, action: Actions, *, before: object) -> None:
    after = {name: getattr(bottleneck, name) for name in BOTTLENECK}
    BottleneckVersion.objects.create(
        bottleneck=bottleneck,
        number=bottleneck.version,
        recorded_at=clock.now(),
        recorded_by_id=by.user_id,
        **after,
    )
    record(by=by, action=action, subject=bottleneck.code, before=before, after=after)
    needing = Demand.objects.filter(bottleneck=bottleneck.code).exclude(initiative__status=Status.RETIRED)
    _announce(sorted(set(needing.values_list("initiative__key", flat=True))))


def _announce(keys: list[str]) -> None:
    if keys:
        announce("portfolio.dependency_changed", keys=keys)
