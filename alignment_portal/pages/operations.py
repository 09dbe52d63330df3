"""Operations: what waits, runs, is stuck or failed, and whether everything it stands on is well."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from alignment_portal.accounts.permissions import Action, require
from alignment_portal.http.requests import actor_of
from alignment_portal.http.settings_tabs import settings_tabs
from alignment_portal.operations.jobs import SHOWN, cancel_job, jobs_to_show, retry_job
from alignment_portal.operations.overview import overview
from alignment_portal.outbox.models import Job


@require_GET
def operations(request: HttpRequest) -> HttpResponse:
    require(actor_of(request), Action.OPERATIONS_MANAGE)
    context = {"tabs": settings_tabs(request), "overview": overview(), "jobs": jobs_to_show()[:SHOWN]}
    return render(request, "pages/settings/operations.html", context)


@require_POST
def retry(request: HttpRequest, job_id: int) -> HttpResponse:
    by = actor_of(request)
    require(by, Action.OPERATIONS_MANAGE)
    retry_job(by=by, job=get_object_or_404(Job, pk=job_id))
    messages.success(request, _("Job %(number)s is tried again.") % {"number": job_id})
    return redirect("settings-operations")


@require_POST
def cancel(request: HttpRequest, job_id: int) -> HttpResponse:
    by = actor_of(request)
    require(by, Action.OPERATIONS_MANAGE)
    cancel_job(by=by, job=get_object_or_404(Job, pk=job_id))
    messages.success(request, _("Job %(number)s was cancelled.") % {"number": job_id})
    return redirect("settings-operations")
