"""Rows of a spreadsheet for the registers: read as people type them, kept by the services that pages use."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action, require
from alignment_portal.http.importing import Done, Importer
from alignment_portal.http.sheets import Column
from alignment_portal.refusals import Fault, Invalid, NotFound
from portfolio.models import Bottleneck, DependencyKind, PeopleGroup, SharedDependency
from portfolio.services.people import record_group
from portfolio.services.register import (
    change_bottleneck,
    change_dependency,
    register_bottleneck,
    register_dependency,
)

COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "bottlenecks": (
        Column("code", "Code", required=True, example="legal"),
        Column("title", "Function", required=True, example="Legal and privacy"),
        Column("people", "People", required=True, example="2"),
        Column("cap", "Cap", required=True, example="3"),
        Column("hours_per_week", "Hours a week", example="40"),
        Column("fresh_days", "Days its work stays valid", example="90"),
        Column("price_per_person", "Cost of a person a year", example="90000"),
    ),
    "dependencies": (
        Column("code", "Code", required=True, example="decision-log"),
        Column("title", "Dependency", required=True, example="Decision log platform"),
        Column("kind", "Kind", required=True, example="platform"),
        Column("owner", "Owner", example="somebody@example.org"),
        Column("funding", "Funding", example="unfunded"),
        Column("state", "State", example="open"),
        Column("due_on", "Due on", example="2026-12-31"),
        Column("duration_days", "Work days to deliver", example="40"),
        Column("price", "Price", example="120000"),
        Column("note", "Note"),
    ),
    "groups": (
        Column("code", "Code", required=True, example="agents"),
        Column("name", "Group", required=True, example="Customer service agents"),
        Column("headcount", "People", required=True, example="140"),
        Column("capacity_hours", "Hours a month", example="12"),
        Column("peak_months", "Peak months", example="11, 12"),
        Column("peak_share", "Share left in the peak", example="0.5"),
    ),
}
# The code is one that nothing has: the row is then judged as a new one.
STAND_INS: Mapping[str, Mapping[str, str]] = {
    "bottlenecks": {"code": "row-without-code", "title": "Function", "people": "1", "cap": "1"},
    "dependencies": {"code": "row-without-code", "title": "Dependency", "kind": DependencyKind.PLATFORM},
    "groups": {"code": "row-without-code", "name": "Group", "headcount": "1"},
}
NUMBERS = frozenset(
    {
        "hours_per_week",
        "fresh_days",
        "price_per_person",
        "duration_days",
        "price",
        "capacity_hours",
        "peak_share",
    }
)
WHOLE = frozenset({"people", "cap", "headcount"})
KEPT_WHEN_EMPTY = frozenset(
    {"hours_per_week", "capacity_hours", "peak_share", "funding", "state", "peak_months"}
)


def importer_of(kind: str, by: Actor) -> Importer:
    """The importer of one register, for whoever may change it."""
    require(by, Action.PORTFOLIO_EDIT)
    if kind not in COLUMNS:
        raise NotFound(f"There is no register “{kind}” to import into.", code="unknown_register")
    keep = {"bottlenecks": _bottleneck, "dependencies": _dependency, "groups": _group}[kind]
    return Importer(
        kind, COLUMNS[kind], lambda values: keep(by, read_values(values)), stand_ins=STAND_INS[kind]
    )


def read_values(values: Mapping[str, str]) -> dict[str, Any]:
    """Texts as values, every fault at once. An empty cell is nothing, or what the register says by itself."""
    faults, read = [], {}
    for name, text in values.items():
        if not text and name in KEPT_WHEN_EMPTY:
            continue
        try:
            read[name] = _value(name, text)
        except ValueError:
            faults.append(Fault(f"/{name}", f"“{text[:40]}” is not {_wanted(name)}.", "invalid"))
    if faults:
        raise Invalid(faults[0].sentence, faults=faults, code="invalid")
    return read


def _value(name: str, text: str) -> Any:
    if name in WHOLE:
        return int(text)
    if name in NUMBERS:
        return float(text) if text else None
    if name == "due_on":
        return dt.date.fromisoformat(text) if text else None
    if name == "peak_months":
        return [int(word) for word in text.replace(",", " ").split()]
    if name == "owner":
        return text or None
    return text.lower() if name in {"kind", "funding", "state"} else text


def _wanted(name: str) -> str:
    if name == "due_on":
        return "a day such as 2026-12-31"
    return "a whole number" if name in WHOLE else "a number"


def _kept(  # noqa: PLR0917 — a row, and the three deeds it may need
    code: str,
    known: Any,
    values: dict[str, Any],
    told: Callable[[Any, str], Any],
    add: Callable[[], Any],
    change: Callable[[Any, dict[str, Any]], Any],
) -> Done:
    if known is None:
        add()
        return Done("add", code)
    before = {name: told(known, name) for name in values}
    values = {name: before[name] if _alike(before[name], value) else value for name, value in values.items()}
    differences = tuple(
        (name, _said(before[name]), _said(value)) for name, value in values.items() if before[name] != value
    )
    change(known, values)
    return Done("change" if differences else "same", code, differences)


def _alike(before: Any, value: Any) -> bool:
    """The same number, as far as the fifteen digits go that a spreadsheet keeps of it."""
    if isinstance(before, float) and isinstance(value, float):
        return f"{before:.15g}" == f"{value:.15g}"
    return bool(before == value)


def _said(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return "" if value is None else str(value)


def _bottleneck(by: Actor, values: dict[str, Any]) -> Done:
    code = values.pop("code")
    return _kept(
        code,
        Bottleneck.objects.filter(code=code).first(),
        values,
        getattr,
        lambda: register_bottleneck(by=by, code=code, **values),
        lambda row, changes: change_bottleneck(by=by, bottleneck=row, changes=changes),
    )


def _dependency(by: Actor, values: dict[str, Any]) -> Done:
    code = values.pop("code")

    def told(row: SharedDependency, name: str) -> Any:
        return (row.owner.email if row.owner else None) if name == "owner" else getattr(row, name)

    return _kept(
        code,
        SharedDependency.objects.select_related("owner").filter(code=code).first(),
        values,
        told,
        lambda: register_dependency(by=by, code=code, **values),
        lambda row, changes: change_dependency(by=by, dependency=row, changes=changes),
    )


def _group(by: Actor, values: dict[str, Any]) -> Done:
    code = values.pop("code")
    known = PeopleGroup.objects.filter(code=code).order_by("-number").first()
    names = ("capacity_hours", "peak_months", "peak_share")
    said = {name: getattr(known, name) for name in names} if known else {}
    return _kept(
        code,
        known,
        values,
        getattr,
        lambda: record_group(by=by, code=code, **values),
        lambda _row, changes: record_group(by=by, code=code, **{**said, **changes}),
    )
