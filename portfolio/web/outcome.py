"""The answer to a what-if in words and tables; initiatives the reader may not see add to sums and are not named."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from portfolio.models import Simulation

RULES = {
    "start_all": _("everything at once"),
    "capped": _("at most %(cap)s initiatives at once"),
    "register": _("each function within its cap"),
}


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
    side: "Side"
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


@dataclass(frozen=True)
class Side:
    """One scenario as a column of a comparison."""

    ref: str
    title: str
    currency: str
    levers: tuple[str, ...]
    today: Mapping[str, Any]
    scenario: Mapping[str, Any]
    saved: float
    saved_share: float

    @classmethod
    def of(cls, row: Simulation) -> "Side":
        result = row.result or {}
        before, after = result["today"]["cost"]["mean"], result["scenario"]["cost"]["mean"]
        return cls(
            ref=row.ref,
            title=row.title,
            currency=row.facts["currency"],
            levers=tuple(levers_told(row)),
            today=result["today"],
            scenario=result["scenario"],
            saved=before - after,
            saved_share=(before - after) / before if before else 0.0,
        )


def levers_told(row: Simulation) -> list[str]:
    """What a scenario changes, a phrase for each lever that was pulled."""
    levers, facts = row.levers, row.facts
    told = [RULES[levers["rule"]] % {"cap": levers.get("cap")}]
    if levers.get("skip_blocked"):
        told.append(_("no place for what could only wait"))
    names = {**facts["dependencies"], **facts["functions"]}
    told += [_("%(title)s gets an owner") % {"title": names[code]["title"]} for code in levers.get("own", ())]
    told += [_("%(title)s is funded") % {"title": names[code]["title"]} for code in levers.get("fund", ())]
    told += [
        _("%(title)s is there at once") % {"title": names[code]["title"]}
        for code in levers.get("deliver", ())
    ]
    told += [
        _("%(count)s more in %(title)s") % {"count": more, "title": names[code]["title"]}
        for code, more in levers.get("people", {}).items()
        if more
    ]
    told += [_("without %(key)s") % {"key": key} for key in levers.get("drop", ())]
    told += [
        _("%(key)s not before %(day)s") % {"key": key, "day": day}
        for key, day in levers.get("move", {}).items()
    ]
    told += [
        _("%(key)s launched on %(day)s") % {"key": key, "day": day}
        for key, day in levers.get("launch", {}).items()
    ]
    if levers.get("order"):
        told.append(_("in the order %(keys)s") % {"keys": ", ".join(levers["order"])})
    return told


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
    money = _("%(share)s %% of the cost of delay") % {"share": f"{abs(side.saved_share):.0%}".rstrip("%")}
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
