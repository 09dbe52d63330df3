"""How the judge writes: dates, counts, shares and lists in plain British English."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Sequence
from functools import lru_cache

from gates.engine.verdict import Item

NEEDED = "needed:"  # what a clause that already says what is needed holds
MOST_CLAUSES = 3  # a sentence people still read
_MONTH = 365.25 / 12
_LARGE = 100  # from here on a fraction says nothing


def day(value: dt.date) -> str:
    """A date written out: 12 December 2026."""
    return f"{value.day} {_MONTHS[value.month]} {value.year}"


_MONTHS = ("", *calendar.month_name[1:])  # read once: formatting by locale is slow


def number(value: float) -> str:
    """A number for reading: thousands separated, no needless zeros, at most four digits after the point, a true minus."""
    if float(value).is_integer() or abs(value) >= _LARGE:
        return f"{value:,.0f}".replace("-", "−")
    return f"{value:,.4f}".rstrip("0").rstrip(".").replace("-", "−")


def percent(share: float) -> str:
    """A share as per cent: 0.985 is 98.5%."""
    return f"{number(round(share * 100, 2))}%"


def count(amount: float, singular: str, plural: str = "") -> str:
    """A counted noun: 1 day, 28 days."""
    return f"{number(amount)} {singular if amount == 1 else plural or singular + 's'}"


def spelled(amount: int) -> str:
    """Small counts in words: two, twelve, 13."""
    return _SPELLED[amount] if 0 <= amount < len(_SPELLED) else number(amount)


_SPELLED = [
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
]


@lru_cache(maxsize=2048)
def span(days: int) -> str:
    """A length of time: days, or months where the days come out as whole months (183 days are 6 months)."""
    months = round(days / _MONTH)
    return count(months, "month") if days > _LARGE and abs(days - months * _MONTH) < 1 else count(days, "day")


def a(noun: str) -> str:
    """The noun with its article: a schema, an assessment."""
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"


def listing(parts: Sequence[str]) -> str:
    """Names in a row: a, b and c."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def some(parts: Sequence[str], most: int = MOST_CLAUSES) -> str:
    """The first few names and how many more there are."""
    if len(parts) <= most:
        return listing(parts)
    return f"{', '.join(parts[:most])} and {len(parts) - most} more"


def capital(text: str) -> str:
    """The text with its first letter as a capital."""
    return text[:1].upper() + text[1:]


@lru_cache(maxsize=2048)  # the titles of rules, again and again
def clause(text: str) -> str:
    """A sentence as a clause: no full stop, first letter small unless it opens an abbreviation or a name."""
    text = text.rstrip(".")
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text


def reason_of(items: Iterable[Item], *, passing: bool) -> str:
    """One sentence out of what a check found, beside what was needed; the one place where reasons are built."""
    chosen = [item for item in items if item.ok == passing]
    clauses = [item.found for item in chosen[:MOST_CLAUSES]]
    if not clauses:
        return ""
    more = f"; and {len(chosen) - MOST_CLAUSES} more" if len(chosen) > MOST_CLAUSES else ""
    needs = list(dict.fromkeys(item.needed for item in chosen if item.needed))
    is_said = passing or len(needs) != 1 or any(NEEDED in clause for clause in clauses)
    tail = "" if is_said else f" ({NEEDED} {needs[0]})"
    return f"{capital('; '.join(clauses))}{more}{tail}."
