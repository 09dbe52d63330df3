"""Which decisions the papers of several initiatives ask for: computed from what stands, the most pressing kind first."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from gates.engine.verdict import rank
from packs.content.gathered import Gathered, Need, key_of, named, runs_blocked
from packs.content.parts import Decision
from packs.content.source import Source
from packs.content.words import count, counted, day, listing, number, sentence
from portfolio.saturation import OTHER, OVER, STOP, Load

EXECUTIVES = "The executives"
STANDS_FOR = {"blocked": -1, "learning_only": 1, "aligned": 2, "scale_ready": 3}
MOST_CAUSES = 3


def decisions_sought(gathered: Gathered) -> tuple[Decision, ...]:
    """All of them. One of each kind comes before a second of any, so that the first few show what is at stake."""
    kinds = [list(kind(gathered)) for kind in (_running, _unblocking, _queueing, _absorbing, _moving)]
    return tuple(one for row in zip_longest(*kinds) for one in row if one is not None)


def _running(gathered: Gathered) -> Iterator[Decision]:
    """What runs and must not: harm comes first."""
    for member in gathered.members:
        if member.facts.status == "suspended":
            reason = member.facts.moves[-1].reason if member.facts.moves else ""
            yield Decision(
                what=f"Decide whether {named(member)} is put back or stopped.",
                why=sentence(
                    f"Suspended since {day(member.facts.status_since.date())}: {reason}".rstrip(": ")
                ),
                who=_sponsor(gathered, member),
                about=(key_of(member),),
            )
    live = [
        member for member in gathered.members if runs_blocked(member) and member.facts.status != "suspended"
    ]
    if len(live) == 1:
        yield Decision(
            what=sentence(live[0].dossier.initiative.decision_sought)
            or f"Decide whether {named(live[0])} may go on running.",
            why=f"{named(live[0])} is live although its verdict is blocked.",
            who=_sponsor(gathered, live[0]),
            about=(key_of(live[0]),),
        )
    elif live:
        yield Decision(
            what=f"Decide whether {listing([named(member) for member in live])} go on running.",
            why=f"{counted(len(live), 'initiative')} are live although their verdict is blocked.",
            who=EXECUTIVES,
            about=tuple(key_of(member) for member in live),
        )


def _unblocking(gathered: Gathered) -> Iterator[Decision]:
    """What several wait for and nobody owns or pays."""
    for need in gathered.needs():
        if need.is_settled or not need.lacks:
            continue
        title = need.dependency.title
        asked = {
            ("an owner", "money"): f"Name an owner for “{title}”, and fund it.",
            ("an owner",): f"Name an owner for “{title}”.",
            ("money",): f"Fund “{title}”.",
        }[need.lacks]
        yield Decision(what=asked, why=_waiting(need), who=EXECUTIVES, about=need.waiting)


def _waiting(need: Need) -> str:
    verb = "waits" if len(need.waiting) == 1 else "wait"
    return f"{counted(len(need.waiting), 'initiative')} {verb} for it: {listing(list(need.waiting))}."


def _queueing(gathered: Gathered) -> Iterator[Decision]:
    """A shared function with more in flight than it can carry."""
    for queue in gathered.queues():
        if queue.excess:
            yield Decision(
                what=f"Say which initiatives {queue.function.title} serves first.",
                why=f"{number(queue.function.in_flight)} are in flight where {number(queue.function.cap)} fit; "
                f"asked for by {listing(list(queue.asking))}.",
                who=EXECUTIVES,
                about=queue.asking,
            )


def peaks(gathered: Gathered) -> tuple[Load, ...]:
    """The heaviest month ahead of each group that is asked for more than it can absorb, the heaviest first."""
    month = gathered.today.replace(day=1)
    worst: dict[str, Load] = {}
    for load in gathered.loads:
        if (
            load.month >= month
            and load.share > OVER
            and load.share > getattr(worst.get(load.group), "share", 0)
        ):
            worst[load.group] = load
    return tuple(sorted(worst.values(), key=lambda load: (-load.share, load.group)))


def _absorbing(gathered: Gathered) -> Iterator[Decision]:
    """People who are asked for far too much in one month."""
    for load in peaks(gathered):
        if load.share <= STOP or not load.capacity_hours:
            continue
        ahead = launches_ahead(gathered, load)
        movable = sum(hours for key, hours in load.parts if key in ahead)
        helps = movable > 0 and load.hours - movable <= STOP * load.capacity_hours
        parts = sorted(load.parts, key=lambda part: (helps and part[0] not in ahead, -part[1]))[:MOST_CAUSES]
        told = [f"{_cause(key)} brings {count(round(hours, 1), 'hour')} a person" for key, hours in parts]
        why = f"They would have to absorb {load.share:.0%} of what they can: {listing(told)}."
        if helps:
            what = f"Move a go-live that falls on {load.name} in {month_of(load)}."
        else:
            what = f"Relieve {load.name} in {month_of(load)}, or give them more capacity."
            why += (
                " Moving what is yet to go live would not be enough."
                if movable
                else " None of it is yet to go live."
            )
        yield Decision(
            what=what,
            why=why,
            who=EXECUTIVES,
            about=tuple(key for key, _ in parts if not key.startswith(OTHER)),
        )


def _cause(key: str) -> str:
    return "change from elsewhere" if key.startswith(OTHER) else key


def launches_ahead(gathered: Gathered, load: Load) -> frozenset[str]:
    """Keys of the members that reach this group only after today, and are live nowhere yet."""
    return frozenset(
        key_of(member)
        for member in gathered.members
        if not any(one.state == "live" for one in member.dossier.deployments)
        and any(
            group.code == load.group and group.go_live_on is not None and group.go_live_on > gathered.today
            for group in member.dossier.change_impact.groups
        )
    )


def month_of(load: Load) -> str:
    """The month in words: September 2026."""
    return day(load.month).split(" ", 1)[1]


def _moving(gathered: Gathered) -> Iterator[Decision]:
    """What may do more than its status says, and asks for it."""
    for member in gathered.members:
        status = STANDS_FOR.get(member.facts.status, 0)
        sought = member.dossier.initiative.decision_sought
        if (
            member.facts.status == "suspended"
            or not sought
            or rank(member.verdict.level) <= status
            or not rank(member.verdict.level)
        ):
            continue
        yield Decision(
            what=f"{key_of(member)}: {sentence(sought)}",
            why=sentence(member.explanation.in_brief),
            who=_sponsor(gathered, member),
            about=(key_of(member),),
        )


def _sponsor(gathered: Gathered, member: Source) -> str:
    return gathered.name(member.dossier.initiative.sponsor) or EXECUTIVES
