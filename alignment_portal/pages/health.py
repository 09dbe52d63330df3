"""For whoever watches the process: is it up, can it work, and what does it do?"""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from alignment_portal.operations import health, metrics


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Ready when the database answers, is migrated and guarded, and files can be kept. A queue that is down is said."""
    found = health.state()
    return JsonResponse(found, status=200 if health.is_ready(found) else 503)


@login_not_required
@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """For Prometheus; to everybody else there is nothing here."""
    if not metrics.may_read(request):
        raise Http404
    return HttpResponse(metrics.exposition(), content_type=CONTENT_TYPE_LATEST)
