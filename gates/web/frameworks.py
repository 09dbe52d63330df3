"""Frameworks of others, held against one initiative or against the first of all that the reader sees."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from alignment_portal.http.requests import actor_of
from alignment_portal.http.settings_tabs import settings_tabs
from alignment_portal.http.spreadsheets import table_file
from gates.engine import Gate, Policy
from gates.selectors.frameworks import (
    Framework,
    Requirement,
    Support,
    framework_or_404,
    frameworks,
    rules_of,
    supports,
)
from gates.selectors.judging import judge_many
from gates.selectors.policies import current_policy
from initiatives.selectors import initiative_or_404, visible_initiatives

MOST = 100  # initiatives judged for one page
HEADS = (
    "Requirement",
    "What it asks, in our words",
    "Gates",
    "Rules",
    "Initiative",
    "State",
    "Evidence",
    "Missing",
)


@dataclass(frozen=True)
class Row:
    """One requirement: what answers it, and how the initiatives looked at stand."""

    requirement: Requirement
    gates: tuple[Gate, ...]
    rules: tuple[str, ...]
    held: tuple[tuple[str, Support], ...]

    @property
    def met(self) -> int:
        return sum(support.is_met for _, support in self.held)


@dataclass(frozen=True)
class Looked:
    framework: Framework
    rows: tuple[Row, ...]
    keys: tuple[str, ...]
    more: bool
    initiative: str


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    visible_initiatives(actor_of(request))
    found, faults = frameworks(current_policy())
    context = {"tabs": settings_tabs(request), "frameworks": found, "faults": faults}
    return render(request, "gates/frameworks.html", context)


def _looked(request: HttpRequest, code: str) -> Looked:
    by, policy = actor_of(request), current_policy()
    visible = visible_initiatives(by)
    framework = framework_or_404(policy, code)
    asked = request.GET.get("initiative", "").strip().upper()
    if asked:
        keys, more = [initiative_or_404(by, asked).key], False
    else:
        keys = list(visible.current().order_by("key").values_list("key", flat=True)[: MOST + 1])
        more = len(keys) > MOST
    verdicts = judge_many(keys[:MOST])
    held = {key: supports(policy, framework, verdict) for key, verdict in verdicts.items()}
    rows = tuple(
        _row(policy, requirement, tuple((key, held[key][place]) for key in sorted(held)))
        for place, requirement in enumerate(framework.requirements)
    )
    return Looked(framework, rows, tuple(sorted(held)), more, asked)


def _row(policy: Policy, requirement: Requirement, held: tuple[tuple[str, Support], ...]) -> Row:
    rules = rules_of(policy, requirement)
    touched = {rule.gate for rule in policy.rules if rule.code in rules}
    return Row(requirement, tuple(gate for gate in policy.gates if gate.code in touched), rules, held)


@require_GET
def framework(request: HttpRequest, code: str) -> HttpResponse:
    context = {"tabs": settings_tabs(request), "looked": _looked(request, code), "most": MOST}
    return render(request, "gates/framework.html", context)


@require_GET
def export(request: HttpRequest, code: str) -> HttpResponse:
    looked = _looked(request, code)
    return table_file("xlsx", name=looked.framework.code, heads=HEADS, rows=_cells(looked))


def _cells(looked: Looked) -> Iterator[tuple[str, ...]]:
    if looked.more:  # a file is read without the page that said so
        told = _("You see more initiatives: these are the first %(most)d by key.") % {"most": MOST}
        yield ("", told, *[""] * (len(HEADS) - 2))
    for row in looked.rows:
        shown = (
            row.requirement.id,
            row.requirement.label,
            ", ".join(gate.title for gate in row.gates),
            ", ".join(row.rules),
        )
        for key, support in row.held:
            missing = "; ".join(f"{finding.code}: {finding.reason}" for finding in support.missing)
            state = "met" if support.is_met else "not met" if support.counted else "not applicable"
            yield (*shown, key, state, ", ".join(support.evidence), missing)
        if not row.held:
            yield (*shown, "", "", "", "")
