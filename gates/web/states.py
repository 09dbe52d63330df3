"""How a gate stands, said honestly in a word and a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from gates.engine import Finding, Gate
from gates.engine.facts import Endorsement
from gates.engine.standing import standing_ground
from gates.engine.verdict import NextMove
from gates.engine.words import MOST_CLAUSES, capital, day
from gates.web.frame import Visit, gate_address


@dataclass(frozen=True)
class GateLine:
    """One gate as a line of the task list. `mark` is the state the status part draws, `word` replaces its word."""

    gate: Gate
    url: str
    mark: str
    word: str | Promise
    sentence: str
    met: int
    asked: int
    move: NextMove | None = None

    @property
    def is_open(self) -> bool:
        return self.mark not in {"pass", "endorsed", "not_applicable"}


def states_of(at: Visit) -> list[GateLine]:
    return [state_of(at, gate) for gate in at.policy.gates if at.policy.rules_of(gate.code)]


def state_of(at: Visit, gate: Gate) -> GateLine:
    findings = [finding for finding in at.verdict.findings if finding.gate == gate.code]
    asked = [finding for finding in findings if finding.outcome != "not_applicable"]
    failing = [finding for finding in asked if finding.is_failing and finding.severity != "advisory"]
    mark, word, sentence = _judged(at, gate, findings, asked, failing)
    return GateLine(
        gate=gate,
        url=gate_address(at.key, gate.code),
        mark=mark,
        word=word,
        sentence=sentence,
        met=sum(not finding.is_failing for finding in asked),
        asked=len(asked),
        move=_next_move(at, gate, failing),
    )


Said = tuple[str, str | Promise, str]


def _judged(
    at: Visit, gate: Gate, findings: Sequence[Finding], asked: Sequence[Finding], failing: Sequence[Finding]
) -> Said:
    if not asked:
        reason = findings[0].reason if findings else _("The policy asks nothing here.")
        return "not_applicable", gettext_lazy("Not asked"), reason
    if failing:
        return _open(failing)
    if gate.endorsed:
        return _endorsed(at, gate, asked)
    return _met(asked)


def _open(failing: Sequence[Finding]) -> Said:
    kinds = [{move.kind for move in finding.moves} for finding in failing]
    words = in_brief(failing[0])
    more = len(failing) - 1
    if more:
        tail = ngettext("%(n)d more is not met.", "%(n)d more are not met.", more) % {"n": more}
        words = f"{words} {tail}"
    if all(kind == {"review"} for kind in kinds):
        return "submitted", gettext_lazy("Awaiting review"), words
    if all(kind == {"endorse"} for kind in kinds):
        return "open", gettext_lazy("Awaiting endorsement"), words
    return "fail", gettext_lazy("Not met"), words


def in_brief(finding: Finding) -> str:
    """What was found wrong, without what is needed: the terms of the question stand beside it."""
    wrong = [item.found for item in finding.items if not item.ok]
    return f"{capital('; '.join(some_clauses(wrong)))}." if wrong and finding.is_failing else finding.reason


def some_clauses(clauses: Sequence[str]) -> list[str]:
    more = len(clauses) - MOST_CLAUSES
    tail = [_("and %(n)d more") % {"n": more}] if more > 0 else []
    return [*clauses[:MOST_CLAUSES], *tail]


def _endorsed(at: Visit, gate: Gate, asked: Sequence[Finding]) -> Said:
    given = [yes for yes in at.case.facts.endorsements if yes.gate == gate.code]
    sound = standing_endorsements(at, gate)
    if sound:
        last = sound[-1]
        name = at.name(last.by)
        sentence = _("%(name)s endorsed it on %(day)s, on the evidence as it is now.")
        return "endorsed", "", sentence % {"name": name, "day": day(local_day(last.at))}
    if given:
        sentence = _(
            "Every question is answered, but the evidence changed after %(name)s endorsed it. It needs a new endorsement."
        )
        return "stale", gettext_lazy("Endorsement fell"), sentence % {"name": at.name(given[-1].by)}
    waived = any(finding.outcome == "waived" for finding in asked)
    word = gettext_lazy("Ready to endorse")
    if waived:
        return "in_review", word, _("Every question is answered or waived. No executive has endorsed it yet.")
    return "in_review", word, _("Every question is answered. No executive has endorsed it yet.")


def _met(asked: Sequence[Finding]) -> Said:
    waived = [finding for finding in asked if finding.outcome == "waived"]
    advised = [finding for finding in asked if finding.is_failing]
    if waived:
        return "waived", gettext_lazy("Met with a waiver"), waived[0].reason
    if advised:
        return "pass", gettext_lazy("Met, with advice"), advised[0].reason
    sentence = ngettext("The one rule asked here is met.", "All %(n)d rules asked here are met.", len(asked))
    return "pass", "", sentence % {"n": len(asked)}


def standing_endorsements(at: Visit, gate: Gate) -> list[Endorsement]:
    """Those that stand on the evidence as it is now, oldest first."""
    facts = at.case.facts
    return [
        yes
        for yes in facts.endorsements
        if yes.gate == gate.code
        and at.view.has_role(yes.by, "executive")
        and (ground := standing_ground(at.view, yes)) is not None
        and not any(yes.by in one.touched_by for one in ground)
    ]


def _next_move(at: Visit, gate: Gate, failing: Sequence[Finding]) -> NextMove | None:
    """The first deed that waits for nothing else; for a gate that only lacks its endorsement, that."""
    moves = [move for finding in failing for move in finding.moves if not move.after]
    if not moves and gate.endorsed:
        key = f"endorse:{gate.code}"
        moves = [move for finding in at.verdict.failing() for move in finding.moves if move.key == key]
    return moves[0] if moves else None


def local_day(moment: datetime) -> date:
    return timezone.localtime(moment).date()
