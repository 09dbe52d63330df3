"""Optimistic locking over HTTP: every read of one thing names its version, every change names the one it changes."""

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any

from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.response import Response

from alignment_portal.refusals import MatchRequired, Stale


def etag_of(current: object) -> str:
    """A version number or a fingerprint as an entity tag."""
    return f'"{current}"'


def _tags(header: str) -> set[str]:
    return {part.strip().removeprefix("W/") for part in header.split(",") if part.strip()}


def named_versions(request: HttpRequest | Request) -> tuple[str, ...]:
    """What If-Match names, without quotes; of a tag such as `7.d41d8c`, the version alone.

    Behind the dot stands a digest of what an answer shows beside what is changed: it lets a reader see that the answer
    is another one, and is none of a writer's business.
    """
    header = request.headers.get("If-Match", "")
    tags = [part.strip().removeprefix("W/").strip('"') for part in header.split(",")]
    return tuple(tag.partition(".")[0] for tag in tags if tag)


def require_match(
    request: HttpRequest | Request, current: object, *, body: object = None, also: Collection[str] = ()
) -> None:
    """Go on only when If-Match names the current version: 428 without one, 412 with another.

    `body` is what is current, so that the caller can show both and choose; `also` are other names of the same version.
    """
    given = _tags(request.headers.get("If-Match", ""))
    if not given:
        raise MatchRequired(
            f"Say which version you change: send If-Match with the ETag you read (now {etag_of(current)})."
        )
    if "*" in given or etag_of(current) in given or not set(also).isdisjoint(named_versions(request)):
        return
    refusal = Stale(
        "Somebody changed this since you read it, or the ETag is none of this. Read it again, then send your change."
    )
    refusal.current = {"etag": etag_of(current), "body": body}
    raise refusal


def with_etag(view: Callable[..., Response]) -> Callable[..., Response]:
    """Name the version of what a read answers, and answer 304 when the caller has it already.

    The tag is the one the view set, else the answer's `fingerprint` or `version`.
    """

    @wraps(view)
    def run(*args: Any, **kwargs: Any) -> Response:
        response = view(*args, **kwargs)
        request = next(part for part in args if isinstance(part, HttpRequest | Request))
        tag = response.headers.get("ETag") or _tag_in(response)
        if not tag:
            return response
        response["ETag"] = tag
        known = _tags(request.headers.get("If-None-Match", ""))
        if request.method in {"GET", "HEAD"} and tag in known:
            return Response(status=304, headers={"ETag": tag})
        return response

    return run


def _tag_in(response: Response) -> str:
    data = getattr(response, "data", None)
    current = (data.get("fingerprint") or data.get("version")) if isinstance(data, dict) else None
    return "" if current is None else etag_of(current)
