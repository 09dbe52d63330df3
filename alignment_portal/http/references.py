"""Human references: `EV-0001`, `EV-0002`, … given out once each, whoever asks at the same time."""

from django.db.models import F

from alignment_portal.http.models import ReferenceCounter


def next_reference(prefix: str) -> str:
    """Call inside a service: the row stays locked until the transaction that uses the number ends."""
    ReferenceCounter.objects.get_or_create(prefix=prefix)
    ReferenceCounter.objects.filter(pk=prefix).update(value=F("value") + 1)
    value = ReferenceCounter.objects.values_list("value", flat=True).get(pk=prefix)
    return f"{prefix}-{value:04d}"
