"""What a review page shows to this reader. INVARIANT: nothing of others' stances before the seal is open to them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alignment_portal import clock
from alignment_portal.accounts.models import User
from alignment_portal.http.templatetags.parts import long_moment
from gates.selectors.agreement import gate_titles
from reviews.models import Commitment, Part, ReviewTradeOff, Stance
from reviews.selectors.blockers import Blocker, find_blockers
from reviews.selectors.changes import Changes, FieldChange, changes_of, field_changes
from reviews.selectors.divergence import map_of
from reviews.selectors.proposals import Proposal, proposals_for
from reviews.selectors.reviews import visible_stances
from reviews.selectors.signatures import Signed, signatures_of
from reviews.selectors.standings import (
    ConditionRow,
    Given,
    Seat,
    Standing,
    affirmed_until,
    is_due,
    standing_of,
)
from reviews.services.locks import initiatives_of, is_own
from reviews.web.unblocking import unblocked_words
from reviews.web.visits import Visit
from reviews.web.words import role_word, with_names


@dataclass(frozen=True)
class Row:
    """One participant: whether they answered, and in the map what."""

    seat: Seat
    role: str
    answered: bool
    rated: bool
    is_me: bool
    deputy: str
    cells: Sequence["Cell"]


@dataclass(frozen=True)
class Cell:
    given: Given | None
    was: str  # the first answer, where it was another
    deputy: str = ""


@dataclass(frozen=True)
class Point:
    """One trade-off and the reader's own answer to it."""

    row: ReviewTradeOff
    place: int
    mine: Given | None


@dataclass(frozen=True)
class PartPoint:
    """One of the three parts and the reader's own answer to it."""

    part: Part
    place: int
    mine: Given | None

    @property
    def question(self) -> str:
        return str(PART_QUESTIONS[self.part])


PART_QUESTIONS = {
    Part.OUTCOME_CHAIN: gettext_lazy(
        "From what the AI gives out, through what people do differently, to the outcome: would you defend this chain?"
    ),
    Part.OPERATING_MODEL: gettext_lazy(
        "Owners, on-call, rollback, oversight: would you defend how this is run?"
    ),
    Part.CHANGE_LOAD: gettext_lazy(
        "Work that moves, incentives, training: would you defend what this asks of people?"
    ),
}


@dataclass(frozen=True)
class Term:
    """A condition, who set it, and what came of it."""

    row: ConditionRow
    by: str
    owner: str
    is_mine: bool


class Room:
    """A review as one reader finds it now."""

    def __init__(self, on: Visit) -> None:
        self.on, self.review, self.by = on, on.review, on.by
        self.moment = clock.now()
        self.standing: Standing = standing_of(self.review, self.moment)
        self.revealed = self.standing.is_open_to(self.by.email)
        self.parts_revealed = self.standing.is_open_to(self.by.email, parts=True)
        self.rows = list(self.review.trade_offs.order_by("id"))

    @cached_property
    def names(self) -> Mapping[str, str]:
        emails = {seat.email for seat in self.standing.seats} | {self.by.email}
        emails |= {stance.email for stance in self.standing.stances}
        for term in self._condition_rows():
            emails |= {term.by, term.owner or ""}
        ended = getattr(self.review, "conclusion", None)
        emails |= {said["person"] for said in (ended.dissent if ended else ())}
        emails |= {seat.deputy for seat in self.standing.seats}
        emails |= {stance.deputy for stance in self.standing.stances}
        return dict(User.objects.filter(email__in=emails - {""}).values_list("email", "name"))

    def named(self, email: str | None) -> str:
        return self.names.get(email or "", email or "")

    @cached_property
    def me(self) -> Seat | None:
        """The seat the reader answers for: their own, or the one whose deputy they are."""
        return self.standing.seat_of(self.by.email)

    @property
    def is_deputy(self) -> bool:
        return self.me is not None and self.me.email != self.by.email

    @cached_property
    def mine(self) -> Mapping[str, Given]:
        own = self.me.email if self.me else self.by.email
        return {given.trade_off: given for given in self.standing.stances if given.email == own}

    @cached_property
    def points(self) -> list[Point]:
        active = [row for row in self.rows if row.withdrawn_at is None]
        return [Point(row, place, self.mine.get(row.code)) for place, row in enumerate(active, start=1)]

    @cached_property
    def parts(self) -> list[PartPoint]:
        return [PartPoint(part, place, self.mine.get(part.point)) for place, part in enumerate(Part, start=1)]

    @property
    def owed_parts(self) -> list[PartPoint]:
        """What the reader has still to rate."""
        if self.me is None or self.review.sent_at is None or not self.review.is_open:
            return []
        return [point for point in self.parts if point.mine is None]

    @property
    def shows_parts(self) -> bool:
        """Whether the map has a column for each part: once they are open, and anybody rated one."""
        points = {part.point for part in Part}
        return self.parts_revealed and any(given.trade_off in points for given in self.standing.stances)

    @property
    def withdrawn(self) -> list[ReviewTradeOff]:
        return [row for row in self.rows if row.withdrawn_at is not None]

    @property
    def owed(self) -> list[Point]:
        """What the reader has still to answer."""
        if self.me is None or self.review.sent_at is None or not self.review.is_open:
            return []
        return [point for point in self.points if point.mine is None]

    @cached_property
    def participants(self) -> list[Row]:
        present, rated = self.standing.present(), self.standing.rated()
        seen = map_of(self.review, self.standing, self.by.email) if self.revealed else {}
        points = [point.row.code for point in self.points]
        points += [part.point for part in Part] if self.shows_parts else []
        return [
            Row(
                seat,
                role_word(seat.role),
                answered=seat.email in present,
                rated=seat.email in rated,
                is_me=self.me is not None and seat.email == self.me.email,
                deputy=self.named(seat.deputy),
                cells=[
                    Cell(found.given, found.first_answer, self.named(found.given.deputy))
                    if (found := seen.get((seat.email, point)))
                    else Cell(None, "")
                    for point in points
                ]
                if self.revealed
                else [],
            )
            for seat in self.standing.seats
        ]

    @property
    def missing_roles(self) -> list[str]:
        held = {seat.role for seat in self.standing.seats}
        return [role_word(role) for role in sorted(self.review.required_roles) if role not in held]

    @property
    def seal(self) -> str:
        """Why others' stances cannot be seen yet, in a sentence."""
        if self.revealed:
            return ""
        if not self.standing.is_pre_read_over:
            if self.review.pre_read_at is None:
                return _("Stances stay sealed until the pre-read ends.")
            when = long_moment(self.review.pre_read_at)
            return _("Stances stay sealed until the pre-read ends on %(when)s.") % {"when": when}
        if self.me is not None:
            return _("You see the others’ stances once you have answered every trade-off yourself.")
        return _("Stances stay sealed until everybody who takes part has answered.")

    def _condition_rows(self) -> list[ConditionRow]:
        seen = self.standing.seen_by(self.by.email)
        return [row for given in seen for row in self.standing.conditions.get(given.origin, ())]

    @property
    def terms(self) -> list[Term]:
        return [
            Term(
                row,
                self.named(row.by),
                self.named(row.owner),
                row.by == (self.me.email if self.me else self.by.email),
            )
            for row in self._condition_rows()
        ]

    @cached_property
    def commitments(self) -> list[Commitment]:
        """Promises that answer nobody's condition, or one the reader may know of."""
        known = {row.ref for row in self._condition_rows()}
        related = ("owner", "made_by", "condition__stance", "fulfilment")
        rows = Commitment.objects.filter(review=self.review).select_related(*related)
        return [row for row in rows if row.condition is None or row.condition.ref in known]

    @cached_property
    def unblocked(self) -> Mapping[str, str]:
        return unblocked_words({row.unblocks for row in self.commitments})

    @property
    def gate_titles(self) -> Mapping[str, str]:
        return gate_titles()

    @property
    def today(self) -> dt.date:
        return self.moment.date()

    @cached_property
    def changes(self) -> Changes:
        return changes_of(self.review, self.standing)

    @cached_property
    def blockers(self) -> list[Blocker]:
        if not self.review.is_open:
            return []
        return list(find_blockers(self.review, self.standing, self.changes, reader=self.by.email))

    @property
    def missing(self) -> list[str]:
        """What stands between this review and an aligned conclusion."""
        names = self.names
        return [with_names(blocker.sentence, names) for blocker in self.blockers]

    @cached_property
    def changed(self) -> list[str]:
        """Sections of the package that changed in substance since the reader answered."""
        names = (name for given in self.mine.values() for name in self.changes.all_sections(given.packages))
        return list(dict.fromkeys(names))

    @cached_property
    def field_changes(self) -> tuple[FieldChange, ...]:
        """Every field that changed since anybody answered."""
        has_moved = any(self.changes.differs(given.packages) for given in self.standing.stances)
        return field_changes(self.review, self.standing, self.changes) if has_moved else ()

    @property
    def my_changes(self) -> list[FieldChange]:
        """What changed in substance since the reader answered, field by field."""
        own = self.me.email if self.me else ""
        return [change for change in self.field_changes if own in change.affected]

    @property
    def due_at(self) -> dt.datetime | None:
        """When the reader has to say again what they agreed on, once that is near."""
        due = [given for given in self.mine.values() if is_due(self.review, given, self.moment)]
        if not due or self.review.lapsed_at is not None:
            return None
        return min(until for given in due if (until := affirmed_until(self.review, given)))

    @cached_property
    def proposals(self) -> tuple[Proposal, ...]:
        """What the package implies, for whoever may take it over."""
        return proposals_for(self.review) if self.on.may_edit and self.review.is_open else ()

    @cached_property
    def signatures(self) -> tuple[Signed, ...]:
        return signatures_of(self.review) if self.review.concluded_at else ()

    @property
    def may_sign(self) -> bool:
        """Whether the reader took part or concluded it, and has not signed."""
        if self.review.concluded_at is None or self.review.lapsed_at is not None:
            return False
        part = self.me is not None and not self.is_deputy
        concluded = self.review.conclusion.by_id == self.by.user_id
        return (part or concluded) and all(row.email != self.by.email for row in self.signatures)

    @property
    def may_promise(self) -> bool:
        return self.review.lapsed_at is None and (self.me is not None or self.on.may_edit)

    @property
    def may_ask(self) -> bool:
        """Whether they may have a gate ask a condition."""
        return self.review.lapsed_at is None and (
            self.me is not None or (self.on.may_edit and is_own(self.by, initiatives_of(self.review)))
        )


def earlier_of(room: Room, code: str) -> list[Stance]:
    """Every version of what the reader may see about one point, the newest first."""
    rows = visible_stances(room.by, room.review)
    part = next((part for part in Part if part.point == code), None)
    rows = rows.filter(part=part) if part else rows.filter(trade_off__code=code)
    return list(rows.order_by("user__name", "-version"))
