"""One initiative as it is, or was at a moment: its dossier, its verdict, and the names of everybody in it."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alignment_portal import clock
from gates.engine import Explanation, Facts, Finding, NextMove, Policy, Verdict, explain
from gates.engine.explanation import verdict_sentence
from gates.engine.verdict import Severity
from gates.engine.view import View
from gates.selectors.bodies import moment_of
from gates.selectors.judging import judged_case
from initiatives.dossier.canonical import builtins_of
from initiatives.dossier.document import Dossier
from initiatives.web.codes import names_of_people
from initiatives.web.frame import TAB_GATES, Visit, address, link, tabs, visit

BLOCKING: tuple[Severity, ...] = ("blocker", "suspender")
LIMITING: tuple[Severity, ...] = ("limiter", "readiness")
SHOWN_AT_ONCE = 3


@dataclass(frozen=True)
class FindingLine:
    """A finding as parts/finding.html shows it."""

    code: str
    outcome: str
    title: str
    reason: str
    remedy: str
    why: str
    mover: str
    href: str
    severity: str
    lapses_at: dt.datetime | None
    gate: str


@dataclass(frozen=True)
class MoveLine:
    """A next move as parts/next_moves.html shows it."""

    person: str
    deed: str
    where: str
    href: str
    since: dt.datetime | None
    mine: bool


class Look:
    """What the pages of one initiative show. Judged fresh, once a request."""

    def __init__(self, seen: Visit, at: dt.datetime | None) -> None:
        self.visit, self.at = seen, at
        case, verdict = judged_case(seen.key, at)
        self.policy: Policy = case.policy
        self.facts: Facts = case.facts
        self.verdict: Verdict = verdict

    @property
    def dossier(self) -> Dossier:
        return self.facts.dossier

    @cached_property
    def document(self) -> dict[str, Any]:
        return builtins_of(self.dossier)

    @cached_property
    def names(self) -> Mapping[str, str]:
        return names_of_people()

    @cached_property
    def explanation(self) -> Explanation:
        """The way to the next better verdict: most of the work, so only for a page that shows it."""
        return explain(self.policy, self.facts, self.verdict.judged_at, self.verdict)

    # -- findings ----------------------------------------------------------------------------------------

    def findings(self, gates: Iterable[str]) -> list[FindingLine]:
        """The findings of some gates: what fails first, then what is waived, then what is met."""
        wanted = set(gates)
        found = [finding for finding in self.verdict.findings if finding.gate in wanted]
        found = [finding for finding in found if finding.outcome != "not_applicable"]
        return [self.line(finding) for finding in sorted(found, key=_urgency)]

    def line(self, finding: Finding) -> FindingLine:
        return FindingLine(
            code=finding.code,
            outcome=finding.outcome,
            title=finding.title,
            reason=finding.reason,
            remedy=finding.remedy,
            why=finding.why,
            mover=finding.next_mover_name or (finding.next_role if finding.is_failing else ""),
            href=finding.link,
            severity=finding.severity if finding.is_failing else "",
            lapses_at=finding.lapses_at,
            gate=finding.gate,
        )

    def broken_at(self, pointer: str, anchor: str = "") -> list[str]:
        """What is wrong at one place of the dossier, from the findings that fail there or send people there."""
        found = [
            _sentence(item.found)
            for finding in self.verdict.findings
            if finding.is_failing
            for item in finding.items
            if not item.ok and (item.place == pointer or item.place.startswith(f"{pointer}/"))
        ]
        sent = [
            finding.reason
            for finding in self.verdict.findings
            if anchor and finding.is_failing and any(move.place.endswith(anchor) for move in finding.moves)
        ]
        return list(dict.fromkeys(found)) or list(dict.fromkeys(sent))

    def said_at(self, pointer: str, gate: str) -> list[tuple[bool, str, str]]:
        """(met, what was found, what was needed) at one place, in the judge's own words."""
        found = [
            (item.ok, _sentence(item.found), item.needed)
            for finding in self.verdict.findings
            if finding.gate == gate and finding.outcome != "not_applicable"
            for item in finding.items
            if item.place == pointer or item.place.startswith(f"{pointer}/")
        ]
        return list(dict.fromkeys(found))

    def open_items(self) -> dict[str, int]:
        """How many rules are not met on each tab."""
        failing = [finding.gate for finding in self.verdict.failing(*BLOCKING, *LIMITING)]
        return {tab: sum(gate in gates for gate in failing) for tab, gates in TAB_GATES.items()}

    # -- words -------------------------------------------------------------------------------------------

    @property
    def count(self) -> str:
        """What blocks and what limits, in words; empty when nothing does."""
        blocking = len(self.verdict.failing(*BLOCKING))
        limiting = len(self.verdict.failing(*LIMITING))
        told = []
        if blocking:
            told.append(ngettext("%(n)d rule blocks", "%(n)d rules block", blocking) % {"n": blocking})
        if limiting:
            told.append(ngettext("%(n)d more limits", "%(n)d more limit", limiting) % {"n": limiting})
        return ", ".join(told)

    def answers(self) -> list[dict[str, str]]:
        tab = {"change": "change/", "proof": "measurement/", "run": "gates/"}
        return [
            {
                "question": answer.question,
                "state": "yes" if answer.ok else "not_yet",
                "reason": _after_colon(answer.sentence),
                "href": address(self.visit.key, tab[answer.code]),
            }
            for answer in self.explanation.answers
        ]

    def moves(self) -> list[MoveLine]:
        since = self._since()
        return [self._move(move, since) for move in self.explanation.moves]

    def _move(self, move: NextMove, since: Mapping[str, dt.datetime]) -> MoveLine:
        deed, _colon, where = move.deed.partition(": ")
        return MoveLine(
            person=move.person_name or move.role,
            deed=deed,
            where=where[:1].upper() + where[1:],
            href=move.place,
            since=since.get(move.key[:200]),
            mine=bool(move.person) and move.person == self.visit.by.email,
        )

    def _since(self) -> dict[str, dt.datetime]:
        """Since when each deed has been asked for, from the notices that ask for it."""
        if self.at is not None:
            return {}
        asked = self.visit.initiative.notices.filter(kind="next_move", settled_at__isnull=True)
        return dict(asked.values_list("key", "at"))

    # -- the frame ---------------------------------------------------------------------------------------

    def frame(self, tab: str) -> dict[str, Any]:
        """What every tab shows around its own content."""
        key, initiative = self.visit.key, self.dossier.initiative
        at = self.visit.request.GET.get("at", "") if self.at else ""
        return {
            "look": self,
            "initiative": self.visit.initiative,
            "key": key,
            "title": initiative.title,
            "owner": self.names.get(initiative.owner, initiative.owner),
            "horizon": initiative.horizon,
            "lane": self.verdict.lane.capitalize(),
            "status": self.facts.status,
            "level": self.verdict.level,
            "sentence": verdict_sentence(View(self.policy, self.facts, self.verdict.judged_at), self.verdict),
            "count": self.count,
            "actions": self._actions(),
            "tabs": tabs(key, tab, self.open_items(), at),
            "tab": tab,
            "at": at,
            "moment": self.at,
            "may_edit": self.visit.may_edit and self.at is None,
            "dossier": self.dossier,
            "names": self.names,
            "findings": self.findings(TAB_GATES.get(tab, ())),
            "now": self.at or clock.now(),
            "today": timezone.localdate(self.at or clock.now()),
        }

    def _actions(self) -> list[dict[str, Any]]:
        if self.at is not None:
            return [{"label": _("Back to now"), "url": address(self.visit.key), "primary": True}]
        found = []
        if self.visit.may_edit:
            found.append(
                {"label": _("Edit the dossier"), "url": f"{address(self.visit.key)}edit/", "primary": False}
            )
        if status := link("gates:status", self.visit.key):
            found.append({"label": _("Move status"), "url": status, "primary": False})
        return found


_ORDER = {"fail": 0, "waived": 1, "pass": 2}
_WEIGHT = {"suspender": 0, "blocker": 1, "limiter": 2, "readiness": 3, "advisory": 4}


def _urgency(finding: Finding) -> tuple[int, int]:
    return _ORDER.get(finding.outcome, 3), _WEIGHT[finding.severity] if finding.is_failing else 0


def _sentence(clause: str) -> str:
    return clause[:1].upper() + clause[1:]


def _after_colon(sentence: str) -> str:
    _head, colon, rest = sentence.partition(": ")
    return rest[:1].upper() + rest[1:] if colon else sentence


def look_at(request: HttpRequest, key: str) -> Look:
    """The initiative now, or at the time in the address."""
    return Look(visit(request, key), moment_in(request.GET.get("at", "")))


def moment_in(given: str) -> dt.datetime | None:
    """The moment of an address: a time, or the end of a day in the reader's zone; none for now. Raises Invalid."""
    if not given:
        return None
    if len(given) == len("2026-06-30"):
        try:
            day = dt.date.fromisoformat(given)
        except ValueError:
            return moment_of(given)
        end = timezone.make_aware(dt.datetime.combine(day, dt.time(23, 59, 59)))
        return min(end, clock.now()) if day <= timezone.localdate() else moment_of(end.isoformat())
    return moment_of(given)


def first_moves(moves: Sequence[MoveLine]) -> Sequence[MoveLine]:
    """The few that stand above the fold: one's own first, then in the order in which they help."""
    return sorted(moves, key=lambda move: not move.mine)[:SHOWN_AT_ONCE]
