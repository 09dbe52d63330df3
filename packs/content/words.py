"""How a pack writes numbers with their units, ranges, shares and names of things."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from gates.engine.words import capital, count, day, listing, number

__all__ = [
    "capital",
    "change",
    "count",
    "day",
    "listing",
    "number",
    "period",
    "reading",
    "sentence",
    "title_of",
]

_SHARE = "share of "
_SMALL = 0.1
_NUMERALS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")

TITLES: Mapping[str, str] = {
    "genai_customer_facing": "Generative AI facing customers",
    "ml_decisioning": "Machine learning in decisions",
    "agentic_automation": "Agentic automation",
    "internal_copilot": "Internal copilot",
    "forecasting": "Forecasting",
    "H1": "H1: prove measurement and operability in a limited scope",
    "H2": "H2: expand coverage",
    "H3": "H3: full scale",
    "ai_output": "AI output",
    "model_health": "Model and data health",
    "operational": "Operations",
    "outcome": "Business and risk outcomes",
    "counter": "Counter-metrics",
    "ab_test": "A/B test",
    "before_after": "Before and after",
    "interrupted_time_series": "Interrupted time series",
    "matched_cohorts": "Matched cohorts",
    "stepped_wedge": "Stepped wedge",
    "default_with_override": "default, may be overridden",
    "learning_only": "Learning-only",
    "scale_ready": "Scale-ready",
    "in_review": "In review",
    "updates_and_retraining": "Updates and retraining",
    "override_policy": "Override policy",
    "decision_rights": "Decision rights",
    "on_call": "On call",
    "roll_back": "roll back",
    "kpi_changed": "KPI changed",
    "kpi_suspended": "KPI suspended",
    "counter_metric": "tied to a counter-metric",
    "agree_with_conditions": "Agree with conditions",
    "risk_legal": "Risk and legal",
    "higher_better": "higher is better",
    "lower_better": "lower is better",
    "within_band": "within a band",
    "not_applicable": "Not applicable",
    "business_risk": "Business and risk",
}


def title_of(code: str) -> str:
    """A code as words: the title it has here, else the code itself without underscores."""
    return TITLES.get(code, capital(code.replace("_", " ")))


def counted(amount: int, singular: str, plural: str = "") -> str:
    """A counted noun that opens a sentence: Three harms; No harms; 12 rules."""
    name = singular if amount == 1 else plural or f"{singular}s"
    return f"{_NUMERALS[amount] if counted_in_words(amount) else number(amount)} {name}"


def counted_in_words(amount: int) -> bool:
    """Whether `counted` writes the number out; other counts of the same sentence then do so too."""
    return amount < len(_NUMERALS)


def figure(value: float) -> str:
    """A number for reading: two digits after the point at most, three significant ones when it is small."""
    if value == 0 or abs(value) >= _SMALL:
        return number(round(value, 2))
    return f"{value:.3g}".replace("-", "−", int(value < 0))  # the minus before it, not that of an exponent


def reading(value: float, unit: str) -> str:
    """A value with its unit: 11.8 minutes per ticket; a share of tickets is a percentage of tickets."""
    if unit.startswith(_SHARE):
        return f"{figure(value * 100)}% of {unit.removeprefix(_SHARE)}"
    return f"{figure(value)} {unit}".strip()


def change(value: float, unit: str) -> str:
    """A difference with its sign and unit; of shares in percentage points."""
    sign = "+" if value > 0 else "−" if value < 0 else "±"
    if unit.startswith(_SHARE):
        return f"{sign}{figure(abs(value) * 100)} percentage points"
    return f"{sign}{figure(abs(value))} {unit}".strip()


def spread(low: float, high: float, unit: str) -> str:
    """An interval of differences: +1.5 to +1.9 minutes per case."""
    return f"{change(low, unit).removesuffix(unit_of_change(unit)).strip()} to {change(high, unit)}"


def scaled(value: float, unit: str) -> float:
    """A difference in the unit that ``change`` prints."""
    return value * 100 if unit.startswith(_SHARE) else value


def unit_of_change(unit: str) -> str:
    """The unit in which ``change`` prints a difference."""
    return "percentage points" if unit.startswith(_SHARE) else unit


def period(start: dt.date | None, end: dt.date | None) -> str:
    """From one day to another, as far as they are known."""
    if start is not None and end is not None:
        return f"{day(start)} to {day(end)}"
    if start is not None:
        return f"from {day(start)}"
    return f"until {day(end)}" if end is not None else ""


def sentence(text: str) -> str:
    """The text with a full stop, as a sentence of its own."""
    text = text.strip()
    return text if not text or text[-1] in ".?!”…" else f"{text}."


def joined(parts: Sequence[str], separator: str = "; ") -> str:
    """The parts that say something, in a row."""
    return separator.join(part for part in parts if part)
