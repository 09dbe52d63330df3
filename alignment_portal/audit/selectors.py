from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from alignment_portal.accounts.models import User
from alignment_portal.audit.models import Entry


@dataclass(frozen=True)
class HistoryFilter:
    actor: str = ""
    action: str = ""
    initiative: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


def history(wanted: HistoryFilter) -> QuerySet[Entry]:
    """Entries, newest first. `actor` is part of a name or e-mail; `before` is a place in the chain."""
    rows = Entry.objects.order_by("-seq")
    if wanted.actor:
        people = User.objects.filter(name__icontains=wanted.actor) | User.objects.filter(
            email__icontains=wanted.actor
        )
        rows = rows.filter(actor_id__in=people.values("pk"))
    if wanted.action:
        rows = rows.filter(action__startswith=wanted.action)
    if wanted.initiative:
        rows = rows.filter(initiative_key__iexact=wanted.initiative)
    if wanted.since:
        rows = rows.filter(at__gte=wanted.since)
    if wanted.until:
        rows = rows.filter(at__lt=wanted.until)
    if wanted.before:
        rows = rows.filter(seq__lt=wanted.before)
    return rows
