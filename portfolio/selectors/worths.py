"""What initiatives are hoped to bring, by their last statement."""

from typing import Any

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from portfolio.models import Worth

COLUMNS = (
    "number", "value_low", "value_likely", "value_high", "cost_low", "cost_likely", "cost_high", "currency",
    "basis", "recorded_at",
)  # fmt: skip


def latest_worths(keys: list[str] | None = None) -> dict[str, dict[str, Any]]:
    """The last statement of each initiative by key. One query."""
    newest = Window(RowNumber(), partition_by=F("initiative_id"), order_by=F("number").desc())
    rows = Worth.objects.annotate(place=newest).filter(place=1).order_by()
    if keys is not None:
        rows = rows.filter(initiative__key__in=keys)
    found = rows.values(
        *COLUMNS, key=F("initiative__key"), owner_email=F("owner__email"), owner_name=F("owner__name")
    )
    return {row["key"]: row for row in found}
