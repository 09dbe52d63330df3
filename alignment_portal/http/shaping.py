"""What every read of the API can be asked for: only some fields, and nothing when it has not changed."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified

from alignment_portal.http.problems import refusal_response
from alignment_portal.http.requests import is_api
from alignment_portal.refusals import Invalid

MOST_FIELDS = 50
_NAME = re.compile(r"[a-z][a-z0-9_]{0,60}")


class ShapingMiddleware:
    """Answers `?fields=` and `If-None-Match` for all reads alike, so that no view has to."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "GET" or not is_api(request):
            return self.get_response(request)
        fields = request.GET.getlist("fields")
        try:
            names = _names(",".join(fields)) if fields else []
            if fields:
                # The views are strict about their own parameters, and this is none of theirs.
                own = request.GET.copy()
                del own["fields"]
                request.GET = own  # type: ignore[assignment]  # changeable, and nobody changes it
            response = self.get_response(request)
            if not _is_json(response):
                return response
            if names:
                _cut(response, names)
        except Invalid as refusal:
            return refusal_response(request, refusal)
        return _unless_known(request, response)


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    if len(names) > MOST_FIELDS or not all(_NAME.fullmatch(name) for name in names):
        sentence = "Name fields as the answer does, separated by commas: fields=key,title"
        raise Invalid(sentence, pointer="/fields", code="invalid_fields")
    return names


def _is_json(response: HttpResponse) -> bool:
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    return response.status_code == 200 and not response.streaming and kind.endswith("json")  # noqa: PLR2004 — OK


def _cut(response: HttpResponse, names: list[str]) -> None:
    body = json.loads(response.content)
    is_list = isinstance(body, dict) and isinstance(body.get("results"), list)
    rows = body["results"] if is_list else [body]
    known = {name for row in rows if isinstance(row, dict) for name in row}
    unknown = [name for name in names if name not in known]
    if unknown and rows:
        sentence = f"There is no field “{unknown[0]}” in this answer."
        raise Invalid(sentence, pointer="/fields", code="unknown_field")
    cut = [_only(row, names) for row in rows]
    if is_list:
        more = {"fields": ",".join(names)}
        links = {
            name: _with(body[name], more) for name in ("next", "previous") if isinstance(body.get(name), str)
        }
        body = {**body, "results": cut, **links}
    else:
        body = cut[0]
    response.content = json.dumps(body, ensure_ascii=False).encode()


def _only(row: Any, names: Iterable[str]) -> Any:
    return {name: row[name] for name in names if name in row} if isinstance(row, dict) else row


def _with(address: str, more: dict[str, str]) -> str:
    """The link of another page, which asks for the same fields."""
    if "fields=" in address:
        return address
    return f"{address}{'&' if '?' in address else '?'}{urlencode(more)}"


def _unless_known(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A tag for what has none of its own, and 304 for whoever has it already."""
    if "ETag" not in response.headers:
        response.headers["ETag"] = f'W/"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    tag = response.headers["ETag"]
    known = {part.strip().removeprefix("W/") for part in request.headers.get("If-None-Match", "").split(",")}
    if known.isdisjoint({tag.removeprefix("W/"), "*"}):
        return response
    unchanged = HttpResponseNotModified()
    for name in ("ETag", "Link", "Cache-Control"):
        if name in response.headers:
            unchanged.headers[name] = response.headers[name]
    return unchanged
