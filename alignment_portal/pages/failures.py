"""What is answered when something is not there, not allowed, or our fault."""

import sys

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from alignment_portal.http.problems import (
    CONTENT_TYPE,
    outage_behind,
    problem,
    refusal_behind,
    refusal_response,
)
from alignment_portal.http.requests import is_api


def _failure(request: HttpRequest, status: int, code: str, sentence: str, template: str = "") -> HttpResponse:
    if is_api(request):
        body = problem(status=status, code=code, detail=sentence, instance=request.path)
        return JsonResponse(body, status=status, content_type=CONTENT_TYPE)
    return render(request, template or f"errors/{status}.html", {"sentence": ""}, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    refusal = None if exception is None else refusal_behind(exception)
    if refusal is not None:  # raised before any view was asked
        return refusal_response(request, refusal)
    return _failure(request, 400, "bad_request", "This request could not be read.")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _failure(request, 403, "forbidden", "Your roles do not include this.")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _failure(request, 404, "not_found", "There is nothing at this address, or it is not yours to see.")


def server_error(request: HttpRequest) -> HttpResponse:
    outage = outage_behind(sys.exc_info()[1])
    if outage is not None:
        return refusal_response(request, outage)
    return _failure(
        request, 500, "fault", "Something went wrong on our side. Nothing was changed.", "500.html"
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    sentence = "This form was open for too long, or came from somewhere else. Go back, reload the page and send it again."
    if is_api(request):
        body = problem(status=403, code="csrf", detail=sentence, instance=request.path)
        return JsonResponse(body, status=403, content_type=CONTENT_TYPE)
    return render(request, "403_csrf.html", {"sentence": sentence}, status=403)
