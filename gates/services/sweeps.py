"""Judging many: what time alone has changed, and what is about to run out."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date

from django.db.models import Max

from alignment_portal import clock
from gates.engine import Facts, Policy, evaluate
from gates.engine.answers import last_day
from gates.engine.facts import Evidence
from gates.models import Evaluation
from gates.selectors.facts import Case, case_chunks, load_cases
from gates.services.evaluations import is_same, record_evaluation
from gates.services.notices import settle_expiries, tell_of_expiry
from initiatives.models import Initiative


def evaluate_keys(keys: Sequence[str] | None = None) -> int:
    """Judge these, or all; record those whose verdict says something new; answer how many were recorded."""
    chunks = case_chunks() if keys is None else iter([load_cases(keys)])
    return sum(_evaluate_chunk(chunk) for chunk in chunks)


def _evaluate_chunk(cases: dict[str, Case]) -> int:
    """Two queries tell what is known already; only what differs is judged again, under its lock, and recorded."""
    now = clock.now()
    rows = {row.key: row for row in Initiative.objects.filter(key__in=cases)}
    newest = (
        Evaluation.objects.filter(initiative__key__in=cases).values("initiative").annotate(last=Max("id"))
    )
    last = {row.initiative_id: row for row in Evaluation.objects.filter(pk__in=newest.values("last"))}
    recorded = 0
    for key, case in cases.items():
        row = rows[key]
        verdict = evaluate(case.policy, case.facts, now)
        known = last.get(row.pk)
        if known is not None and is_same(known, case.policy_id, row.inputs_rev, row.status, verdict):
            continue
        record_evaluation(initiative=row)
        recorded += 1
    return recorded


# --- expiry ------------------------------------------------------------------------------------------------


def tell_of_expiries() -> int:
    """Warn of accepted evidence that runs out soon: once at each of the policy's numbers of days."""
    told = 0
    for chunk in case_chunks():
        rows = {row.key: row for row in Initiative.objects.filter(key__in=chunk)}
        told += sum(_tell_of(rows[key], case) for key, case in chunk.items() if rows[key].status != "retired")
    return told


def _tell_of(initiative: Initiative, case: Case) -> int:
    today = clock.now().astimezone(UTC).date()
    due = list(_due(case.policy, case.facts, today))
    settle_expiries(initiative=initiative, keys=[key for key, _, _, _ in due])
    return sum(
        tell_of_expiry(
            initiative=initiative,
            key=key,
            sentence=sentence,
            link=f"/initiatives/{initiative.key}/gates/{gate}/#question-{item.question}",
            people=_concerned(case.facts, item, last=key.endswith(":1")),
        )
        for key, sentence, gate, item in due
    )


def _due(policy: Policy, facts: Facts, today: date) -> Iterator[tuple[str, str, str, Evidence]]:
    """Key, sentence, gate and item of every warning that is due; none for what fresher evidence replaces."""
    for item in facts.evidence:
        rule = policy.rules_by_code.get(item.question)
        if item.state != "accepted" or rule is None or rule.asks is None:
            continue
        ends = last_day(item, rule.asks)
        left = (ends - today).days
        steps = [days for days in policy.notice_days if left <= days]
        if left < 0 or not steps or _outlived(facts, policy, item, ends):
            continue
        when = f"in {left} days, on {ends:%-d %B %Y}" if left > 1 else f"on {ends:%-d %B %Y}"
        key = f"expiry:{item.ref}:{min(steps)}"
        words = (
            f"{facts.dossier.initiative.key}: {item.ref} ({item.title}) for {item.question} runs out {when}."
        )
        yield key, words, rule.gate, item


def _outlived(facts: Facts, policy: Policy, item: Evidence, ends: date) -> bool:
    """Whether somebody has acted already: other evidence for the same place lasts longer, or waits for review."""
    asks = policy.rule(item.question).asks
    return asks is not None and any(
        other.ref != item.ref
        and (other.question, other.deployment, other.control)
        == (item.question, item.deployment, item.control)
        and (other.state == "in_review" or (other.state == "accepted" and last_day(other, asks) > ends))
        for other in facts.evidence
    )


def _concerned(facts: Facts, item: Evidence, *, last: bool) -> set[str]:
    """Who submitted it and who owns the initiative; the sponsor too when it is almost too late."""
    about = facts.dossier.initiative
    people = {item.submitted_by, about.owner}
    return people | ({about.sponsor} if last and about.sponsor else set())
