"""What the lists show of the last recorded verdict. The judge writes it; it decides nothing."""

import datetime as dt

from alignment_portal.audit.guard import service
from initiatives.models import Initiative


@service
def note_judgement(
    *,
    initiative: Initiative,
    level: str,
    at: dt.datetime,
    reason: str = "",
    gate: str = "",
    mover: str = "",
    deed: str = "",
    since: dt.datetime | None = None,
) -> None:
    """Repeat a recorded verdict in the columns of the lists; a late note never replaces a newer one.

    It has no entry in the record of its own: the evaluation it repeats has one.
    """
    older = Initiative.objects.filter(pk=initiative.pk).exclude(judged_at__gt=at)
    older.update(
        judged_level=level,
        judged_at=at,
        judged_reason=reason,
        judged_gate=gate[:200],
        next_mover_name=mover[:200],
        next_deed=deed,
        next_since=since,
    )
