"""The what-ifs that people chose for the paper of the portfolio."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from packs.content.gathered import Outcome, Scenario
from packs.selectors.subjects import PORTFOLIO, Subject
from portfolio.selectors.scenarios import Side, assumptions_told, scenarios_chosen


def scenarios_in(subject: Subject, at: datetime | None) -> tuple[Scenario, ...]:
    """None for a cluster: a what-if is of the whole portfolio. One query."""
    if subject.kind != PORTFOLIO:
        return ()
    found = []
    for row in scenarios_chosen(at):
        side = Side.of(row)
        found.append(
            Scenario(
                ref=row.ref,
                title=row.title,
                as_of=row.as_of.date(),
                currency=side.currency,
                levers=side.levers,
                assumptions=tuple(assumptions_told(row)),
                today=_outcome(side.today),
                outcome=_outcome(side.scenario),
                saved=side.saved,
            )
        )
    return tuple(found)


def _outcome(told: Mapping[str, Any]) -> Outcome:
    return Outcome(
        cost_p50=told["cost"]["p50"],
        cost_p80=told["cost"]["p80"],
        all_p50=told["makespan"]["p50"],
        all_p80=told["makespan"]["p80"],
        mean_days=told["mean_finish"]["mean"],
        redone=told["redone"],
    )
