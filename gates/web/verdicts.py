"""The verdict in full: every finding by gate, now or as of a day, and the proved way to the next better one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from alignment_portal import clock
from alignment_portal.refusals import NotFound
from gates.engine import Explanation, Finding, Gate, explain
from gates.engine.verdict import NextMove
from gates.web.frame import Visit, gate_address, page, visit
from gates.web.words import LEVELS, SEVERITIES

SHOWN = ("failing", "passing", "all")
FIRST_DEEDS = 12  # shown at once; the rest unfolds


@dataclass(frozen=True)
class Line:
    """A finding as parts/finding.html draws it, with what it found."""

    code: str
    outcome: str
    reason: str
    remedy: str
    why: str
    mover: str
    href: str
    lapses_at: datetime | None
    severity: Any
    finding: Finding


@dataclass(frozen=True)
class Group:
    gate: Gate
    url: str
    lines: tuple[Line, ...]
    failing: int


@dataclass(frozen=True)
class Deed:
    """One deed on the way to the next verdict, as parts/next_moves.html draws it."""

    person: str
    deed: str
    href: str
    where: str
    mine: bool


@require_GET
def verdict(request: HttpRequest, key: str) -> HttpResponse:
    moment, fault = _moment(request)
    at = visit(request, key, moment)
    try:
        said = explain(at.policy, at.case.facts, at.now, at.verdict)
    except NotFound as absent:
        fault = absent.sentence
        at = visit(request, key)
        said = explain(at.policy, at.case.facts, at.now, at.verdict)
    shown = request.GET.get("show", "failing" if at.verdict.failing() else "all")
    return page(
        at,
        "verdict",
        current="overview",
        fault=fault,
        said=said,
        answers=_answers(said),
        deeds=[_deed(at, move, said.moves) for move in said.moves],
        further=len(said.moves) - FIRST_DEEDS,
        target=LEVELS[said.target] if said.target else "",
        groups=[group for gate in at.policy.gates if (group := _group(at, gate, shown)).lines],
        filters=_filters(request, shown, at),
        asked_day=request.GET.get("at", "")[:10],
    )


def _moment(request: HttpRequest) -> tuple[datetime | None, str]:
    """The moment asked for: a day counts to its end where the reader is. None for now."""
    text = request.GET.get("at", "").strip()
    if not text:
        return None, ""
    try:
        day = parse_date(text)
        moment = _end_of(day) if day else parse_datetime(text.replace(" ", "+"))
        if moment is not None and timezone.is_naive(moment):
            moment = timezone.make_aware(moment)
        moment = moment and moment.astimezone(UTC)
    except (ValueError, OverflowError):  # also the first and the last day there is, in another zone
        moment = None
    if moment is None:
        return None, _("“%(text)s” is no day. Write it as 2026-06-30.") % {"text": text[:40]}
    return (None, "") if moment >= clock.now() else (moment, "")


def _end_of(day: date) -> datetime:
    midnight = timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))
    return midnight - timedelta(microseconds=1)


def _answers(said: Explanation) -> list[dict[str, Any]]:
    return [
        {
            "question": answer.question,
            "state": "yes" if answer.ok else "not_yet",
            "reason": _bare(answer.sentence),
        }
        for answer in said.answers
    ]


def _bare(sentence: str) -> str:
    """The sentence without the “Yes:” or “Not yet:” that the mark says already."""
    _head, colon, rest = sentence.partition(": ")
    return rest[:1].upper() + rest[1:] if colon else sentence


def _group(at: Visit, gate: Gate, shown: str) -> Group:
    findings = [finding for finding in at.verdict.findings if finding.gate == gate.code]
    lines = tuple(_line(finding) for finding in findings if _is_shown(finding, shown))
    return Group(
        gate, gate_address(at.key, gate.code), lines, sum(finding.is_failing for finding in findings)
    )


def _is_shown(finding: Finding, shown: str) -> bool:
    if shown == "failing":
        return finding.is_failing
    return shown != "passing" or finding.outcome in {"pass", "waived"}


def _line(finding: Finding) -> Line:
    return Line(
        code=finding.code,
        outcome=finding.outcome,
        reason=finding.reason,
        remedy=finding.remedy,
        why=finding.why,
        mover=finding.next_mover_name or finding.next_role,
        href=finding.link,
        lapses_at=finding.lapses_at,
        severity=SEVERITIES[finding.severity],
        finding=finding,
    )


def _deed(at: Visit, move: NextMove, moves: Sequence[NextMove]) -> Deed:
    waits = next((other.deed for other in moves if other.key in move.after), "")
    where = _("after: %(deed)s") % {"deed": waits.partition(":")[0]} if waits else ""
    return Deed(move.person_name or move.role, move.deed, move.place, where, mine=move.person == at.by.email)


def _filters(request: HttpRequest, shown: str, at: Visit) -> list[dict[str, Any]]:
    failing = sum(finding.is_failing for finding in at.verdict.findings)
    passing = sum(finding.outcome in {"pass", "waived"} for finding in at.verdict.findings)
    counts = {"all": len(at.verdict.findings), "failing": failing, "passing": passing}
    labels = {"all": _("All rules"), "failing": _("Not met"), "passing": _("Met")}
    kept = {"at": request.GET["at"]} if request.GET.get("at") else {}
    return [
        {
            "label": labels[name],
            "url": f"?{urlencode({**kept, 'show': name})}#findings",
            "current": name == (shown if shown in SHOWN else "all"),
            "count": counts[name],
        }
        for name in SHOWN
    ]
