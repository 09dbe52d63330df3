"""Reading a portfolio file, and its first form: dossiers, people and registers, without what was decided on them.

What is written today is of the second form (portfolio_rows.py).
"""

from __future__ import annotations

import datetime as dt

import msgspec

from alignment_portal.operations.portfolio_rows import FORMAT as ROWS_FORMAT
from alignment_portal.operations.portfolio_rows import PortfolioRows
from alignment_portal.refusals import Invalid

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


class _Head(msgspec.Struct):
    format: str = ""


def read(raw: bytes) -> PortfolioFile | PortfolioRows:
    """The file in the form it says it has. Raises Invalid with the place of the first thing that is not as it should be."""
    try:
        form = msgspec.json.decode(raw, type=_Head).format
        if form == FORMAT:
            return msgspec.json.decode(raw, type=PortfolioFile)
        if form == ROWS_FORMAT:
            return msgspec.json.decode(raw, type=PortfolioRows)
    except msgspec.DecodeError as error:
        raise Invalid(f"This is not a portfolio file: {error}.", code="not_a_portfolio") from error
    if not form:
        raise Invalid("This is not a portfolio file: it says no form.", code="not_a_portfolio")
    raise Invalid(
        f"This file is of the form “{form[:40]}”; the portal reads {FORMAT} and {ROWS_FORMAT}.",
        pointer="/format",
    )
