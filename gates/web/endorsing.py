"""The endorsement of a gate as its page shows it: exactly what it rests on, who may give it, and what made one fall."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from alignment_portal.accounts.permissions import Action, who_may
from gates.engine import Gate
from gates.engine.answers import last_day
from gates.engine.facts import Evidence as Fact
from gates.engine.words import day, listing
from gates.models import Endorsement, Evidence
from gates.selectors.judging import current_seen
from gates.web.forms import EndorseForm, WithdrawForm
from gates.web.frame import Visit
from gates.web.states import standing_endorsements


@dataclass(frozen=True)
class Ground:
    """One item the endorsement will rest on."""

    ref: str
    version: int
    title: str
    question: str
    digest: str


@dataclass(frozen=True)
class Given:
    """An endorsement that was given, and whether it stands."""

    row: Endorsement
    state: str
    refs: str
    fallen_because: str = ""
    withdraw_form: WithdrawForm | None = None


@dataclass(frozen=True)
class EndorsementPanel:
    grounds: tuple[Ground, ...]
    from_dossier: tuple[str, ...]
    seen: str
    standing: tuple[Given, ...]
    former: tuple[Given, ...]
    form: EndorseForm | None = None
    why_not: str = ""


def endorsement_panel(at: Visit, gate: Gate, sent: Mapping[str, Any]) -> EndorsementPanel | None:
    """Nothing for a gate that executives do not endorse."""
    if not gate.endorsed:
        return None
    seen = current_seen(at.case, gate.code, at.now)
    given = list(_given(at, gate, sent))
    standing = tuple(one for one in given if one.state == "endorsed")
    grounds, from_dossier = _grounds(at, gate)
    why_not = _why_not(at, gate, grounds, standing)
    form: EndorseForm | None = None
    if not why_not:
        form = sent.get("endorse") or EndorseForm(prefix="endorse", initial={"seen": seen})
        form.rest_on(seen)
    former = tuple(one for one in given if one.state != "endorsed")
    return EndorsementPanel(grounds, from_dossier, seen, standing, former, form, why_not)


def _grounds(at: Visit, gate: Gate) -> tuple[tuple[Ground, ...], tuple[str, ...]]:
    """The evidence the answers rest on, and the rules answered from the dossier itself."""
    facts = {fact.ref: fact for fact in at.case.facts.evidence}
    grounds, from_dossier = [], []
    for finding in at.verdict.findings:
        if finding.gate != gate.code or finding.outcome != "pass":
            continue
        grounds += [_ground(facts[ref]) for ref in finding.evidence if ref in facts]
        if not finding.evidence:
            from_dossier.append(f"{finding.code}: {finding.title}")
    return tuple(grounds), tuple(from_dossier)


def _ground(fact: Fact) -> Ground:
    return Ground(fact.ref, fact.version, fact.title, fact.question, (fact.sha256 or "")[:12])


def _why_not(at: Visit, gate: Gate, grounds: Sequence[Ground], standing: Sequence[Given]) -> str:
    """Why this reader may not endorse now, in a sentence; empty when they may."""
    failing = [finding for finding in at.verdict.failing() if finding.gate == gate.code]
    if not at.may(Action.GATE_ENDORSE):
        return _("Endorsing is for %(who)s.") % {"who": who_may(Action.GATE_ENDORSE)}
    if failing:
        codes = listing([finding.code for finding in failing])
        return _("It can be endorsed once %(codes)s is answered.") % {"codes": codes}
    if any(one.row.by_id == at.by.user_id for one in standing):
        return _("You have endorsed this gate on the evidence as it is now.")
    refs = {ground.ref for ground in grounds}
    own = [fact.ref for fact in at.case.facts.evidence if fact.ref in refs and at.by.email in fact.touched_by]
    if own:
        return _("You submitted %(refs)s, which this gate rests on. Another executive must endorse it.") % {
            "refs": listing(own)
        }
    return ""


def _given(at: Visit, gate: Gate, sent: Mapping[str, Any]) -> Sequence[Given]:
    rows = Endorsement.objects.filter(initiative=at.initiative, gate=gate.code)
    if at.at is not None:
        rows = rows.filter(at__lte=at.at)
    rows = rows.select_related("by", "withdrawal").prefetch_related("rests_on__evidence").order_by("-id")
    sound = {yes.ref for yes in standing_endorsements(at, gate)}
    facts = {fact.ref: fact for fact in at.case.facts.evidence}
    return [_one(at, gate, row, facts, sent, is_sound=row.ref in sound) for row in rows]


def _one(
    at: Visit,
    gate: Gate,
    row: Endorsement,
    facts: Mapping[str, Fact],
    sent: Mapping[str, Any],
    *,
    is_sound: bool,
) -> Given:
    items = [rested.evidence for rested in row.rests_on.all()]
    refs = listing([f"{item.ref} v{item.version}" for item in items])
    if hasattr(row, "withdrawal"):
        because = _("Withdrawn: %(reason)s") % {"reason": row.withdrawal.reason}
        return Given(row, "withdrawn", refs, because)
    if not is_sound:
        return Given(row, "stale", refs, _fallen(at, gate, row, items, facts))
    prefix = f"unendorse-{row.ref}"
    mine = row.by_id == at.by.user_id and at.may(Action.GATE_ENDORSE)
    return Given(
        row, "endorsed", refs, "", (sent.get(prefix) or WithdrawForm(prefix=prefix)) if mine else None
    )


def _fallen(
    at: Visit, gate: Gate, row: Endorsement, items: Sequence[Evidence], facts: Mapping[str, Fact]
) -> str:
    """What changed after it was given, in words."""
    changes = [words for item in items if (words := _change(at, facts.get(item.ref)))]
    if changes:
        return _("It fell because %(changes)s.") % {"changes": listing(changes)}
    by: Any = row.by
    if not at.view.has_role(by.email, "executive"):
        return _("It fell because %(name)s is no longer an active executive.") % {"name": by.name}
    return _(
        "It fell because the answers in the dossier, or the questions, are no longer those that were seen."
    )


def _change(at: Visit, fact: Fact | None) -> str:
    if fact is None:
        return ""
    rule = at.policy.rules_by_code.get(fact.question)
    if fact.state == "withdrawn":
        return _("%(ref)s was withdrawn") % {"ref": fact.ref}
    if fact.state == "superseded":
        return _("%(ref)s was replaced by a newer version") % {"ref": fact.ref}
    if rule is None or rule.asks is None:
        return _("%(ref)s answers a question that is no longer asked") % {"ref": fact.ref}
    until = last_day(fact, rule.asks)
    if until < at.view.today:
        return _("%(ref)s expired on %(day)s") % {"ref": fact.ref, "day": day(until)}
    return ""
