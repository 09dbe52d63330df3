"""Around every request: how long it took, by the name of its route, for the figures and for the log."""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from alignment_portal.operations.metrics import REQUESTS

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class MeasureMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        # Only names we gave: whoever asks for made-up addresses or methods must not make up series.
        found = request.resolver_match
        route = found.view_name or "unnamed" if found else "none"
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(method, route, str(response.status_code)).observe(time.perf_counter() - began)
        return response
