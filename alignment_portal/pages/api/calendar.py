"""The secret address of one's own calendar, for programs."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from alignment_portal.accounts.calendar_feeds import close_feed, open_feed
from alignment_portal.accounts.models import User
from alignment_portal.http.requests import actor_of
from alignment_portal.pages.calendar import address_of


class CalendarOut(serializers.Serializer[Any]):
    url = serializers.URLField(help_text="Shown once; whoever has it sees these dates")


@extend_schema(methods=["POST"], operation_id="calendar_open", request=None, responses={201: CalendarOut})
@extend_schema(methods=["DELETE"], operation_id="calendar_close", responses={204: None})
@api_view(["POST", "DELETE"])
def calendar(request: Request) -> Response:
    """Open the address of one's own calendar (the one before it closes), or close it."""
    # Not kept under an Idempotency-Key: an answer with a secret in it is stored nowhere.
    by = actor_of(request)
    me = User.objects.get(email=by.email)
    if request.method == "DELETE":
        close_feed(by=by, person=me)
        return Response(status=204)
    address = address_of(open_feed(by=by, person=me))
    return Response({"url": address}, status=201, headers={"Cache-Control": "no-store"})
