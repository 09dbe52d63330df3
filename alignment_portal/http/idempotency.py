"""`Idempotency-Key`: the same request sent again is answered again and not done again."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import QueryDict
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from alignment_portal.http.models import IdempotencyKey
from alignment_portal.http.requests import actor_of
from alignment_portal.refusals import Invalid, Unprocessable
from alignment_portal.writing import service

KEPT_HEADERS = ("Location", "ETag")
LONGEST = 255


def idempotent(view: Callable[..., Response]) -> Callable[..., Response]:
    """For the POST methods of API views. The key, the change and the answer are one transaction.

    A refusal rolls all of it back, so a refused request may be mended and sent again under its key.
    """

    @wraps(view)
    def run(*args: Any, **kwargs: Any) -> Response:
        request = next(part for part in args if isinstance(part, Request))
        key = request.headers.get("Idempotency-Key", "")
        if not key:
            return view(*args, **kwargs)
        if len(key) > LONGEST:
            raise Invalid("An Idempotency-Key has at most 255 characters.", code="idempotency_key_too_long")
        with transaction.atomic():
            row, is_new = _claim(request, key)
            if not is_new:
                return _answer_again(row, _body_hash(request))
            response = view(*args, **kwargs)
            _keep(row, response)
            return response

    return run


@service
def _claim(request: Request, key: str) -> tuple[IdempotencyKey, bool]:
    """Whoever inserts the row does the work; others wait here until that transaction has ended."""
    actor = actor_of(request)
    return IdempotencyKey.objects.get_or_create(
        caller=f"token:{actor.token_id}" if actor.token_id is not None else f"user:{actor.user_id}",
        route=f"{request.method} {request.path}"[:200],
        key=key,
        defaults={"body_hash": _body_hash(request)},
    )


def _body_hash(request: Request) -> str:
    data = request.data
    if isinstance(data, QueryDict):
        data = {name: [_plain(value) for value in data.getlist(name)] for name in data}
    return hashlib.sha256(json.dumps(data, sort_keys=True, cls=JSONEncoder).encode()).hexdigest()


def _plain(value: object) -> object:
    if not isinstance(value, UploadedFile):
        return value
    digest = hashlib.sha256()
    for chunk in value.chunks():
        digest.update(chunk)
    value.seek(0)
    return [value.name, digest.hexdigest()]


def _answer_again(row: IdempotencyKey, body_hash: str) -> Response:
    if row.body_hash != body_hash:
        raise Unprocessable(
            "This Idempotency-Key was used for a different request. Use a new key for a new request.",
            code="idempotency_key_reused",
        )
    headers = {**row.headers, "Idempotency-Replayed": "true"}
    data = json.loads(row.body) if row.body else None
    return Response(data, status=row.status, headers=headers)


@service
def _keep(row: IdempotencyKey, response: Response) -> None:
    data = getattr(response, "data", None)
    row.status = response.status_code
    row.headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    row.body = "" if data is None else json.dumps(data, cls=JSONEncoder)
    row.save(update_fields=["status", "headers", "body"])


@service
def clear_keys(*, before: datetime) -> int:
    return IdempotencyKey.objects.filter(at__lt=before).delete()[0]
