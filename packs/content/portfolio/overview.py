"""The front page of the portfolio paper: decisions sought, counts, and how flow, people and operation stand."""

from __future__ import annotations

from packs.content.decisions import decisions_sought, month_of, peaks
from packs.content.gathered import Gathered, is_live, runs_blocked
from packs.content.members import counts_table, standing_words
from packs.content.parts import Overview
from packs.content.portfolio.operation import open_incidents, silent
from packs.content.words import count, counted, listing

MOST_DECISIONS = 3


def overview_of(gathered: Gathered) -> Overview:
    """The page that stands alone."""
    sought = decisions_sought(gathered)
    return Overview(
        sentence=portfolio_sentence(gathered),
        decisions=sought[:MOST_DECISIONS],
        more_decisions=max(0, len(sought) - MOST_DECISIONS),
        counts=counts_table(gathered),
        glance=(
            ("Flow", _flow(gathered)),
            ("Waited for", _waited_for(gathered)),
            ("People", _people(gathered)),
            ("Operation", _operation(gathered)),
            ("Agreement", _agreement(gathered)),
        ),
    )


def portfolio_sentence(gathered: Gathered) -> str:
    """All of it in a sentence."""
    return standing_words([member.verdict.level for member in gathered.members], "initiative")


def _flow(gathered: Gathered) -> str:
    over = [queue for queue in gathered.queues() if queue.excess]
    if not over:
        return "Every shared function is within its cap."
    told = [
        f"{queue.function.title} ({queue.function.in_flight} in flight, cap {queue.function.cap})"
        for queue in over
    ]
    return f"Over their cap: {listing(told)}."


def _waited_for(gathered: Gathered) -> str:
    open_needs = [need for need in gathered.needs() if not need.is_settled]
    if not open_needs:
        return "No initiative waits for a shared dependency."
    first = open_needs[0]
    lacking = f", which lacks {listing(list(first.lacks))}" if first.lacks else ""
    waits = f"{len(first.waiting)} {'waits' if len(first.waiting) == 1 else 'wait'} for “{first.dependency.title}”{lacking}"
    return f"{counted(len(open_needs), 'shared dependency', 'shared dependencies')} outstanding; {waits}."


def _people(gathered: Gathered) -> str:
    over = peaks(gathered)
    if not over:
        return "No group is asked to absorb more change than it can."
    first = over[0]
    share = (
        f"{first.share:.0%} of what they can absorb"
        if first.capacity_hours
        else "change without any stated capacity"
    )
    others = f"; {count(len(over) - 1, 'more group is', 'more groups are')} over" if len(over) > 1 else ""
    return f"{first.name} face {share} in {month_of(first)}{others}."


def _operation(gathered: Gathered) -> str:
    live = sum(is_live(member) for member in gathered.members)
    suspended = sum(member.facts.status == "suspended" for member in gathered.members)
    blocked = sum(runs_blocked(member) for member in gathered.members)
    incidents = len(open_incidents(gathered))
    quiet = len(silent(gathered))
    return (
        f"{counted(live, 'initiative is', 'initiatives are')} live, {blocked} of them although blocked; "
        f"{suspended} suspended, {count(incidents, 'incident')} open, {quiet} with silent series."
    )


def _agreement(gathered: Gathered) -> str:
    reviews = [member.facts.review for member in gathered.members]
    agreed = sum(r is not None and r.state == "concluded" and r.outcome == "aligned" for r in reviews)
    stale = sum(r is not None and r.state == "concluded" and bool(r.stale) for r in reviews)
    overdue = sum(one.due_on < gathered.today for one in gathered.promised)
    return (
        f"{counted(agreed, 'initiative has', 'initiatives have')} a concluded agreement, {stale} of them out of date; "
        f"{count(overdue, 'commitment is', 'commitments are')} overdue."
    )
