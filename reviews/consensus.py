"""Where opinions part: how far answers to one question lie from each other, what to discuss first, where silence is.

Answers are read on one scale from 1 (against) to 5 (in favour). A rating counts as it was given; without one, "agree" is
5, "agree with conditions" 4, "disagree and commit" 2 and "disagree" 1. Whoever abstains has no place on the scale.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence

import msgspec

LOWEST, HIGHEST = 1, 5
PLACES: Mapping[str, int] = {"agree": 5, "agree_with_conditions": 4, "disagree": 1}
COMMITTED = 2
HIGH = 4  # from here on somebody would defend it before the board
# SOURCE: Diamond et al. 2014 (J Clin Epidemiol 67:401): consensus in Delphi studies is most often defined as a share
# of agreement, with a median of 75 %, and has to be defined beforehand.
SHARE_NEEDED = 0.75
WIDEST_MIDDLE = 1.0
WIDEST_RANGE = 2
FRONT_LINE = "front_line"  # the role of whoever speaks for those who work with it every day
WIDEST_GAP = 1.5  # between the front line and everybody else, in points of the scale


class Opinion(msgspec.Struct, frozen=True, kw_only=True):
    """What one person said on one point."""

    person: str
    point: str
    answer: str
    rating: int | None = None
    commits: bool = False
    role: str = ""


class Divergence(msgspec.Struct, frozen=True, kw_only=True):
    """How answers to one point lie. Figures are None while nobody took a side.

    ``middle`` is the interquartile range (linear interpolation), ``consensus`` that of Tastle and Wierman, ``share`` of
    those at 4 or above; ``gap`` is the mean of the others less that of the front line, None where only one of the two took
    a side. ``reasons`` say why the point must be discussed: range, middle, share, gap; empty when it need not be.
    """

    point: str
    places: tuple[int, ...] = ()
    answers: Mapping[str, int] = {}
    silent: tuple[str, ...] = ()
    abstained: tuple[str, ...] = ()
    median: float | None = None
    middle: float | None = None
    share: float | None = None
    consensus: float | None = None
    gap: float | None = None
    reasons: tuple[str, ...] = ()


def place_of(opinion: Opinion) -> int | None:
    """Where an answer lies on the scale; None for an abstention."""
    if opinion.answer == "abstain":
        return None
    if opinion.rating is not None:
        return opinion.rating
    return COMMITTED if opinion.answer == "disagree" and opinion.commits else PLACES[opinion.answer]


def consensus(places: Sequence[int], *, lowest: int = LOWEST, highest: int = HIGHEST) -> float:
    """Tastle–Wierman consensus: 1 when all say the same, 0 when they are split evenly between both ends.

    SOURCE: Tastle & Wierman 2007 (Int J Approx Reason 45:531): Cns = 1 + Σ pᵢ log₂(1 − |xᵢ − x̄| / d), d the width
    of the scale. Raises ValueError without places.
    """
    mean = statistics.fmean(places)
    width = highest - lowest
    return 1 + statistics.fmean(math.log2(1 - abs(place - mean) / width) for place in places)


def interquartile_bounds(places: Sequence[int]) -> tuple[float, float]:
    """First and third quartile, interpolated linearly as numpy does by default. Raises ValueError without places."""
    if len(places) == 1:
        return float(places[0]), float(places[0])
    first, _, third = statistics.quantiles(places, n=4, method="inclusive")
    return first, third


def interquartile_range(places: Sequence[int]) -> float:
    """Third less first quartile; 0 for a single answer."""
    first, third = interquartile_bounds(places)
    return third - first


def divergence_on(point: str, people: Sequence[str], opinions: Sequence[Opinion]) -> Divergence:
    """How the people asked lie on one point; opinions of anybody else are left out."""
    said = {one.person: one for one in opinions if one.point == point and one.person in people}
    places = tuple(sorted(place for one in said.values() if (place := place_of(one)) is not None))
    counts: dict[str, int] = {}
    for one in said.values():
        counts[one.answer] = counts.get(one.answer, 0) + 1
    found = Divergence(
        point=point,
        places=places,
        answers=counts,
        silent=tuple(person for person in people if person not in said),
        abstained=tuple(person for person in people if person in said and place_of(said[person]) is None),
    )
    return _measured(found, places, _gap(list(said.values()))) if places else found


def _gap(opinions: Sequence[Opinion]) -> float | None:
    sides: dict[bool, list[int]] = {True: [], False: []}
    for one in opinions:
        place = place_of(one)
        if place is not None:
            sides[one.role == FRONT_LINE].append(place)
    front, others = sides[True], sides[False]
    return statistics.fmean(others) - statistics.fmean(front) if front and others else None


def _measured(found: Divergence, places: tuple[int, ...], gap: float | None) -> Divergence:
    middle = interquartile_range(places)
    share = sum(place >= HIGH for place in places) / len(places)
    reasons = {
        "range": places[-1] - places[0] > WIDEST_RANGE,
        "middle": middle > WIDEST_MIDDLE,
        "share": share < SHARE_NEEDED,
        "gap": gap is not None and abs(gap) >= WIDEST_GAP,
    }
    return msgspec.structs.replace(
        found,
        median=float(statistics.median(places)),
        middle=middle,
        share=share,
        consensus=consensus(places),
        gap=gap,
        reasons=tuple(name for name, holds in reasons.items() if holds),
    )


def agenda(
    points: Sequence[str], people: Sequence[str], opinions: Sequence[Opinion]
) -> tuple[Divergence, ...]:
    """Every point, that on which opinions part most first; then where most are silent; the rest in their order."""
    found = [divergence_on(point, people, opinions) for point in points]
    return tuple(sorted(found, key=_urgency))


def _urgency(found: Divergence) -> tuple[bool, float, int]:
    is_agreed = 1.0 if found.consensus is None else found.consensus
    return not found.reasons, is_agreed, -len(found.silent)
