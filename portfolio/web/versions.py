"""The history of a row of the register, each version told as what changed in it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from alignment_portal.http.templatetags.parts import long_date
from portfolio.models import Bottleneck, DependencyKind, DependencyState, Funding, SharedDependency

LABELS: Mapping[str, Any] = {
    "title": _("title"),
    "kind": _("kind"),
    "owner": _("owner"),
    "funding": _("funding"),
    "state": _("state"),
    "due_on": _("due date"),
    "note": _("note"),
    "people": _("people"),
    "cap": _("cap"),
    "hours_per_week": _("hours a week"),
    "fresh_days": _("days that its work stays valid"),
    "price_per_person": _("cost of a person a year"),
    "duration_days": _("days to deliver"),
    "price": _("price"),
}
WORDS: Mapping[str, Mapping[Any, Any]] = {
    "kind": dict(DependencyKind.choices),
    "funding": dict(Funding.choices),
    "state": dict(DependencyState.choices),
}
DEPENDENCY = ("title", "kind", "owner", "funding", "state", "due_on", "duration_days", "price", "note")
BOTTLENECK = ("title", "people", "cap", "hours_per_week", "fresh_days", "price_per_person")


@dataclass(frozen=True)
class Change:
    """One recorded version; the first one has no differences."""

    number: int
    at: dt.datetime
    who: str
    differences: tuple[tuple[str, str, str], ...]  # label, before, after


def dependency_changes(row: SharedDependency) -> list[Change]:
    return _changes(row.versions.select_related("owner", "recorded_by").order_by("number"), DEPENDENCY)


def bottleneck_changes(row: Bottleneck) -> list[Change]:
    return _changes(row.versions.select_related("recorded_by").order_by("number"), BOTTLENECK)


def last_change(row: SharedDependency | Bottleneck) -> Change:
    changes = dependency_changes(row) if isinstance(row, SharedDependency) else bottleneck_changes(row)
    return changes[0]


def values_at(row: SharedDependency | Bottleneck, number: int) -> dict[str, Any]:
    """A version's values as a form sends them; none when there was no such version."""
    version = row.versions.filter(number=number).first()
    if version is None:
        return {}
    names = DEPENDENCY if isinstance(row, SharedDependency) else BOTTLENECK
    return {name: _email(getattr(version, name)) for name in names}


def _email(value: Any) -> Any:
    return getattr(value, "email", value)


def _changes(versions: Any, names: tuple[str, ...]) -> list[Change]:
    """The newest first."""
    found: list[Change] = []
    before = None
    for version in versions:
        differences = () if before is None else tuple(_differences(before, version, names))
        who = version.recorded_by.name if version.recorded_by else str(_("The portal"))
        found.insert(0, Change(version.number, version.recorded_at, who, differences))
        before = version
    return found


def _differences(before: Any, after: Any, names: tuple[str, ...]) -> Any:
    for name in names:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield str(LABELS[name]), _said(name, old), _said(name, new)


def _said(name: str, value: Any) -> str:
    if value is None or value == "":
        return str(_("none"))
    if isinstance(value, dt.date):
        return long_date(value)
    return str(getattr(value, "name", None) or WORDS.get(name, {}).get(value, value))
