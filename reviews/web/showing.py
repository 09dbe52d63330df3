"""What a review page shows to this reader. INVARIANT: nothing of others' stances before the seal is open to them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from alignment_portal import clock
from alignment_portal.accounts.models import User
from alignment_portal.http.templatetags.parts import long_moment
from reviews.models import Commitment, ReviewTradeOff, Stance
from reviews.selectors.blockers import Blocker, current_packages, find_blockers
from reviews.selectors.reviews import changed_sections, visible_stances
from reviews.selectors.standings import ConditionRow, Given, Seat, Standing, standing_of
from reviews.web.visits import Visit
from reviews.web.words import role_word, with_names


@dataclass(frozen=True)
class Row:
    """One participant: whether they answered, and in the map what."""

    seat: Seat
    role: str
    answered: bool
    is_me: bool
    cells: Sequence["Cell"]


@dataclass(frozen=True)
class Cell:
    given: Given | None
    was: str  # the first answer, where it was another


@dataclass(frozen=True)
class Point:
    """One trade-off and the reader's own answer to it."""

    row: ReviewTradeOff
    place: int
    mine: Given | None


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
        self.rows = list(self.review.trade_offs.order_by("id"))

    @cached_property
    def names(self) -> Mapping[str, str]:
        emails = {seat.email for seat in self.standing.seats} | {self.by.email}
        emails |= {stance.email for stance in self.standing.stances}
        for term in self._condition_rows():
            emails |= {term.by, term.owner or ""}
        ended = getattr(self.review, "conclusion", None)
        emails |= {said["person"] for said in (ended.dissent if ended else ())}
        return dict(User.objects.filter(email__in=emails - {""}).values_list("email", "name"))

    def named(self, email: str | None) -> str:
        return self.names.get(email or "", email or "")

    @cached_property
    def me(self) -> Seat | None:
        return next((seat for seat in self.standing.seats if seat.email == self.by.email), None)

    @cached_property
    def mine(self) -> Mapping[str, Given]:
        return {given.trade_off: given for given in self.standing.stances if given.email == self.by.email}

    @cached_property
    def points(self) -> list[Point]:
        active = [row for row in self.rows if row.withdrawn_at is None]
        return [Point(row, place, self.mine.get(row.code)) for place, row in enumerate(active, start=1)]

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
        present = self.standing.present()
        given = {(stance.email, stance.trade_off): stance for stance in self.standing.stances}
        first = self._first_answers()
        return [
            Row(
                seat,
                role_word(seat.role),
                seat.email in present,
                seat.email == self.by.email,
                [self._cell(given.get((seat.email, point.row.code)), first) for point in self.points]
                if self.revealed
                else [],
            )
            for seat in self.standing.seats
        ]

    def _first_answers(self) -> Mapping[tuple[str, str], str]:
        if not self.revealed:
            return {}
        versions = visible_stances(self.by, self.review).filter(version=1)
        return {(stance.user.email, stance.trade_off.code): stance.answer for stance in versions}

    def _cell(self, given: Given | None, first: Mapping[tuple[str, str], str]) -> Cell:
        began = "" if given is None else first.get((given.email, given.trade_off), "")
        return Cell(given, began if given is not None and began != given.answer else "")

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
        seen = [given for given in self.standing.stances if self.revealed or given.email == self.by.email]
        return [row for given in seen for row in self.standing.conditions.get(given.origin, ())]

    @property
    def terms(self) -> list[Term]:
        return [
            Term(row, self.named(row.by), self.named(row.owner), row.by == self.by.email)
            for row in self._condition_rows()
        ]

    @cached_property
    def commitments(self) -> list[Commitment]:
        """Promises that answer nobody's condition, or one the reader may know of."""
        known = {row.ref for row in self._condition_rows()}
        related = ("owner", "made_by", "condition__stance", "fulfilment")
        rows = Commitment.objects.filter(review=self.review).select_related(*related)
        return [row for row in rows if row.condition is None or row.condition.ref in known]

    @property
    def today(self) -> dt.date:
        return self.moment.date()

    @cached_property
    def packages(self) -> Mapping[str, Any]:
        return current_packages(self.review)

    @cached_property
    def blockers(self) -> list[Blocker]:
        if not self.review.is_open:
            return []
        return list(find_blockers(self.review, self.standing, self.packages, revealed=self.revealed))

    @property
    def missing(self) -> list[str]:
        """What stands between this review and an aligned conclusion."""
        names = self.names
        return [with_names(blocker.sentence, names) for blocker in self.blockers]

    @cached_property
    def changed(self) -> list[str]:
        """Sections of the package that changed since the reader answered."""
        found: dict[str, None] = {}
        for given in self.mine.values():
            for key, current in self.packages.items():
                found.update(dict.fromkeys(changed_sections(given.packages, key, current)))
        return list(found)

    @property
    def may_promise(self) -> bool:
        return self.review.lapsed_at is None and (self.me is not None or self.on.may_edit)


def earlier_of(room: Room, code: str) -> list[Stance]:
    """Every version of what the reader may see about one trade-off, the newest first."""
    rows = visible_stances(room.by, room.review).filter(trade_off__code=code)
    return list(rows.order_by("user__name", "-version"))
