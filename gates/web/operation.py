"""Recording and closing incidents, and explaining signals."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from alignment_portal.accounts.permissions import Action
from alignment_portal.refusals import NotFound
from gates.web.forms import AcknowledgeForm, CauseForm, IncidentForm
from gates.web.frame import Visit, attempt, gate_address, visit
from gates.web.gates import gate_page
from initiatives.models import Incident
from initiatives.selectors import require_on
from initiatives.services.operations import close_incident, record_incident
from metrics.services.signals import acknowledge_signal

GATE = "operation"


@require_POST
def open_incident(request: HttpRequest, key: str) -> HttpResponse:
    at = _visit(request, key)
    form = IncidentForm(request.POST, prefix="incident", view=at.view)

    def write(given: Mapping[str, Any]) -> None:
        row = record_incident(by=at.by, initiative=at.initiative, **given)
        messages.success(request, _("%(ref)s is recorded.") % {"ref": row.ref})

    return _answered(at, form, attempt(form, write))


@require_POST
def end_incident(request: HttpRequest, key: str, ref: str) -> HttpResponse:
    at = _visit(request, key)
    row = Incident.objects.select_related("initiative").filter(initiative=at.initiative, ref=ref).first()
    if row is None:
        sentence = f"{key} has no incident {ref}."
        raise NotFound(sentence, code="incident_not_found")
    form = CauseForm(request.POST, prefix=f"close-{ref}")

    def end(given: Mapping[str, Any]) -> None:
        close_incident(by=at.by, incident=row, **given)
        messages.success(request, _("%(ref)s is closed.") % {"ref": ref})

    return _answered(at, form, attempt(form, end))


@require_POST
def explain_signal(request: HttpRequest, key: str, metric: str) -> HttpResponse:
    at = _visit(request, key)
    form = AcknowledgeForm(request.POST, prefix=f"signal-{metric}")

    def explain(given: Mapping[str, Any]) -> None:
        acknowledge_signal(by=at.by, initiative=at.initiative, **{**given, "metric": metric})
        messages.success(request, _("The cause is written down."))

    return _answered(at, form, attempt(form, explain))


def _visit(request: HttpRequest, key: str) -> Visit:
    at = visit(request, key)
    require_on(at.by, Action.INCIDENT_RECORD, at.initiative)
    return at


def _answered(at: Visit, form: BaseForm, refused: int) -> HttpResponse:
    if refused:
        return gate_page(at, GATE, {str(form.prefix): form}, status=refused)
    return redirect(gate_address(at.key, GATE, "operation"))
