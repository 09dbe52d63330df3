"""The answer to a what-if: today and scenario side by side, where work waits, and what an investment is worth."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import msgspec

from portfolio.selectors.levers import Levers, changed_by, investments_in, policy_of
from portfolio.selectors.whatif import plain, portfolio_of, work_day
from portfolio.simulation import (
    START_ALL,
    Assumptions,
    Policy,
    Portfolio,
    Summary,
    Worth,
    bundle,
    rank,
    simulate,
)

Tell = Callable[[float], None]
MOST_INVESTMENTS = 8  # that are tried in pairs
TASK_RUNS = 30_000  # pieces of work simulated for each investment that is tried
LOSSES = (0.0, 0.1, 0.2)
# Shares of the whole work, for the progress that people see.
TODAY, SCENARIO, LOSS, RANKING = 0.25, 0.25, 0.1, 0.4


def answer_to(
    facts: Mapping[str, Any], levers: Mapping[str, Any], *, runs: int, seed: int, tell: Tell
) -> dict[str, Any]:
    """Everything the pages show of one simulation. `tell` is told the share that is done, and may raise to stop."""
    chosen = msgspec.convert(levers, Levers)
    today = dt.date.fromisoformat(facts["today"])
    before = portfolio_of(facts)
    after, policy = changed_by(before, chosen, today), policy_of(chosen)

    def run(portfolio: Portfolio, rule: Policy, begin: float, share: float, **how: Any) -> Summary:
        count = how.pop("runs", runs)
        assumptions = how.pop("assumptions", chosen.assumptions)
        return simulate(
            portfolio, rule, assumptions, runs=count, seed=seed,
            progress=lambda done: tell(begin + share * done / count),
        )  # fmt: skip

    first = run(before, START_ALL, 0.0, TODAY)
    second = run(after, policy, TODAY, SCENARIO)
    few = _few(after, runs)
    losses = {
        f"{loss:.1f}": run(
            after,
            policy,
            TODAY + SCENARIO,
            LOSS,
            runs=few,
            assumptions=replace(chosen.assumptions, switching_loss=loss),
        ).cost.mean
        for loss in LOSSES
    }
    return {
        "today": told(first, today),
        "scenario": told(second, today),
        "switching": losses,
        "investments": _investments(after, facts, policy, chosen.assumptions, few, seed, tell),
        "assumptions": {**plain(chosen.assumptions), "runs": runs, "seed": seed, "ranking_runs": few},
    }


def told(summary: Summary, today: dt.date) -> dict[str, Any]:
    """A summary with dates beside the work days."""
    body: dict[str, Any] = plain(summary)
    body["ready_on"] = {
        key: {"p50": work_day(today, span.p50).isoformat(), "p80": work_day(today, span.p80).isoformat()}
        for key, span in summary.finish.items()
    }
    return body


def _few(portfolio: Portfolio, runs: int) -> int:
    tasks = sum(len(one.tasks) for one in portfolio.initiatives.values())
    return max(10, min(runs, 300, TASK_RUNS // max(1, tasks)))


def _investments(  # noqa: PLR0917 — one comparison, all of its terms
    portfolio: Portfolio,
    facts: Mapping[str, Any],
    policy: Policy,
    assumptions: Assumptions,
    runs: int,
    seed: int,
    tell: Tell,
) -> dict[str, Any]:
    candidates, unpriced = investments_in(_open(facts, portfolio))
    known: dict[str, tuple[float, float]] = {}
    expected = max(1, len(candidates) ** 2)

    def value(changed: Portfolio) -> tuple[float, float]:
        name = f"{changed.functions}{changed.dependencies}"
        if name not in known:
            tell(1 - RANKING + RANKING * min(1.0, len(known) / expected))
            found = simulate(changed, policy, assumptions, runs=runs, seed=seed)
            known[name] = (found.cost.mean, found.mean_finish.mean)
        return known[name]

    singles = rank(portfolio, candidates, value, pairs=False)
    best = {code for worth in singles[:MOST_INVESTMENTS] for code in worth.codes}
    tried = [one for one in candidates if one.code in best]
    pairs = [worth for worth in rank(portfolio, tried, value) if len(worth.codes) > 1]
    return {
        "singles": [_worth(worth) for worth in singles],
        "pairs": [_worth(worth) for worth in pairs[:MOST_INVESTMENTS]],
        "bundle": [_worth(worth) for worth in bundle(portfolio, tried, value, most=4)],
        "unpriced": unpriced,
    }


def _open(facts: Mapping[str, Any], portfolio: Portfolio) -> dict[str, Any]:
    """The facts with what the scenario already owns and funds: that needs no second investment."""
    dependencies = {
        code: {
            **row,
            "owned": portfolio.dependencies[code].owned,
            "funded": portfolio.dependencies[code].funded,
        }
        for code, row in facts["dependencies"].items()
    }
    return {**facts, "dependencies": dependencies}


def _worth(worth: Worth) -> dict[str, Any]:
    return {**plain(worth), "per_money": worth.per_money}
