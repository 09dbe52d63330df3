"""The rules of a gate as questions, each with the evidence that was offered for it, ready to be shown."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from alignment_portal.accounts.permissions import Action
from gates.engine import Finding, Gate, Rule
from gates.engine.answers import bound_in_words, fault_of_accepted, last_day, slots, with_unit
from gates.engine.facts import Evidence as Fact
from gates.engine.policy import Evidenced
from gates.engine.words import capital, span
from gates.models import Evidence
from gates.web.forms import ReviewForm, WithdrawForm
from gates.web.frame import Visit
from gates.web.states import in_brief
from gates.web.waiving import WaiverPanel, waiver_panel, waivers_by_rule
from gates.web.words import SEVERITIES, kinds_in_words, reviewers_in_words

Given = dict[str, Any]  # forms that were sent and refused, by prefix


@dataclass(frozen=True)
class Measured:
    """One number an item states, beside what is asked of it."""

    title: str
    value: str
    bound: str


@dataclass(frozen=True)
class Item:
    """One version of a piece of evidence as people read it."""

    row: Evidence
    state: str
    kind: str
    about: str  # for which deployment or control; empty when the question is asked once
    valid_until: date | None
    days_left: int | None
    note: str
    measures: tuple[Measured, ...]
    href: str
    review_form: ReviewForm | None = None
    why_not: str = ""
    withdraw_form: WithdrawForm | None = None
    replace_url: str = ""
    earlier: tuple["Item", ...] = ()

    @property
    def is_over(self) -> bool:
        return self.state in {"superseded", "withdrawn", "rejected"}


@dataclass(frozen=True)
class Slot:
    """One thing a question is asked for, and whether it is answered."""

    label: str
    found: str
    ok: bool


@dataclass(frozen=True)
class Question:
    rule: Rule
    finding: Finding
    words: str
    reason: str
    mark: str  # the state the status part draws
    severity: Any
    holds_until: datetime | None = None  # the last moment of a pass that rests on more than evidence
    edit_url: str = ""
    accepts: str = ""
    fresh: str = ""
    recent: str = ""
    bounds: tuple[str, ...] = ()
    slots: tuple[Slot, ...] = ()
    items: tuple[Item, ...] = ()
    past: tuple[Item, ...] = ()
    offer_url: str = ""
    waiver: WaiverPanel | None = None
    demonstrated: bool = False
    mover: str = ""


def questions_of(at: Visit, gate: Gate, given: Given) -> list[Question]:
    """Every rule of the gate in the order of the policy, those not asked of this initiative at the end."""
    findings = {finding.code: finding for finding in at.verdict.findings if finding.gate == gate.code}
    rows = _rows(at, [code for code in findings if at.policy.rule(code).asks])
    waivers = waivers_by_rule(at)
    found = []
    for code, finding in findings.items():
        rule = at.policy.rule(code)
        panel = waiver_panel(at, rule, finding, waivers.get(code, ()), given)
        found.append(_question(Asked(at, gate, rule, given), finding, rows[code], panel))
    return sorted(found, key=lambda question: question.finding.outcome == "not_applicable")


def _rows(at: Visit, codes: Iterable[str]) -> defaultdict[str, list[Evidence]]:
    found: defaultdict[str, list[Evidence]] = defaultdict(list)
    known = Evidence.objects.filter(initiative=at.initiative, question__in=list(codes))
    if at.at is not None:
        known = known.filter(submitted_at__lte=at.at)
    related = ("submitted_by", "review__by", "withdrawal__by", "blob", "superseded_by")
    for row in known.select_related(*related).order_by("-id"):
        found[row.question].append(row)
    return found


@dataclass(frozen=True)
class Asked:
    """One question of a gate on somebody's page; `given` holds forms that were refused, by prefix."""

    at: Visit
    gate: Gate
    rule: Rule
    given: Given


def _question(
    asked: Asked, finding: Finding, rows: Sequence[Evidence], panel: WaiverPanel | None
) -> Question:
    at, rule, asks = asked.at, asked.rule, asked.rule.asks
    plain = Question(
        rule=rule,
        finding=finding,
        words=rule.question or rule.title,
        reason=in_brief(finding) if asks else finding.reason,
        mark=_mark(finding),
        severity=SEVERITIES[rule.severity],
        holds_until=_holds_until(finding) if asks is None else None,
        edit_url=edit_address(at, rule),
        waiver=panel,
        mover=finding.next_mover_name or finding.next_role,
    )
    if asks is None or finding.outcome == "not_applicable":
        return plain
    items = list(_items(asked, asks, rows))
    return replace(
        plain,
        **_terms(at, asks),
        slots=_slots(at, rule, asks),
        items=tuple(item for item in items if not item.is_over),
        past=tuple(item for item in items if item.is_over),
        offer_url=_offer_url(at, asked.gate, rule) if at.may(Action.EVIDENCE_SUBMIT) else "",
    )


def _mark(finding: Finding) -> str:
    waits = finding.is_failing and finding.moves and all(move.kind == "review" for move in finding.moves)
    return "submitted" if waits else finding.outcome


def _holds_until(finding: Finding) -> datetime | None:
    """A pass lapses at midnight: the last day on which it holds is the one before."""
    lapses = finding.lapses_at if finding.outcome == "pass" else None
    return lapses - timedelta(seconds=1) if lapses else None


def _terms(at: Visit, asks: Evidenced) -> dict[str, Any]:
    """What is accepted, said before anybody sends anything."""
    bounds = (bound_in_words(at.view, measure) for measure in asks.measures)
    return {
        "accepts": capital(kinds_in_words(at.policy, asks)),
        "fresh": span(asks.fresh_days),
        "recent": span(asks.recent_days) if asks.recent_days else "",
        "bounds": tuple(bound for bound in bounds if bound),
        "demonstrated": asks.demonstrated,
    }


def _slots(at: Visit, rule: Rule, asks: Evidenced) -> tuple[Slot, ...]:
    """One line for each deployment or control; nothing for a question that is asked once."""
    if asks.each == "once":
        return ()
    found = {item.label: item for item in next(f for f in at.verdict.findings if f.code == rule.code).items}
    return tuple(
        Slot(
            slot.label,
            found[slot.label].found if slot.label in found else "",
            slot.label in found and found[slot.label].ok,
        )
        for slot in slots(at.view, asks)
    )


def _offer_url(at: Visit, gate: Gate, rule: Rule) -> str:
    return f"{reverse('gates:offer', args=[at.key, gate.code])}?question={rule.code}"


# --- one item ----------------------------------------------------------------------------------------------


def _items(asked: Asked, asks: Evidenced, rows: Sequence[Evidence]) -> Iterable[Item]:
    """The newest version of each piece, with the earlier ones inside it, newest first."""
    at, rule = asked.at, asked.rule
    lines: defaultdict[int, list[Evidence]] = defaultdict(list)
    for row in rows:
        lines[row.first_id or row.pk].append(row)
    facts = {fact.ref: fact for fact in at.case.facts.evidence}
    for versions in lines.values():
        touched = {row.submitted_by_id for row in versions}
        earlier = tuple(_item(at, rule, asks, row, facts[row.ref]) for row in versions[1:])
        newest = versions[0]
        plain = _item(at, rule, asks, newest, facts[newest.ref])
        yield replace(plain, earlier=earlier, **_deeds(asked, plain, touched))


def _item(at: Visit, rule: Rule, asks: Evidenced, row: Evidence, fact: Fact) -> Item:
    until = last_day(fact, asks)
    accepted = fact.state == "accepted"
    left = (until - at.view.today).days
    return Item(
        row=row,
        state=_state(at, fact, left),
        kind=_kind(at, row.kind),
        about=_about(at, row),
        valid_until=until if accepted or fact.state == "in_review" else None,
        days_left=left if accepted else None,
        note=_note(at, asks, fact),
        measures=_measures(at, asks, fact),
        href=_href(at, row),
    )


def _state(at: Visit, fact: Fact, left: int) -> str:
    if fact.state == "in_review":
        return "submitted"
    if fact.state != "accepted":
        return fact.state
    if left < 0:
        return "expired"
    warned = max(at.policy.notice_days, default=0)
    return "expiring" if left <= warned else "accepted"


def _note(at: Visit, asks: Evidenced, fact: Fact) -> str:
    """Why accepted evidence does not answer the question all the same."""
    if fact.state != "accepted":
        return ""
    fault = fault_of_accepted(at.view, asks, fact)
    return f"{capital(fault)}." if fault else ""


def _measures(at: Visit, asks: Evidenced, fact: Fact) -> tuple[Measured, ...]:
    known = {measure.name: measure for measure in asks.measures}
    return tuple(
        Measured(
            capital(known[name].title), with_unit(value, known[name]), bound_in_words(at.view, known[name])
        )
        if name in known
        else Measured(capital(name.replace("_", " ")), f"{value:g}", "")
        for name, value in fact.measures.items()
    )


def _kind(at: Visit, code: str) -> str:
    try:
        return at.policy.kind(code).title
    except KeyError:
        return code


def _about(at: Visit, row: Evidence) -> str:
    places = {place.code: place.title or place.code for place in at.view.dossier.deployments}
    controls = {control.code: control.title for control in at.view.dossier.non_negotiables.added}
    parts = (controls.get(row.control, row.control), places.get(row.deployment, row.deployment))
    return " · ".join(part for part in parts if part)


def _href(at: Visit, row: Evidence) -> str:
    return reverse("gates:file", args=[at.key, row.ref]) if row.blob_id else row.link


def _deeds(asked: Asked, item: Item, touched: set[UUID]) -> Given:
    """What this reader may do with the newest version: review it, replace it, withdraw it."""
    at, row, deeds = asked.at, item.row, Given()
    if item.state == "submitted":
        deeds.update(_review(asked, row, touched))
    if at.may(Action.EVIDENCE_WITHDRAW) and item.state not in {"withdrawn", "rejected"}:
        prefix = f"withdraw-{row.ref}"
        deeds["withdraw_form"] = asked.given.get(prefix) or WithdrawForm(prefix=prefix)
    if at.may(Action.EVIDENCE_SUBMIT) and item.state != "withdrawn":
        deeds["replace_url"] = f"{_offer_url(at, asked.gate, asked.rule)}&supersedes={row.ref}"
    return deeds


def _review(asked: Asked, row: Evidence, touched: set[UUID]) -> Given:
    at, functions = asked.at, asked.gate.reviewers
    if at.by.user_id in touched:
        return {"why_not": _("You submitted this or an earlier version of it. Somebody else must review it.")}
    if not at.may(Action.EVIDENCE_REVIEW, *functions):
        words = reviewers_in_words(functions)
        return {"why_not": _("It waits for a reviewer: %(words)s.") % {"words": words}}
    prefix = f"review-{row.ref}"
    return {"review_form": asked.given.get(prefix) or ReviewForm(prefix=prefix)}


# --- where a rule judged from the dossier is mended ---------------------------------------------------------

SECTIONS = {
    "outcome_chain": "outcome_chain",
    "measurement": "metrics",
    "governance": "risk_posture",
    "ownership": "operating_model",
    "risk": "risk_posture",
    "archetype": "operating_model",
    "change": "change_impact",
}


def edit_address(at: Visit, rule: Rule) -> str:
    """The page on which the part of the dossier is edited that the rule is judged by; empty where there is none."""
    section = SECTIONS.get(rule.gate, "")
    judged_by_evidence = rule.check == "evidence.accepted"
    if not section or judged_by_evidence or not at.may(Action.INITIATIVE_EDIT):
        return ""
    return f"/initiatives/{at.key}/edit/{section}/"
