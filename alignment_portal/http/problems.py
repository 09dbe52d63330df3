"""Refusals on their way out: once as a problem document (RFC 9457), once as a page."""

import logging
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from alignment_portal import files
from alignment_portal.http.requests import is_api
from alignment_portal.logs import request_id
from alignment_portal.refusals import (
    Conflict,
    Fault,
    Forbidden,
    Invalid,
    ProofRequired,
    Refusal,
    TooLarge,
    Unavailable,
    refusal_of_guard,
)

CONTENT_TYPE = "application/problem+json"
TYPE = "urn:alignment-portal:problem:"
SIGN_IN = "Send a token as “Authorization: Bearer ap_…”, or sign in to the pages first."
DISK_FULL = "53100"
OWN_PAGES = frozenset({400, 403, 404, 429})
logger = logging.getLogger(__name__)


def problem(
    *,
    status: int,
    code: str,
    detail: str,
    instance: str = "",
    errors: list[dict[str, str]] | None = None,
    **more: object,
) -> dict[str, object]:
    """One problem document; members without content are left out."""
    body: dict[str, object] = {
        "type": f"{TYPE}{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }
    extra = {"instance": instance, "request_id": request_id.get(), "errors": errors, **more}
    return {**body, **{name: value for name, value in extra.items() if value}}


def problem_of(refusal: Refusal, instance: str = "") -> dict[str, object]:
    return problem(
        status=refusal.status,
        code=refusal.code,
        detail=refusal.sentence,
        instance=instance,
        errors=[_error(fault) for fault in faults_of(refusal)],
        blockers=list(refusal.blockers),
        next_mover=refusal.next_mover,
        current=getattr(refusal, "current", None),
    )


def faults_of(refusal: Refusal) -> tuple[Fault, ...]:
    if isinstance(refusal, Invalid):
        return refusal.faults
    return (Fault(refusal.pointer, refusal.sentence, refusal.code),) if refusal.pointer else ()


def _error(fault: Fault) -> dict[str, str]:
    return {"pointer": fault.pointer, "detail": fault.sentence, "code": fault.code}


def refusal_behind(error: BaseException) -> Refusal | None:
    """The refusal an exception stands for; None when it is a fault of ours."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, ProofRequired):
        return Forbidden(error.sentence, code=error.code)
    if isinstance(error, IntegrityError):
        return refusal_of_guard(error) or _clash(error)
    if isinstance(error, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return _too_much(error)
    return outage_behind(error)


def outage_behind(error: BaseException | None) -> Refusal | None:
    """What does not answer just now, in words; None when it is something else."""
    if isinstance(error, OperationalError) and _is_full(error):
        logger.error("There is no room left for the database: %s", error)
        return files.no_room("records")
    if isinstance(error, OperationalError | InterfaceError):
        logger.error("The database refused or did not answer: %s", error)
        return Unavailable(
            "The database does not answer just now. Nothing was changed; try again in a minute.",
            code="database_down",
        )
    if isinstance(error, OSError) and error.errno in files.NO_ROOM:
        logger.error("There is no room left: %s", error)
        return files.in_words(error)
    return None


def _is_full(error: OperationalError) -> bool:
    """What SQLite says of it, and the class that PostgreSQL gives it (53100, disk_full)."""
    return "disk is full" in str(error) or getattr(error.__cause__, "pgcode", None) == DISK_FULL


def _too_much(error: RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent) -> Refusal:
    if isinstance(error, TooManyFilesSent):
        return TooLarge(f"One request holds at most {settings.DATA_UPLOAD_MAX_NUMBER_FILES} files.")
    if isinstance(error, TooManyFieldsSent):
        return TooLarge(f"One request holds at most {settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:,} fields.")
    size = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 2**20
    return TooLarge(f"Besides its files, one request holds at most {size} MB. Send it in several.")


def _clash(error: IntegrityError) -> Refusal:
    # A constraint the services did not put into words. Nothing was written; we want to know of it.
    logger.warning("A constraint refused a write without words: %s", error)
    return Conflict("This contradicts what is already recorded. Nothing was changed.", code="constraint")


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """The API's exception handler; what it does not know becomes a 500 and is logged."""
    path = context["request"].path if context.get("request") is not None else ""
    refusal = refusal_behind(error)
    if refusal is not None:
        body, headers = problem_of(refusal, path), _challenge(refusal)
    elif (known := _rest_error(error)) is not None:
        body, headers = _rest_problem(known, path), _rest_headers(known)
    else:
        return None
    set_rollback()
    return Response(body, status=int(str(body["status"])), headers=headers, content_type=CONTENT_TYPE)


def _challenge(refusal: Refusal) -> dict[str, str]:
    return {"Retry-After": str(seconds)} if (seconds := getattr(refusal, "retry_after", None)) else {}


def _rest_error(error: Exception) -> exceptions.APIException | None:
    if isinstance(error, Http404):
        return exceptions.NotFound("There is nothing at this address, or it is not yours to see.")
    if isinstance(error, exceptions.NotAuthenticated):
        error.detail = exceptions.ErrorDetail(SIGN_IN, code="not_authenticated")
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    return error if isinstance(error, exceptions.APIException) else None


def _rest_headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = str(header)
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(wait)  # whole seconds, rounded up
    return headers


def _rest_problem(error: exceptions.APIException, path: str) -> dict[str, object]:
    if isinstance(error, exceptions.ValidationError):
        errors = [_error(fault) for fault in rest_faults(error.detail)]
        detail = (
            errors[0]["detail"] if len(errors) == 1 else f"{len(errors)} things are wrong with what was sent."
        )
        return problem(status=error.status_code, code="invalid", detail=detail, instance=path, errors=errors)
    codes = error.get_codes()
    code = codes if isinstance(codes, str) else "refused"
    return problem(status=error.status_code, code=code, detail=str(error.detail), instance=path)


def rest_faults(detail: Any, pointer: str = "") -> Iterator[Fault]:
    """The framework's nested errors as faults with JSON pointers."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            below = pointer if name == "non_field_errors" else f"{pointer}/{_escaped(str(name))}"
            yield from rest_faults(inner, below)
    elif isinstance(detail, list | tuple):
        for place, inner in enumerate(detail):
            nested = isinstance(inner, Mapping | list)
            yield from rest_faults(inner, f"{pointer}/{place}" if nested else pointer)
    else:
        yield Fault(pointer, str(detail), str(getattr(detail, "code", "invalid")))


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


# --- pages -------------------------------------------------------------------------------------------------


def refusal_response(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The refusal as a page, or as a problem document where a program asked."""
    if is_api(request):
        body = problem_of(refusal, request.path)
        return JsonResponse(
            body, status=refusal.status, content_type=CONTENT_TYPE, headers=_challenge(refusal)
        )
    if refusal.status == HTTPStatus.SERVICE_UNAVAILABLE:
        return outage_page(refusal)
    own = refusal.status in OWN_PAGES
    template = f"errors/{refusal.status}.html" if own else "pages/refusal.html"
    context = {"sentence": refusal.sentence, "refusal": refusal, "faults": faults_of(refusal)}
    return render(request, template, context, status=refusal.status)


def outage_page(refusal: Refusal) -> HttpResponse:
    """Without the frame of a page, which would have to ask the database who is looking."""
    words = render_to_string(
        "errors/503.html", {"sentence": refusal.sentence, "organisation": settings.ORGANISATION}
    )
    return HttpResponse(words, status=refusal.status, headers=_challenge(refusal))
