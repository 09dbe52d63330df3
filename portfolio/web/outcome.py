"""The answer to a what-if in words and tables; initiatives the reader may not see add to sums and are not named."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from portfolio.models import Simulation
from portfolio.selectors.scenarios import Side


@dataclass(frozen=True)
class Finish:
    """When one initiative would be ready; None where the scenario drops it."""

    key: str
    title: str
    today: Mapping[str, dt.date]
    scenario: Mapping[str, dt.date] | None
    sooner: int | None


@dataclass(frozen=True)
class Wait:
    title: str
    today: float
    scenario: float


@dataclass(frozen=True)
class Option:
    """An investment: what it takes, what it saves, and how much for each unit of money."""

    names: str
    price: float
    saved: float
    per_money: float | None
    days: float


@dataclass(frozen=True)
class Outcome:
    sentence: str
    side: Side
    finishes: tuple[Finish, ...]
    unseen: int
    waits: tuple[Wait, ...]
    singles: tuple[Option, ...]
    pairs: tuple[Option, ...]
    bundle: tuple[Option, ...]
    unpriced: tuple[str, ...]
    switching: tuple[tuple[str, float], ...]
    unvalued: int
    guessed: tuple[str, ...]


def outcome_of(row: Simulation, visible: Collection[str]) -> Outcome:
    facts, result = row.facts, row.result or {}
    before, after = result["today"], result["scenario"]
    side = Side.of(row)
    seen = [key for key in facts["initiatives"] if key in visible]
    investments = result["investments"]
    return Outcome(
        sentence=_sentence(side),
        side=side,
        finishes=tuple(sorted((_finish(key, facts, before, after) for key in seen), key=_soonest)),
        unseen=len(facts["initiatives"]) - len(seen),
        waits=tuple(_waits(facts, before, after)),
        singles=tuple(_option(one, facts) for one in investments["singles"]),
        pairs=tuple(_option(one, facts) for one in investments["pairs"]),
        bundle=tuple(_option(one, facts) for one in investments["bundle"]),
        unpriced=tuple(_name(code, facts) for code in investments["unpriced"]),
        switching=tuple(sorted(result["switching"].items())),
        unvalued=sum(not one["valued"] for one in facts["initiatives"].values()),
        guessed=tuple(one["title"] for one in facts["dependencies"].values() if one["guessed"]),
    )


def _sentence(side: Side) -> str:
    """Cost first, then days; what is not better is said as plainly."""
    days = side.today["mean_finish"]["mean"] - side.scenario["mean_finish"]["mean"]
    if not side.today["finish"]:
        return _("No initiative is on its way.")
    money = _("%(share)s%% of the cost of delay") % {"share": f"{abs(side.saved_share):.0%}".rstrip("%")}
    saves = _("saves %(money)s") if side.saved >= 0 else _("costs %(money)s more")
    pace = _("%(days)s work days sooner") if days >= 0 else _("%(days)s work days later")
    return _(
        "Against starting everything today, this %(saves)s; initiatives are ready %(pace)s on average."
    ) % {
        "saves": saves % {"money": money},
        "pace": pace % {"days": f"{abs(days):.0f}"},
    }


def _dates(summary: Mapping[str, Any], key: str) -> dict[str, dt.date] | None:
    found = summary["ready_on"].get(key)
    return None if found is None else {name: dt.date.fromisoformat(day) for name, day in found.items()}


def _finish(
    key: str, facts: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]
) -> Finish:
    later = after["finish"].get(key)
    sooner = None if later is None else round(before["finish"][key]["p80"] - later["p80"])
    return Finish(
        key, facts["initiatives"][key]["title"], _dates(before, key) or {}, _dates(after, key), sooner
    )


def _soonest(finish: Finish) -> tuple[bool, dt.date, str]:
    return finish.scenario is None, (finish.scenario or finish.today)["p80"], finish.key


def _waits(facts: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Wait]:
    waits = [
        Wait(facts[kind][code]["title"], days, after[name].get(code, 0.0))
        for kind, name in (("functions", "waits_function"), ("dependencies", "waits_dependency"))
        for code, days in before[name].items()
    ]
    return sorted((wait for wait in waits if wait.today + wait.scenario > 1), key=lambda wait: -wait.scenario)


def _option(one: Mapping[str, Any], facts: Mapping[str, Any]) -> Option:
    names = ", ".join(_name(code, facts) for code in one["codes"])
    return Option(names, one["price"], one["saved"], one["per_money"], one["days"])


def _name(code: str, facts: Mapping[str, Any]) -> str:
    deed, _colon, what = code.partition(":")
    kind = "functions" if deed == "people" else "dependencies"
    words = {"own": _("own %(title)s"), "fund": _("fund %(title)s"), "people": _("one more in %(title)s")}
    return words[deed] % {"title": facts[kind][what]["title"]}
