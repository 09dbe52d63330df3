"""What answering a trade-off and answering a part have in common."""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from reviews.models import Condition
from reviews.selectors.standings import Given
from reviews.web.showing import Room
from reviews.web.visits import Visit


def said(given: Given) -> dict[str, Any]:
    conditions = (
        Condition.objects.filter(stance_id=given.origin).order_by("id").values_list("text", flat=True)
    )
    kept = {name: getattr(given, name) for name in ("answer", "rating", "reason", "commits", "will_do")}
    return {**kept, "conditions": "\n".join(conditions)}


def onward(on: Visit) -> HttpResponse:
    """To the next trade-off without an answer, else back to the review."""
    room = Room(on)
    owed = room.owed
    if owed:
        messages.success(on.request, _("Your stance is recorded. This is the next one."))
        return redirect("reviews:trade-off", on.review.ref, owed[0].row.code)
    parts = room.owed_parts
    if parts:
        messages.success(on.request, _("Your stance is recorded. Now the three parts."))
        return redirect("reviews:part", on.review.ref, parts[0].part.value)
    messages.success(on.request, _("Your stance is recorded. You have answered everything."))
    return redirect(on.url)


T = TypeVar("T")


def beside(points: Sequence[T], place: int, step: int) -> T | None:
    """The point before or after the one at this place; places count from one, nought is none of them."""
    wanted = place - 1 + step if place else -1
    return points[wanted] if 0 <= wanted < len(points) else None
