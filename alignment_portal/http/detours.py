"""The detour to “confirm that it is you” and back: what was being sent waits in the session meanwhile."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.urls import resolve, reverse

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor

KEPT = "kept_request"
KEPT_FOR = timedelta(minutes=30)
LARGEST = 256 * 1024


@dataclass(frozen=True)
class Kept:
    """A form on its way: where it goes and what is in it."""

    path: str
    body: str


def detour(request: HttpRequest) -> HttpResponse:
    """To the page that asks, with `next` for the way back; a form that was sent is kept until then."""
    body = request.POST.urlencode() if request.method == "POST" and not request.FILES else ""
    request.session[KEPT] = {
        "path": request.get_full_path(),
        "body": body if len(body) <= LARGEST else "",
        "at": clock.wall().isoformat(),
    }
    back = request.get_full_path()
    if request.method != "GET":
        back = str(getattr(getattr(request, "htmx", None), "current_url_abs_path", None) or _referer(request))
    address = f"{reverse('confirm')}?{urlencode({'next': back})}"
    if getattr(request, "htmx", False):
        return HttpResponse(status=401, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def _referer(request: HttpRequest) -> str:
    """The page the form stood on, when it was one of ours."""
    own = f"{request.scheme}://{request.get_host()}"
    given = request.headers.get("Referer", "")
    return given.removeprefix(own) if given.startswith(f"{own}/") else "/"


def kept_request(request: HttpRequest) -> Kept | None:
    """The form that waits, unless it waited too long."""
    kept: Any = request.session.get(KEPT)
    if not isinstance(kept, dict) or not kept.get("body"):
        return None
    if clock.wall() - datetime.fromisoformat(kept["at"]) > KEPT_FOR:
        return None
    return Kept(kept["path"], kept["body"])


def resume(request: HttpRequest, kept: Kept) -> HttpResponseBase:
    """Carry out what was sent before the detour, now by somebody who has shown who they are."""
    request.session.pop(KEPT, None)
    path, _, query = kept.path.partition("?")
    match = resolve(path)
    request.method, request.path, request.path_info = "POST", path, path
    request.META.update(PATH_INFO=path, QUERY_STRING=query)
    request.GET, request.POST = QueryDict(query), QueryDict(kept.body)
    request.resolver_match = match
    actor: Actor = request.actor  # type: ignore[attr-defined]  # put there by the middleware
    request.actor = replace(actor, is_proven=True)  # type: ignore[attr-defined]  # ours
    response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    return response
