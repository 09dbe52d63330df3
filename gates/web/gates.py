"""The gates of one initiative as a task list, and one gate with everything that is said about it."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from gates.engine import Gate
from gates.web.endorsing import endorsement_panel
from gates.web.frame import Visit, page, visit
from gates.web.operating import operation_panel
from gates.web.questions import questions_of
from gates.web.states import state_of, states_of
from gates.web.words import reviewers_in_words


@require_GET
def gate_list(request: HttpRequest, key: str) -> HttpResponse:
    at = visit(request, key)
    states = states_of(at)
    asked = [state for state in states if state.mark != "not_applicable"]
    return page(
        at,
        "list",
        states=asked,
        left_out=[state for state in states if state.mark == "not_applicable"],
        open_gates=sum(state.is_open for state in asked),
    )


@require_GET
def gate(request: HttpRequest, key: str, gate: str) -> HttpResponse:
    return gate_page(visit(request, key), gate)


def gate_page(
    at: Visit, code: str, given: Mapping[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """The page of a gate; `given` holds forms that were refused, by prefix, so that nothing typed is lost."""
    shown, sent = at.gate(code), dict(given or {})
    questions = questions_of(at, shown, sent)
    return page(
        at,
        "gate",
        status=status,
        crumbs=[{"label": _("Gates & evidence"), "url": f"/initiatives/{at.key}/gates/"}],
        gate=shown,
        state=state_of(at, shown),
        questions=[one for one in questions if one.finding.outcome != "not_applicable"],
        left_out=[one for one in questions if one.finding.outcome == "not_applicable"],
        asks_evidence=any(one.accepts for one in questions),
        reviewers=reviewers_in_words(shown.reviewers),
        panel=endorsement_panel(at, shown, sent),
        operation=operation_panel(at, sent) if shown.code == "operation" else None,
        refused=next((form for form in sent.values() if form.errors), None),
        **_neighbours(at, shown),
    )


def _neighbours(at: Visit, gate: Gate) -> dict[str, Any]:
    """The gates before and after, so that one can walk through them."""
    gates = [one for one in at.policy.gates if at.policy.rules_of(one.code)]
    place = gates.index(gate)
    return {
        "previous_gate": gates[place - 1] if place else None,
        "next_gate": gates[place + 1] if place + 1 < len(gates) else None,
    }
