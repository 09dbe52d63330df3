"""Reading the result of a comparison in the browser: from the readings that are here, or from summary figures."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from alignment_portal.accounts.permissions import Action
from alignment_portal.http.forms import add_refusal
from alignment_portal.http.problems import faults_of
from alignment_portal.refusals import Refusal
from initiatives.selectors import require_on
from metrics.models import Metric
from metrics.selectors import metric_or_404
from metrics.services.results import record_result
from metrics.web.frame import Visit, crumbs, visit
from metrics.web.result_form import NAMES, ResultForm, kinds_for


@require_http_methods(["GET", "POST"])
def read_result(request: HttpRequest, key: str, code: str) -> HttpResponse:
    """The form for one way of giving the figures; `?kind=` chooses another."""
    at = visit(request, key)
    require_on(at.by, Action.RESULT_RECORD, at.initiative)
    row = metric_or_404(at.initiative, code)
    metrics = at.case.facts.dossier.metrics
    described = next((one for one in metrics if one.code == code), None)
    if described is None or described.target is None or described.comparison is None:
        messages.error(request, _("There is nothing to read yet: write the claim and its plan first."))
        return redirect("metrics:metric", key, code)
    kinds = kinds_for(described, described.comparison)
    kind = request.GET.get("kind", "")
    kind = kind if kind in kinds else kinds[0]
    guards = [one for one in metrics if any(guard.metric == code for guard in one.guards)]
    agreed = [one for one in guards if one.limits is not None and one.limits.margin is not None]
    form = ResultForm(request.POST or None, metric=described, guards=agreed, kind=kind)
    if request.method == "POST" and form.is_valid():
        try:
            result = record_result(by=at.by, initiative=at.initiative, metric=code, figures=form.figures())
        except Refusal as refusal:
            for fault in faults_of(refusal):
                form.show(fault)
            if not faults_of(refusal):
                add_refusal(form, refusal)
        else:
            messages.success(request, result.sentence)
            return redirect(f"{reverse('metrics:metric', args=[key, code])}#result")
    return _page(at, row, form, kinds, kind)


def _page(at: Visit, row: Metric, form: ResultForm, kinds: list[str], kind: str) -> HttpResponse:
    context = {
        "at": at,
        "key": at.key,
        "metric": row,
        "form": form,
        "kinds": [(name, NAMES[name]) for name in kinds],
        "kind": kind,
        "cancel": reverse("metrics:metric", args=[at.key, row.code]),
        "crumbs": crumbs(at.key, (row.title, f"/initiatives/{at.key}/metrics/{row.code}/")),
    }
    return render(at.request, "metrics/read_result.html", context, status=422 if form.errors else 200)
