"""What waits for one person, in the order in which others wait for it. Each list is asked for once, whatever its length."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from django.db.models import Case, Min, Q, QuerySet, When
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action, may
from gates.models import Evidence, Notice, Reinstatement, Waiver
from gates.selectors.inbox import (
    AwaitedEndorsement,
    evidence_awaiting_review,
    expiring_for,
    gates_awaiting_endorsement,
    next_moves_for,
    reinstatements_awaiting,
    waivers_awaiting_answer,
)
from initiatives.models import Initiative
from packs.models import PackBuild
from reviews.models import Commitment, Review
from reviews.selectors.promises import open_commitments
from reviews.selectors.reviews import Reaffirmation, reaffirmations_owed_by, stances_owed_by

SHOWN = 6  # of each list; the rest unfolds
SHOWN_OF_EACH = 3  # of each subject, in a list too long to be read as one
MOST = 60  # of each list on Home; its own page has all of them
FRESH = timedelta(days=14)  # how long a pack is told of
# Deeds that have a list of their own here.
LISTED = ("review:", "endorse:", "stance:", "reaffirm:")


@dataclass(frozen=True)
class Move:
    """One thing to do, as parts/next_moves.html draws it."""

    deed: str
    href: str
    where: str
    since: datetime | None = None
    person: str = ""
    mine: bool = True
    late: bool = False


@dataclass(frozen=True)
class Turn:
    """One list of things to do, or its beginning: `further` are not among its moves.

    `is_mine` when others wait for it; the rest is good to know.
    """

    code: str
    title: str | Promise
    moves: tuple[Move, ...]
    is_mine: bool = True
    further: int = 0

    @property
    def count(self) -> int:
        return len(self.moves) + self.further

    @property
    def groups(self) -> tuple["Group", ...]:
        """The moves as one list, or by subject in the order in which the subjects first come up."""
        if len(self.moves) <= SHOWN:
            return (Group("", self.moves, ()),)
        found: dict[str, list[Move]] = {}
        for move in self.moves:
            found.setdefault(move.where, []).append(move)
        return tuple(
            Group(where, tuple(moves[:SHOWN_OF_EACH]), tuple(moves[SHOWN_OF_EACH:]))
            for where, moves in found.items()
        )


@dataclass(frozen=True)
class Group:
    """What waits about one subject: what is shown, and what unfolds. Without a subject each move names its own."""

    where: str
    first: tuple[Move, ...]
    further: tuple[Move, ...]

    @property
    def count(self) -> int:
        return len(self.first) + len(self.further)


@dataclass(frozen=True)
class Listed:
    """One list before it is read: its rows, in their order, and how each is told."""

    code: str
    title: str | Promise
    rows: "Rows"
    told: Callable[[Any], Move]
    is_mine: bool = True

    def beginning(self) -> Turn:
        """Its first rows; how many more there are is only counted where there are more."""
        rows = list(self.rows[: MOST + 1])
        further = len(self) - MOST if len(rows) > MOST else 0
        moves = tuple(self.told(row) for row in rows[:MOST])
        return Turn(self.code, self.title, moves, self.is_mine, further)

    def __len__(self) -> int:
        return self.rows.count() if isinstance(self.rows, QuerySet) else len(self.rows)

    def __getitem__(self, place: slice) -> list[Move]:
        return [self.told(row) for row in self.rows[place]]


class Joined:
    """Some rows, and after them those of a query."""

    def __init__(self, first: Sequence[Any], rest: QuerySet[Any]) -> None:
        self.first, self.rest = first, rest

    def __len__(self) -> int:
        return len(self.first) + self.rest.count()

    def __getitem__(self, place: slice) -> list[Any]:
        begin, end = place.start or 0, place.stop
        known = len(self.first)
        rest = self.rest[max(0, begin - known) : max(0, end - known)] if end > known else []
        return [*self.first[place], *rest]


Rows: TypeAlias = Sequence[Any] | QuerySet[Any] | Joined


def turns_of(by: Actor, since: datetime | None) -> list[Turn]:
    turns = (listed.beginning() for listed in lists_of(by, since))
    return [turn for turn in turns if turn.moves]


def lists_of(by: Actor, since: datetime | None) -> tuple[Listed, ...]:
    """Everything that waits for one person, whole, in the order in which others wait for it."""
    return (
        Listed("stances", gettext_lazy("Stances to take"), _stances(by), _stance),
        Listed(
            "reaffirm", gettext_lazy("Agreements to say again"), reaffirmations_owed_by(by), _reaffirmation
        ),
        Listed("promises", gettext_lazy("Promises to keep"), _promises(by), _promise),
        Listed("status", gettext_lazy("Status to decide"), _status(by), _decision),
        Listed("waivers", gettext_lazy("Waivers to answer"), waivers_awaiting_answer(by), _waiver),
        Listed("endorse", gettext_lazy("Gates to endorse"), *_endorsements(by)),
        Listed("review", gettext_lazy("Evidence to review"), evidence_awaiting_review(by), _review),
        Listed("supply", gettext_lazy("Evidence and answers to supply"), _deeds(by), _told),
        Listed("expiring", gettext_lazy("Running out soon"), expiring_for(by), _told),
        Listed("packs", gettext_lazy("Packs ready to read"), _packs(by, since), _pack, is_mine=False),
    )


def _named(initiative: Initiative) -> str:
    return f"{initiative.key} {initiative.title}"


def _about(review: Review) -> str:
    return _named(review.initiative) if review.initiative else str(review.cluster or _("the whole portfolio"))


def _stances(by: Actor) -> list[Review]:
    return sorted(stances_owed_by(by), key=lambda review: review.sent_at or review.opened_at)


def _stance(review: Review) -> Move:
    href = reverse("reviews:review", args=[review.ref])
    words = _("Take a stance in %(ref)s") % {"ref": review.ref}
    return Move(words, href, _about(review), review.sent_at)


def _reaffirmation(owed: Reaffirmation) -> Move:
    when = f"{owed.by_when:%-d %B %Y}" if owed.by_when else ""
    words = (
        _("Say whether your stances in %(ref)s still hold: the package changed")
        if owed.changed
        else _("Say again by %(when)s what you agreed on in %(ref)s")
    )
    href = reverse("reviews:reaffirm", args=[owed.review.ref])
    said = words % {"ref": owed.review.ref, "when": when}
    return Move(said, href, _about(owed.review), owed.review.concluded_at, late=owed.changed)


def _promises(by: Actor) -> QuerySet[Commitment]:
    """What the reader promised: overdue, or due within two weeks."""
    due: QuerySet[Commitment] = open_commitments(until=clock.now().date() + FRESH)
    return due.filter(owner=by.user_id)


def _promise(row: Commitment) -> Move:
    words = _("Keep %(ref)s, due on %(when)s: %(text)s")
    said = words % {"ref": row.ref, "when": f"{row.due_on:%-d %B %Y}", "text": row.text}
    href = reverse("reviews:review", args=[row.review.ref]) + f"#{row.ref}"
    return Move(said, href, _about(row.review), row.made_at, late=row.due_on < clock.now().date())


# --- status ------------------------------------------------------------------------------------------------

# What may be decided from where, on a verdict of at least which level.
UPWARDS: Mapping[str, tuple[str, ...]] = {
    "in_review": ("learning_only", "aligned", "scale_ready"),
    "learning_only": ("aligned", "scale_ready"),
    "aligned": ("scale_ready",),
}


def _status(by: Actor) -> Joined:
    """Suspensions to lift, and initiatives the reader sponsors whose last verdict allows more than their status."""
    allowed = Q(pk__in=[])
    if may(by, Action.STATUS_MOVE):
        for status, levels in UPWARDS.items():
            allowed |= Q(status=status, judged_level__in=levels)
    rising = Initiative.objects.filter(allowed, sponsor=by.user_id).order_by("judged_at", "key")
    return Joined(reinstatements_awaiting(by), rising)


def _decision(row: Reinstatement | Initiative) -> Move:
    if isinstance(row, Reinstatement):
        words = _("Confirm that the suspension is lifted; %(who)s proposed it") % {"who": row.proposed_by}
        href = reverse("gates:status", args=[row.initiative.key]) + "#reinstatement"
        return Move(words, href, _named(row.initiative), row.proposed_at)
    level = row.judged_level.replace("_", "-")
    words = _("The verdict is %(level)s: decide on the status") % {"level": level}
    return Move(words, reverse("gates:status", args=[row.key]), _named(row), row.judged_at)


# --- gates -------------------------------------------------------------------------------------------------


def _waiver(row: Waiver) -> Move:
    words = _("Answer %(who)s, who asks to waive %(rule)s until %(day)s")
    said = words % {"who": row.requested_by, "rule": row.rule, "day": f"{row.until:%-d %B %Y}"}
    href = reverse("gates:waiver", args=[row.initiative.key, row.ref])
    return Move(said, href, _named(row.initiative), row.requested_at)


def _endorsements(by: Actor) -> tuple[list[AwaitedEndorsement], Callable[[AwaitedEndorsement], Move]]:
    awaited = gates_awaiting_endorsement(by)
    since = _waiting_since() if awaited else {}

    def told(row: AwaitedEndorsement) -> Move:
        href = reverse("gates:gate", args=[row.initiative.key, row.gate]) + "#endorsement"
        words = _("Endorse the gate “%(gate)s”") % {"gate": row.title}
        return Move(words, href, _named(row.initiative), since.get((row.initiative.pk, row.gate)))

    return awaited, told


def _waiting_since() -> dict[tuple[object, str], datetime]:
    """Since when somebody has been told that a gate waits for an endorsement."""
    told = Notice.objects.filter(settled_at__isnull=True, key__startswith="endorse:")
    rows = told.values_list("initiative_id", "key").annotate(first=Min("at"))
    return {(initiative, key.partition(":")[2]): first for initiative, key, first in rows}


def _review(row: Evidence) -> Move:
    words = _("Review %(ref)s “%(title)s” for %(question)s")
    said = words % {"ref": row.ref, "title": row.title, "question": row.question}
    href = reverse("gates:evidence", args=[row.initiative.key, row.ref])
    return Move(said, href, _named(row.initiative), row.submitted_at)


def _deeds(by: Actor) -> QuerySet[Notice]:
    """What suspends an initiative comes before what has merely waited longer."""
    listed = Q()
    for beginning in LISTED:
        listed |= Q(key__startswith=beginning)
    calm = Case(When(initiative__status="suspended", then=0), default=1)
    return next_moves_for(by).exclude(listed).order_by(calm, "at", "pk")


def _told(notice: Notice) -> Move:
    deed = notice.sentence.removeprefix(f"{notice.initiative.key}: ")
    return Move(deed, notice.link, _named(notice.initiative), notice.at)


# --- packs -------------------------------------------------------------------------------------------------


def _packs(by: Actor, since: datetime | None) -> QuerySet[PackBuild]:
    """Packs the reader asked for that became ready since they were last here, or in the last two weeks."""
    earliest = clock.now() - FRESH
    rows = PackBuild.objects.visible_to(by).ready().filter(requested_by=by.user_id, stale_since__isnull=True)
    rows = rows.filter(finished_at__gte=min(since or earliest, earliest))
    return rows.select_related("initiative", "cluster").order_by("-finished_at")


def _pack(row: PackBuild) -> Move:
    words = _("Read version %(n)d of the pack") % {"n": row.number}
    about = _named(row.initiative) if row.initiative else row.title
    return Move(words, reverse("packs:pack", args=[row.ref]), about, row.finished_at)
