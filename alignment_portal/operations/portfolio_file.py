"""The portfolio as one file: what another portal needs to hold the same dossiers and registers, and nothing secret.

It carries what is claimed and registered. What was decided (evidence, endorsements, verdicts, reviews, the record)
is proof of one portal and travels in a backup only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import msgspec
from django.db.models import F

from alignment_portal.accounts.models import User
from alignment_portal.refusals import Invalid
from initiatives.models import Cluster, DossierVersion
from portfolio.models import Bottleneck, Closure, OtherChange, SharedDependency, Worth
from portfolio.selectors.change_load import registered_groups

FORMAT = "portfolio/1"


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One part of the file; what it does not know it refuses."""


class RoleHeld(_Part, frozen=True):
    role: str
    function: str = ""


class Person(_Part, frozen=True):
    """Somebody by e-mail. No password, factor, token or session: they sign in anew."""

    email: str
    name: str
    title: str = ""
    function: str = ""
    time_zone: str = "UTC"
    active: bool = True
    service: bool = False
    roles: tuple[RoleHeld, ...] = ()


class ClusterRow(_Part, frozen=True):
    code: str
    title: str


class Group(_Part, frozen=True):
    code: str
    name: str
    headcount: int
    capacity_hours: float
    peak_months: tuple[int, ...]
    peak_share: float


class Change(_Part, frozen=True):
    group: str
    title: str
    hours_per_person: float
    starts_on: dt.date
    ends_on: dt.date


class Closed(_Part, frozen=True):
    starts_on: dt.date
    ends_on: dt.date
    reason: str


class Pool(_Part, frozen=True):
    """A shared function, a bottleneck."""

    code: str
    title: str
    people: int
    cap: int
    hours_per_week: float
    fresh_days: float | None
    price_per_person: float | None
    closures: tuple[Closed, ...]


class Shared(_Part, frozen=True):
    """A shared dependency."""

    code: str
    title: str
    kind: str
    owner: str | None
    funding: str
    state: str
    due_on: dt.date | None
    duration_days: float | None
    price: float | None
    note: str


class Hope(_Part, frozen=True):
    """What an initiative is hoped to bring and what it takes, as last stated."""

    initiative: str
    value: tuple[float, float, float]
    cost: tuple[float, float, float]
    currency: str
    owner: str
    basis: str


class PortfolioFile(_Part, frozen=True):
    format: str
    people: tuple[Person, ...]
    clusters: tuple[ClusterRow, ...]
    groups: tuple[Group, ...]
    other_changes: tuple[Change, ...]
    bottlenecks: tuple[Pool, ...]
    dependencies: tuple[Shared, ...]
    dossiers: tuple[msgspec.Raw, ...]
    worths: tuple[Hope, ...]


def read(raw: bytes) -> PortfolioFile:
    """Raises Invalid with the place of the first thing that is not as it should be."""
    try:
        found = msgspec.json.decode(raw, type=PortfolioFile)
    except msgspec.DecodeError as error:
        raise Invalid(f"This is not a portfolio file: {error}.", code="not_a_portfolio") from error
    if found.format != FORMAT:
        raise Invalid(
            f"This file is of the form “{found.format[:40]}”; the portal reads {FORMAT}.", pointer="/format"
        )
    return found


def portfolio_bytes() -> bytes:
    """The same portfolio gives the same bytes: every list in the order of its keys, every name in its place."""
    body = PortfolioFile(
        format=FORMAT,
        people=tuple(_people()),
        clusters=tuple(
            ClusterRow(code=row.code, title=row.title) for row in Cluster.objects.order_by("code")
        ),
        groups=tuple(_groups()),
        other_changes=tuple(_changes()),
        bottlenecks=tuple(_pools()),
        dependencies=tuple(_dependencies()),
        dossiers=tuple(_dossiers()),
        worths=tuple(_worths()),
    )
    plain = msgspec.json.decode(msgspec.json.encode(body))
    return msgspec.json.format(msgspec.json.encode(plain, order="sorted"), indent=1) + b"\n"


def _people() -> Iterator[Person]:
    for person in User.objects.with_roles().order_by("email"):
        roles = sorted((grant.role, grant.function) for grant in person.current_grants())
        yield Person(
            email=person.email,
            name=person.name,
            title=person.title,
            function=person.function,
            time_zone=person.time_zone,
            active=person.is_active,
            service=person.is_service,
            roles=tuple(RoleHeld(role=role, function=function) for role, function in roles),
        )


def _groups() -> Iterator[Group]:
    for row in sorted(registered_groups(), key=lambda group: group.code):
        yield Group(
            code=row.code,
            name=row.name,
            headcount=row.headcount,
            capacity_hours=row.capacity_hours,
            peak_months=tuple(row.peak_months),
            peak_share=row.peak_share,
        )


def _changes() -> Iterator[Change]:
    standing = OtherChange.objects.filter(withdrawn_at__isnull=True)
    for row in standing.order_by("group", "starts_on", "ends_on", "title", "hours_per_person"):
        yield Change(
            group=row.group,
            title=row.title,
            hours_per_person=row.hours_per_person,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
        )


def _pools() -> Iterator[Pool]:
    closed: dict[int, list[Closed]] = {}
    for closure in Closure.objects.order_by("starts_on"):
        told = Closed(starts_on=closure.starts_on, ends_on=closure.ends_on, reason=closure.reason)
        closed.setdefault(closure.bottleneck_id, []).append(told)
    names = [name for name in Pool.__struct_fields__ if name != "closures"]
    for row in Bottleneck.objects.order_by("code"):
        yield Pool(closures=tuple(closed.get(row.pk, ())), **_columns(row, names))


def _dependencies() -> Iterator[Shared]:
    names = [name for name in Shared.__struct_fields__ if name != "owner"]
    for row in SharedDependency.objects.select_related("owner").order_by("code"):
        yield Shared(owner=row.owner.email if row.owner else None, **_columns(row, names))


def _columns(row: object, names: list[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _dossiers() -> Iterator[msgspec.Raw]:
    current = DossierVersion.objects.filter(number=F("initiative__version")).order_by("initiative__key")
    for text in current.values_list("document", flat=True).iterator(chunk_size=500):
        yield msgspec.Raw(text.encode())


def _worths() -> Iterator[Hope]:
    latest: dict[str, Worth] = {}
    for row in Worth.objects.select_related("initiative", "owner").order_by("initiative__key", "number"):
        latest[row.initiative.key] = row
    for key, row in latest.items():
        yield Hope(
            initiative=key,
            value=(row.value_low, row.value_likely, row.value_high),
            cost=(row.cost_low, row.cost_likely, row.cost_high),
            currency=row.currency,
            owner=row.owner.email,
            basis=row.basis,
        )
