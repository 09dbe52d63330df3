"""What-ifs in words, side by side, and those that people chose for the paper of the portfolio."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portfolio.models import JobState, ScenarioChoice, Simulation

RULES = {
    "start_all": gettext_lazy("everything at once"),
    "capped": gettext_lazy("at most %(cap)s initiatives at once"),
    "register": gettext_lazy("each function within its cap"),
}


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
    told = [str(RULES[levers["rule"]]) % {"cap": levers.get("cap")}]
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


def assumptions_told(row: Simulation) -> list[str]:
    """What its figures rest on, a sentence each."""
    levers, facts = row.levers, row.facts
    unvalued = sum(not one["valued"] for one in facts["initiatives"].values())
    guessed = [one["title"] for one in facts["dependencies"].values() if one["guessed"]]
    told = [
        f"{row.runs:,} runs with seed {row.seed}, on the facts of {row.as_of:%-d %B %Y}.",
        (
            f"Each extra thing a person has costs {levers['switching_loss']:.0%} of their pace; "
            f"work varies with a coefficient of variation of {levers['cv']:g}."
        ),
        (
            f"What nobody owns is picked up after {levers['pickup_days']:g} work days on average; "
            f"what is not funded waits {levers['funding_days']:g} for the next round."
        ),
    ]
    if unvalued:
        told.append(
            f"Initiatives without a stated value count as nothing: {unvalued} of {len(facts['initiatives'])}."
        )
    if guessed:
        told.append(f"Without a recorded duration, 30 work days are taken for {', '.join(guessed)}.")
    return told


def _last_choice() -> Subquery:
    about = ScenarioChoice.objects.filter(simulation=OuterRef("pk")).order_by("-id")
    return Subquery(about.values("shown")[:1])


def with_choice(rows: QuerySet[Simulation]) -> QuerySet[Simulation]:
    """The same rows, each with `in_pack`: whether the paper of the portfolio shows it."""
    return rows.annotate(in_pack=_last_choice())


def scenarios_chosen(at: dt.datetime | None = None) -> list[Simulation]:
    """Those the paper shows, or showed at a moment, in the order in which they were asked. One query."""
    known = ScenarioChoice.objects.filter(simulation=OuterRef("pk")).order_by("-id")
    if at is not None:
        known = known.filter(at__lte=at)
    rows = Simulation.objects.filter(state=JobState.DONE).annotate(chosen=Subquery(known.values("shown")[:1]))
    return list(rows.filter(chosen=True).order_by("id"))
