"""Serializers that refuse what they do not know, so that a misspelt field is never silently dropped."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses unknown fields by name, together with whatever else is wrong."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = self._unknown(data)
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if unknown and isinstance(error.detail, dict):
                raise serializers.ValidationError({**error.detail, **unknown}) from error
            raise
        if unknown:
            raise serializers.ValidationError(unknown)
        return value

    def _unknown(self, data: Any) -> dict[str, Any]:
        names = [name for name in data if name not in self.fields] if isinstance(data, Mapping) else []
        return {
            name: [serializers.ErrorDetail(f"There is no field “{name}” here.", code="unknown")]
            for name in names
        }


def refuse_trial_in_address(request: Request) -> None:
    """Raise `ValidationError` for `?dry_run=`, which belongs in the body: read past, it would do what was to be tried."""
    if "dry_run" in request.query_params:
        sentence = "Send “dry_run” in the body, not in the address. Nothing was changed."
        raise serializers.ValidationError({"dry_run": [serializers.ErrorDetail(sentence, code="misplaced")]})


def checked(shape: type[StrictSerializer], data: Any) -> dict[str, Any]:
    """The values of a request body or query; raises `ValidationError` with every fault.

    Making a serializer copies all of its fields, which takes far longer than the check. The check itself leaves
    nothing behind in them, so one of each kind serves every request. What it refuses, a new one refuses again: the
    framework words faults there.
    """
    try:
        return dict(_kept(shape).run_validation(data))
    except serializers.ValidationError:
        shape(data=data).is_valid(raise_exception=True)
        raise


@cache
def _kept(shape: type[StrictSerializer]) -> StrictSerializer:
    return shape()
