"""Where opinions part in one review, as far as the reader may know it."""

import msgspec

from reviews.consensus import Divergence, Opinion, agenda, divergence_on
from reviews.models import PART_POINTS, Review, Stance
from reviews.selectors.standings import Given, Standing


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One cell of the map: what somebody says now, and what they said first where that was something else."""

    given: Given
    first_answer: str = ""


def opinion_of(stance: Given, role: str = "") -> Opinion:
    return Opinion(
        person=stance.email,
        point=stance.trade_off,
        answer=stance.answer,
        rating=stance.rating,
        commits=stance.commits,
        role=role,
    )


def agenda_of(standing: Standing, reader: str) -> tuple[Divergence, ...]:
    """Every point with its figures, that on which opinions part most first.

    INVARIANT: of a point that is sealed to the reader it says only who is silent, in the order of the review.
    """
    people = [seat.email for seat in standing.seats]
    roles = {seat.email: seat.role for seat in standing.seats}
    opinions = [opinion_of(stance, roles.get(stance.email, "")) for stance in standing.stances]
    points = {
        point: parts for parts, some in ((False, standing.trade_offs), (True, PART_POINTS)) for point in some
    }
    opened = [point for point, parts in points.items() if standing.is_open_to(reader, parts=parts)]
    sealed = [divergence_on(point, people, opinions) for point in points if point not in opened]
    hidden = [Divergence(point=one.point, silent=one.silent) for one in sealed]
    return (*agenda(opened, people, opinions), *hidden)


def map_of(review: Review, standing: Standing, reader: str) -> dict[tuple[str, str], Seen]:
    """By person and point, what the reader may see."""
    firsts = Stance.objects.filter(review=review, version=1).select_related("trade_off")
    first: dict[tuple[object, str], str] = {(row.user_id, row.point): row.answer for row in firsts}
    found = {}
    for given in standing.seen_by(reader):
        began = first.get((given.user_id, given.trade_off), given.answer)
        found[given.email, given.trade_off] = Seen(
            given=given, first_answer=began if began != given.answer else ""
        )
    return found
