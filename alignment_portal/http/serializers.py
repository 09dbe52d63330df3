"""Serializers that refuse what they do not know, so that a misspelt field is never silently dropped."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers


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
