"""Every gate of the policy in a line: how many of its rules are met, and whether somebody endorsed it."""

from dataclasses import dataclass

from gates.engine.facts import Endorsement
from initiatives.web.frame import address, link
from initiatives.web.looking import FindingLine, Look

# Gates whose rules are read on a tab of their own.
_TABS = {
    "outcome_chain": "chain/",
    "measurement": "measurement/",
    "risk": "risk/",
    "change": "change/",
    "alignment": "alignment/",
    "operation": "risk/",
}


@dataclass(frozen=True)
class GateLine:
    code: str
    title: str
    question: str
    url: str
    met: int
    asked: int
    open: int
    worst: str  # severity of the worst failing rule; empty when none fails
    first: FindingLine | None
    endorsed: bool
    endorsement: Endorsement | None
    endorser: str

    @property
    def state(self) -> str:
        if not self.asked:
            return "not_applicable"
        return "fail" if self.open else "pass"


def gate_lines(look: Look) -> list[GateLine]:
    return [_line(look, gate.code) for gate in look.policy.gates]


def _line(look: Look, code: str) -> GateLine:
    gate = look.policy.gate(code)
    findings = look.findings([code])
    failing = [finding for finding in findings if finding.outcome == "fail"]
    given = [yes for yes in look.facts.endorsements if yes.gate == code]
    key = look.visit.key
    return GateLine(
        code=code,
        title=gate.title,
        question=gate.question,
        url=link("gates:gate", key, code) or address(key, _TABS.get(code, "gates/")),
        met=len(findings) - len(failing),
        asked=len(findings),
        open=len(failing),
        worst=failing[0].severity if failing else "",
        first=failing[0] if failing else None,
        endorsed=gate.endorsed,
        endorsement=given[-1] if given else None,
        endorser=look.names.get(look.facts.gate_owners.get(code, ""), ""),
    )
