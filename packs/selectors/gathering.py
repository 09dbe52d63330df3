"""What the paper of several initiatives is written from: facts and judgements in bulk, and the registers they share."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Q

from alignment_portal.accounts.models import User
from gates.engine import Explanation, evaluate, explain
from gates.engine.explanation import verdict_in_brief, verdict_sentence
from gates.engine.view import View
from gates.selectors.facts import Case, load_cases
from gates.selectors.frameworks import Coverage, coverage, frameworks
from gates.selectors.policies import current_policy
from packs.content.agreement import DISSENT
from packs.content.gathered import Gathered, Held, Promised, Stake, most_urgent_first
from packs.content.members import MOST_PAGES
from packs.content.source import Meta, Source, Voice
from packs.selectors.meta import meta_of, openly, voices_of
from packs.selectors.scenarios import scenarios_in
from packs.selectors.subjects import Subject, keys_in, title_of
from portfolio.saturation import Load
from portfolio.selectors.change_load import group_loads
from portfolio.selectors.worths import cost_of_delay, latest_worths, main_currency
from reviews.models import Commitment, Review, ReviewTradeOff
from reviews.selectors.standings import Standing, standings

Standings = Mapping[str, tuple[Review, Standing]]


def gather(subject: Subject, moment: datetime, at: datetime | None = None) -> Gathered:
    """Every current initiative of a cluster or of the portfolio; refuses when there is none. `at` is None for now."""
    keys = keys_in(subject)
    cases = load_cases(keys, at)
    members = most_urgent_first(tuple(_short(case, moment) for case in cases.values()))
    members = tuple(
        _whole(member, subject, moment) if place < MOST_PAGES else member
        for place, member in enumerate(members)
    )
    found = _ended(members, moment)
    voices = _voices(members, found)
    promised = _promised(found, moment)
    owners = {need.owner for need in members[0].facts.dependencies.values() if need.owner}
    spoken = owners | {voice.person for voice in voices} | {one.owner for one in promised}
    stakes, currency = _stakes(keys, at)
    return Gathered(
        key=subject.code or "portfolio",
        title=title_of(subject),
        members=members,
        policy=current_policy().version,
        loads=_loads(keys, at),
        promised=promised,
        voices=voices,
        names=dict(User.objects.filter(email__in=spoken).values_list("email", "name")),
        scenarios=scenarios_in(subject, at),
        stakes=stakes,
        currency=currency,
        frameworks=_frameworks(members) if subject.kind == "portfolio" else (),
    )


def _frameworks(members: Sequence[Source]) -> tuple[Held, ...]:
    judged = [(member.policy, member.verdict) for member in members]
    return tuple(_held(coverage(framework, judged)) for framework in frameworks(current_policy())[0])


def _held(found: Coverage) -> Held:
    most = next(iter(found.missing), None)
    return Held(
        title=found.framework.title,
        version=found.framework.version,
        requirements=len(found.framework.requirements),
        met=len(found.met),
        missing=len(found.missing),
        most=most.requirement.id if most else "",
        most_words=most.requirement.label if most else "",
        most_missed=(most.initiatives, most.of) if most else (0, 0),
    )


def _stakes(keys: list[str], at: datetime | None) -> tuple[Mapping[str, Stake], str]:
    """What people state that these bring, of those in the money that most are in. One query."""
    worths = latest_worths(keys, at)
    currency = main_currency(worths.values())
    ours = {key: worth for key, worth in worths.items() if worth["currency"] == currency}
    return {
        key: Stake(
            low=worth["value_low"],
            high=worth["value_high"],
            cost_of_delay=cost_of_delay(worth, currency),
        )
        for key, worth in ours.items()
    }, currency


def _short(case: Case, moment: datetime) -> Source:
    """Judged, and the verdict in a sentence: the way to the next one is only looked for where it is printed."""
    verdict = evaluate(case.policy, case.facts, moment)
    view = View(case.policy, case.facts, moment)
    words = Explanation(
        level=verdict.level,
        target=None,
        proven=False,
        sentence=verdict_sentence(view, verdict),
        in_brief=verdict_in_brief(view, verdict),
        answers=(),
    )
    return Source(facts=case.facts, verdict=verdict, explanation=words, policy=case.policy, meta=Meta())


def _whole(member: Source, subject: Subject, moment: datetime) -> Source:
    key = member.dossier.initiative.key
    return Source(
        facts=member.facts,
        verdict=member.verdict,
        explanation=explain(member.policy, member.facts, moment, member.verdict),
        policy=member.policy,
        # Only the paper of a cluster prints each review whole.
        meta=meta_of(key, member.facts, moment) if subject.kind == "cluster" else Meta(),
    )


def _loads(keys: Sequence[str], at: datetime | None) -> tuple[Load, ...]:
    """Loads to which these initiatives add; what others add to them counts as well."""
    known = set(keys)
    return tuple(load for load in group_loads(at) if any(key in known for key, _ in load.parts))


def _reviews(members: Sequence[Source]) -> Mapping[str, Source]:
    """The reviews that have ended, each with one of the initiatives it is about."""
    return {
        member.facts.review.ref: member
        for member in members
        if member.facts.review is not None and member.facts.review.was_concluded
    }


def _ended(members: Sequence[Source], moment: datetime) -> Standings:
    rows = list(Review.objects.filter(ref__in=_reviews(members)).order_by("ref"))
    found = standings(rows, moment)
    return {row.ref: (row, found[row.pk]) for row in rows}


def _voices(members: Sequence[Source], found: Standings) -> tuple[Voice, ...]:
    """What was said against, where it is not settled. INVARIANT: nothing of a review that is still sealed."""
    against = {
        ref: member
        for ref, member in _reviews(members).items()
        if member.facts.review
        and any(s.answer in DISSENT and not s.resolved for s in member.facts.review.stances)
    }
    said: list[Voice] = []
    rows = ReviewTradeOff.objects.filter(review__ref__in=against).values_list("review__ref", "code", "choose")
    offs: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for ref, code, choose in rows:
        offs[ref][code] = choose
    for ref, (_, standing) in found.items():
        if ref in against and standing.is_open_to_all():
            said += voices_of(standing, offs[ref])
    return tuple(said)


def _promised(found: Standings, moment: datetime) -> tuple[Promised, ...]:
    known = Q(pk__in=[])
    for review, standing in found.values():
        if standing.is_open_to_all():
            known |= Q(review=review) & openly(standing)
    rows = Commitment.objects.filter(known, made_at__lte=moment).exclude(fulfilment__at__lte=moment)
    return tuple(
        Promised(
            ref=row.ref,
            review=row.review.ref,
            text=row.text,
            owner=row.owner.email,
            due_on=row.due_on,
            unblocks=row.unblocks,
        )
        for row in rows.select_related("owner", "review").order_by("id")
    )
