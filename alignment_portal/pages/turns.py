"""What waits for one person, in the order in which others wait for it. Each list is asked for once, whatever its length."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min, Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action, may
from gates.models import Notice
from gates.selectors.inbox import (
    evidence_awaiting_review,
    expiring_for,
    gates_awaiting_endorsement,
    next_moves_for,
    reinstatements_awaiting,
    waivers_awaiting_answer,
)
from initiatives.models import Initiative
from packs.models import PackBuild
from reviews.models import Review
from reviews.selectors.promises import open_commitments
from reviews.selectors.reviews import reaffirmations_owed_by, stances_owed_by

SHOWN = 6  # of each list; the rest unfolds
SHOWN_OF_EACH = 3  # of each subject, in a list too long to be read as one
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
    """One list of things to do. `is_mine` when others wait for it; the rest is good to know."""

    code: str
    title: str | Promise
    moves: tuple[Move, ...]
    is_mine: bool = True

    @property
    def count(self) -> int:
        return len(self.moves)

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


def turns_of(by: Actor, since: datetime | None) -> list[Turn]:
    lists = (
        Turn("stances", gettext_lazy("Stances to take"), tuple(_stances(by))),
        Turn("reaffirm", gettext_lazy("Agreements to say again"), tuple(_reaffirmations(by))),
        Turn("promises", gettext_lazy("Promises to keep"), tuple(_promises(by))),
        Turn("status", gettext_lazy("Status to decide"), tuple(_status(by))),
        Turn("waivers", gettext_lazy("Waivers to answer"), tuple(_waivers(by))),
        Turn("endorse", gettext_lazy("Gates to endorse"), tuple(_endorsements(by))),
        Turn("review", gettext_lazy("Evidence to review"), tuple(_reviews(by))),
        Turn("supply", gettext_lazy("Evidence and answers to supply"), tuple(_deeds(by))),
        Turn("expiring", gettext_lazy("Running out soon"), tuple(_expiring(by))),
        Turn("packs", gettext_lazy("Packs ready to read"), tuple(_packs(by, since)), is_mine=False),
    )
    return [turn for turn in lists if turn.moves]


def _named(initiative: Initiative) -> str:
    return f"{initiative.key} {initiative.title}"


def _about(review: Review) -> str:
    return _named(review.initiative) if review.initiative else str(review.cluster or _("the whole portfolio"))


def _stances(by: Actor) -> Iterable[Move]:
    for review in sorted(stances_owed_by(by), key=lambda review: review.sent_at or review.opened_at):
        href = reverse("reviews:review", args=[review.ref])
        words = _("Take a stance in %(ref)s") % {"ref": review.ref}
        yield Move(words, href, _about(review), review.sent_at)


def _reaffirmations(by: Actor) -> Iterable[Move]:
    for owed in reaffirmations_owed_by(by):
        when = f"{owed.by_when:%-d %B %Y}" if owed.by_when else ""
        words = (
            _("Say whether your stances in %(ref)s still hold: the package changed")
            if owed.changed
            else _("Say again by %(when)s what you agreed on in %(ref)s")
        )
        href = reverse("reviews:reaffirm", args=[owed.review.ref])
        said = words % {"ref": owed.review.ref, "when": when}
        yield Move(said, href, _about(owed.review), owed.review.concluded_at, late=owed.changed)


def _promises(by: Actor) -> Iterable[Move]:
    """What the reader promised: overdue, or due within two weeks."""
    today = clock.now().date()
    for row in open_commitments(until=today + FRESH).filter(owner=by.user_id):
        words = _("Keep %(ref)s, due on %(when)s: %(text)s")
        said = words % {"ref": row.ref, "when": f"{row.due_on:%-d %B %Y}", "text": row.text}
        href = reverse("reviews:review", args=[row.review.ref]) + f"#{row.ref}"
        yield Move(said, href, _about(row.review), row.made_at, late=row.due_on < today)


# --- status ------------------------------------------------------------------------------------------------

# What may be decided from where, on a verdict of at least which level.
UPWARDS: Mapping[str, tuple[str, ...]] = {
    "in_review": ("learning_only", "aligned", "scale_ready"),
    "learning_only": ("aligned", "scale_ready"),
    "aligned": ("scale_ready",),
}


def _status(by: Actor) -> Iterable[Move]:
    for proposal in reinstatements_awaiting(by):
        words = _("Confirm that the suspension is lifted; %(who)s proposed it") % {
            "who": proposal.proposed_by
        }
        href = reverse("gates:status", args=[proposal.initiative.key]) + "#reinstatement"
        yield Move(words, href, _named(proposal.initiative), proposal.proposed_at)
    if may(by, Action.STATUS_MOVE):
        yield from _rising(by)


def _rising(by: Actor) -> Iterable[Move]:
    """Initiatives the reader sponsors whose last verdict allows more than their status."""
    allowed = Q()
    for status, levels in UPWARDS.items():
        allowed |= Q(status=status, judged_level__in=levels)
    for row in Initiative.objects.filter(allowed, sponsor=by.user_id).order_by("judged_at", "key"):
        level = row.judged_level.replace("_", "-")
        words = _("The verdict is %(level)s: decide on the status") % {"level": level}
        yield Move(words, reverse("gates:status", args=[row.key]), _named(row), row.judged_at)


# --- gates -------------------------------------------------------------------------------------------------


def _waivers(by: Actor) -> Iterable[Move]:
    for row in waivers_awaiting_answer(by):
        words = _("Answer %(who)s, who asks to waive %(rule)s until %(day)s")
        said = words % {"who": row.requested_by, "rule": row.rule, "day": f"{row.until:%-d %B %Y}"}
        href = reverse("gates:waiver", args=[row.initiative.key, row.ref])
        yield Move(said, href, _named(row.initiative), row.requested_at)


def _endorsements(by: Actor) -> Iterable[Move]:
    awaited = gates_awaiting_endorsement(by)
    since = _waiting_since() if awaited else {}
    for row in awaited:
        href = reverse("gates:gate", args=[row.initiative.key, row.gate]) + "#endorsement"
        words = _("Endorse the gate “%(gate)s”") % {"gate": row.title}
        yield Move(words, href, _named(row.initiative), since.get((row.initiative.pk, row.gate)))


def _waiting_since() -> dict[tuple[object, str], datetime]:
    """Since when somebody has been told that a gate waits for an endorsement."""
    told = Notice.objects.filter(settled_at__isnull=True, key__startswith="endorse:")
    rows = told.values_list("initiative_id", "key").annotate(first=Min("at"))
    return {(initiative, key.partition(":")[2]): first for initiative, key, first in rows}


def _reviews(by: Actor) -> Iterable[Move]:
    for row in evidence_awaiting_review(by):
        words = _("Review %(ref)s “%(title)s” for %(question)s")
        said = words % {"ref": row.ref, "title": row.title, "question": row.question}
        href = reverse("gates:evidence", args=[row.initiative.key, row.ref])
        yield Move(said, href, _named(row.initiative), row.submitted_at)


def _deeds(by: Actor) -> Iterable[Move]:
    """What suspends an initiative comes before what has merely waited longer."""
    for notice in sorted(next_moves_for(by), key=lambda notice: notice.initiative.status != "suspended"):
        if not notice.key.startswith(LISTED):
            yield _told(notice)


def _expiring(by: Actor) -> Iterable[Move]:
    for notice in expiring_for(by):
        yield _told(notice)


def _told(notice: Notice) -> Move:
    deed = notice.sentence.removeprefix(f"{notice.initiative.key}: ")
    return Move(deed, notice.link, _named(notice.initiative), notice.at)


# --- packs -------------------------------------------------------------------------------------------------


def _packs(by: Actor, since: datetime | None) -> Iterable[Move]:
    """Packs the reader asked for that became ready since they were last here, or in the last two weeks."""
    earliest = clock.now() - FRESH
    rows = PackBuild.objects.visible_to(by).ready().filter(requested_by=by.user_id, stale_since__isnull=True)
    rows = rows.filter(finished_at__gte=min(since or earliest, earliest))
    for row in rows.select_related("initiative", "cluster").order_by("-finished_at"):
        words = _("Read version %(n)d of the pack") % {"n": row.number}
        about = _named(row.initiative) if row.initiative else row.title
        yield Move(words, reverse("packs:pack", args=[row.ref]), about, row.finished_at)
