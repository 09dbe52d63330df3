"""Short words for the constraints that every part needs. What a field may be is read from the document's own types."""

from typing import Any, get_args

from django.conf import settings
from django.db import models
from django.db.models import F, Q

LARGEST = 1e15  # as in the document; the bounds also keep NaN and infinity out on both databases


def choices_of(kind: Any) -> list[str]:
    """The values of a Literal type."""
    return [str(value) for value in get_args(kind)]


def known(field: str, kind: Any, name: str, *, empty: str | None = None) -> models.CheckConstraint:
    """The field holds one of the document's choices; ``empty`` names one more value that may stand for none."""
    values = choices_of(kind) + ([empty] if empty is not None else [])
    return models.CheckConstraint(condition=Q(**{f"{field}__in": values}), name=name)


def between(field: str, name: str, low: float = 0, high: float = LARGEST) -> models.CheckConstraint:
    condition = Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__gte": low, f"{field}__lte": high})
    return models.CheckConstraint(condition=condition, name=name)


def above_zero(field: str, name: str) -> models.CheckConstraint:
    condition = Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__gt": 0, f"{field}__lte": LARGEST})
    return models.CheckConstraint(condition=condition, name=name)


def in_order(first: str, after: str, name: str) -> models.CheckConstraint:
    condition = (
        Q(**{f"{first}__isnull": True}) | Q(**{f"{after}__isnull": True}) | Q(**{f"{after}__gte": F(first)})
    )
    return models.CheckConstraint(condition=condition, name=name)


def filled(field: str, name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=~Q(**{field: ""}), name=name)


def once(*fields: str, name: str) -> models.UniqueConstraint:
    return models.UniqueConstraint(fields=["initiative", *fields], name=name)


def person(*, null: bool = True, related_name: str = "+") -> "models.ForeignKey[Any, Any]":
    """Somebody the portal knows; a person who is named anywhere is never removed."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=null, blank=null, related_name=related_name
    )


def code() -> "models.CharField[Any, Any]":
    return models.CharField(max_length=64)


def line() -> "models.CharField[Any, Any]":
    return models.CharField(max_length=200, blank=True, default="")


def choice(default: str | None = None) -> "models.CharField[Any, Any]":
    return (
        models.CharField(max_length=40)
        if default is None
        else models.CharField(max_length=40, default=default)
    )


def text() -> "models.TextField[Any, Any]":
    return models.TextField(blank=True, default="")


def figure(default: float | None = None) -> "models.FloatField[Any, Any]":
    return models.FloatField(null=True, blank=True) if default is None else models.FloatField(default=default)


def count() -> "models.PositiveIntegerField[Any, Any]":
    return models.PositiveIntegerField(null=True, blank=True)


def day() -> "models.DateField[Any, Any]":
    return models.DateField(null=True, blank=True)
