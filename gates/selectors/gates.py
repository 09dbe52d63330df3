"""One gate as a page or an answer shows it: its questions, what answers them, and who stands behind it."""

from dataclasses import dataclass
from datetime import date, datetime

from gates.engine import Finding, Gate, Rule, Verdict, gate_fingerprint
from gates.engine.answers import last_day
from gates.engine.facts import Endorsement, Evidence, Waiver
from gates.engine.standing import standing_ground
from gates.engine.view import View
from gates.selectors.facts import Case


@dataclass(frozen=True)
class Offered:
    """An item offered for a question. `rests` when the present answer rests on it."""

    evidence: Evidence
    good_until: date | None
    rests: bool


@dataclass(frozen=True)
class QuestionState:
    rule: Rule
    finding: Finding
    offered: tuple[Offered, ...]
    waivers: tuple[Waiver, ...]


@dataclass(frozen=True)
class GivenEndorsement:
    endorsement: Endorsement
    stands: bool


@dataclass(frozen=True)
class GateState:
    """`state`: open, answered (waits for an endorsement), passed, or left_out (nothing is asked)."""

    gate: Gate
    state: str
    questions: tuple[QuestionState, ...]
    endorsements: tuple[GivenEndorsement, ...]
    seen: str  # what an endorsement given now must name; empty for gates that are not endorsed
    n_open: int


def gate_states(case: Case, verdict: Verdict) -> tuple[GateState, ...]:
    """Every gate in the policy's order."""
    view = View(case.policy, case.facts, verdict.judged_at)
    return tuple(_state(case, verdict, gate, view) for gate in case.policy.gates)


def gate_state(case: Case, verdict: Verdict, code: str) -> GateState | None:
    return next((state for state in gate_states(case, verdict) if state.gate.code == code), None)


def _state(case: Case, verdict: Verdict, gate: Gate, view: View) -> GateState:
    findings = tuple(finding for finding in verdict.findings if finding.gate == gate.code)
    given = tuple(
        GivenEndorsement(yes, standing_ground(view, yes) is not None)
        for yes in case.facts.endorsements
        if yes.gate == gate.code
    )
    open_now = [finding for finding in findings if finding.is_failing and finding.severity != "advisory"]
    return GateState(
        gate=gate,
        state=_state_word(gate, findings, open_now, given),
        questions=tuple(_question(case, finding) for finding in findings),
        endorsements=given,
        seen=gate_fingerprint(case.facts, case.policy, gate.code, verdict.judged_at) if gate.endorsed else "",
        n_open=len(open_now),
    )


def _state_word(
    gate: Gate, findings: tuple[Finding, ...], open_now: list[Finding], given: tuple[GivenEndorsement, ...]
) -> str:
    if open_now:
        return "open"
    if all(finding.outcome == "not_applicable" for finding in findings):
        return "left_out"
    if gate.endorsed and not any(yes.stands for yes in given):
        return "answered"
    return "passed"


def _question(case: Case, finding: Finding) -> QuestionState:
    rule = case.policy.rule(finding.code)
    asks = rule.asks
    offered = tuple(
        Offered(item, None if asks is None else last_day(item, asks), item.ref in finding.evidence)
        for item in reversed(case.facts.evidence)
        if item.question == rule.code
    )
    waivers = tuple(waiver for waiver in reversed(case.facts.waivers) if waiver.rule == rule.code)
    return QuestionState(rule, finding, offered, waivers)


def endorsed_at(state: GateState) -> datetime | None:
    """Since when the gate is endorsed on what stands now."""
    return min((yes.endorsement.at for yes in state.endorsements if yes.stands), default=None)
