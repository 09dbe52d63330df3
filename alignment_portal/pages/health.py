"""For whoever watches the process: is it up, and can it work?"""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from alignment_portal.audit.triggers import faults


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Ready when the database answers, every migration is applied and every guard is in place."""
    state = _state()
    return JsonResponse(state, status=200 if all(value == "ok" for value in state.values()) else 503)


def _state() -> dict[str, str]:
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
        missing = faults()
    except DatabaseError:
        return {"database": "cannot be reached"}
    return {
        "database": "ok",
        "migrations": f"{len(waiting)} not applied" if waiting else "ok",
        "guards": f"{len(missing)} missing or changed" if missing else "ok",
    }
