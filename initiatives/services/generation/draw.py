"""What one made-up initiative is drawn from: its people, its place, its dates, and how well it was prepared."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

LAUNCH = dt.date(2026, 3, 2)
THEMES = (
    ("genai_customer_facing", "Support answers", "Agent", "customer_interaction", "tickets"),
    ("ml_decisioning", "Credit limits", "Underwriter", "decision", "decisions"),
    ("agentic_automation", "Claims intake", "Claims handler", "workflow_step", "claims"),
    ("internal_copilot", "Policy look-up", "Case worker", "workflow_step", "look-ups"),
    ("forecasting", "Replenishment forecast", "Planner", "decision", "orders"),
)
SITES = ("Leeds", "Porto", "Graz", "Utrecht", "Malmö", "Turin", "Lyon", "Gdańsk")


@dataclass(frozen=True)
class Cast:
    """Who may be named: e-mails by what they do."""

    managers: Sequence[str]
    sponsors: Sequence[str]
    doers: Sequence[str]


class Draw:
    """The luck of one document. ``care`` is how well it was prepared, from 0 to 1: the lower, the more is missing."""

    def __init__(self, cast: Cast, seed: int, number: int) -> None:
        self.random = Random(f"{seed}:{number}")  # noqa: S311 — variety that can be repeated, not a secret
        self.cast = cast
        self.number = number
        self.care = self.random.choice((0.35, 0.6, 0.8, 0.95, 1.0))
        self.archetype, self.theme, self.performer, self.subkind, self.unit = self.random.choice(THEMES)
        self.site = self.random.choice(SITES)
        self.horizon = self.random.choice(("H1", "H1", "H1", "H2", "H2", "H3"))
        self.launch = LAUNCH + dt.timedelta(days=7 * self.random.randrange(-20, 30))
        self.doers = self.random.sample(list(cast.doers), 4)

    def has(self) -> bool:
        return self.random.random() < self.care

    def kept(self, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        return [row for row in rows if self.has()]

    def day(self, weeks: int) -> str:
        return (self.launch + dt.timedelta(weeks=weeks)).isoformat()
