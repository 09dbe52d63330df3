"""The portfolio in one answer."""

from collections.abc import Sequence
from typing import Any

from alignment_portal.accounts.actors import Actor
from initiatives.models import Initiative, Status
from portfolio.selectors.causes import load_rows, load_table
from portfolio.selectors.change_load import Asked
from portfolio.selectors.register import bottleneck_table, dependency_table


def summary(actor: Actor) -> dict[str, Any]:
    """The portfolio in one answer, over the initiatives the actor may see, in a fixed number of queries."""
    visible = Initiative.objects.visible_to(actor).exclude(status=Status.RETIRED)
    rows = list(visible.values_list("status", "horizon", "judged_level", "judged_gate"))
    asked = Asked()
    overloaded = [row for row in load_rows(asked) if row["band"] in {"over", "stop"}]
    return {
        "initiatives": len(rows),
        "by_status": _counts([row[0] for row in rows]),
        "by_horizon": _counts([row[1] for row in rows]),
        "by_verdict": _counts([row[2] or "not_judged" for row in rows]),
        "by_blocking_gate": _counts([row[3] for row in rows if row[3]]),
        "bottlenecks": bottleneck_table(),
        "dependencies": dependency_table(actor),
        "overloaded": load_table(actor, asked, overloaded),
    }


def _counts(values: Sequence[str]) -> dict[str, int]:
    return {value: values.count(value) for value in sorted(set(values))}
