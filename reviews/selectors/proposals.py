"""Trade-offs that a package implies without saying so: offered to people, who reword them, take them over or do not."""

import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from initiatives.dossier.document import Dossier
from initiatives.selectors import load_dossiers
from portfolio.selectors.register import BottleneckRow, bottlenecks_at
from reviews.models import Review, SubjectKind
from reviews.selectors.packages import subject_keys

# A trade-off that speaks of it is recorded already, under whatever code.
SPEAKS_OF: Mapping[str, re.Pattern[str]] = {
    "instrument-first": re.compile(
        r"\b(log|logs|logging|instrument\w*|measure\w*|record\w*)\b", re.IGNORECASE
    ),
    "narrow-first": re.compile(r"\b(scope|narrow\w*|category|categories|only|limit\w*)\b", re.IGNORECASE),
    "capacity": re.compile(r"\b(capacity|queue|cap|in flight)\b", re.IGNORECASE),
}
INSTRUMENTATION = "instrumentation"


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A trade-off to consider, and what in the package implies it."""

    code: str
    choose: str
    accept: str
    because: str
    until: str
    why: str
    initiative: str = ""


def proposals_for(review: Review) -> tuple[Proposal, ...]:
    """What the package implies and no trade-off of the review, withdrawn ones included, speaks of."""
    recorded = list(review.trade_offs.values_list("code", "choose", "accept"))
    bottlenecks = bottlenecks_at()
    if review.subject_kind == SubjectKind.PORTFOLIO:
        offered: Iterable[Proposal] = portfolio_proposals(bottlenecks)
    else:
        keys = subject_keys(review)
        alone = review.subject_kind == SubjectKind.INITIATIVE
        offered = (
            one if alone else msgspec.structs.replace(one, code=f"{key.lower()}.{one.code}"[:64])
            for key, loaded in (load_dossiers(keys) if keys else {}).items()
            for one in implied_by(loaded.dossier, bottlenecks)
        )
    return tuple(one for one in offered if not _is_recorded(one, recorded))


def _is_recorded(proposal: Proposal, recorded: Iterable[tuple[str, str, str]]) -> bool:
    prefix, _, bare = proposal.code.rpartition(".")
    kind = next((kind for kind in SPEAKS_OF if bare.startswith(kind)), bare)
    return any(
        code == proposal.code
        or (code.startswith(prefix) and SPEAKS_OF[kind].search(f"{choose} {accept}") is not None)
        for code, choose, accept in recorded
    )


def implied_by(dossier: Dossier, bottlenecks: Mapping[str, BottleneckRow]) -> Iterator[Proposal]:
    """What one dossier gives up: time for instrumentation, reach for safety, others' turn in a full queue."""
    yield from _instrumentation(dossier)
    yield from _scope(dossier)
    for demand in dossier.bottleneck_demand:
        row = bottlenecks.get(demand.bottleneck)
        if row is not None and row.in_flight >= row.cap:
            yield _capacity(dossier, row, demand.days_likely)


def _instrumentation(dossier: Dossier) -> Iterator[Proposal]:
    days = sum(
        demand.days_likely or 0 for demand in dossier.bottleneck_demand if demand.gate == INSTRUMENTATION
    )
    if days:
        yield Proposal(
            code="instrument-first",
            choose="We build measurement and logging before the first release",
            accept=f"a first release {days:g} working days later",
            because="an effect that nobody can see in the workflow can only be claimed",
            until="the record covers 95% of the cases",
            why=f"Instrumentation needs {days:g} working days of a shared function.",
            initiative=dossier.initiative.key,
        )


def _scope(dossier: Dossier) -> Iterator[Proposal]:
    scope, harms = dossier.initiative.scope, dossier.risk_posture.harms
    share = scope.volume_share_limit
    if not harms or not (scope.categories or (share is not None and share < 1)):
        return
    within = ", ".join(scope.categories)
    part = "" if share is None or share >= 1 else f"at most {share:.0%} of the cases"
    harm = harms[0].description.strip().rstrip(".")
    yield Proposal(
        code="narrow-first",
        choose=f"We begin with {' and '.join(word for word in (within, part) if word)}",
        accept="that everything else sees no benefit yet",
        because=f"we will not accept this harm: {harm[:1].lower()}{harm[1:]}",
        until=f"the end of {dossier.initiative.horizon}",
        why="The scope is limited, and a harm is written that must not happen.",
        initiative=dossier.initiative.key,
    )


def _capacity(dossier: Dossier, row: BottleneckRow, days: float | None) -> Proposal:
    amount = f"{days:g} working days" if days else "the time it needs"
    return Proposal(
        code=f"capacity-{row.code}"[:64],
        choose=f"We give {dossier.initiative.title} {amount} of {row.title}",
        accept="that other initiatives in this queue wait that long",
        because=f"{row.title} has {row.in_flight} in flight with a cap of {row.cap}",
        until="its work here is done",
        why=f"{row.title} is at its cap.",
        initiative=dossier.initiative.key,
    )


def portfolio_proposals(bottlenecks: Mapping[str, BottleneckRow]) -> Iterator[Proposal]:
    """Where a queue is over its cap, finishing before starting is the trade-off."""
    for row in bottlenecks.values():
        if row.in_flight > row.cap:
            yield Proposal(
                code=f"capacity-{row.code}"[:64],
                choose=f"We start nothing new that needs {row.title}",
                accept="later first days for what is not started",
                because=f"{row.title} has {row.in_flight} in flight with a cap of {row.cap}",
                until=f"no more than {row.cap} are in flight",
                why=f"{row.title} is over its cap.",
            )
