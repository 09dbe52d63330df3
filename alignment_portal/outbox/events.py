"""Announcing: a row in the caller's transaction, and a nudge to the dispatcher once it has committed."""

from uuid import UUID

from django.db import transaction

from alignment_portal.outbox.models import Event
from alignment_portal.outbox.signals import committed


def _as_id(value: object) -> object:
    """Ids only: whoever is told looks the rest up, so that nothing travels stale or in the open."""
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, list | tuple | set | frozenset):
        return sorted((_as_id(item) for item in value), key=str)
    if isinstance(value, str | int):
        return value
    message = f"An event carries ids, not {type(value).__name__}."
    raise TypeError(message)


def announce(name: str, **ids: object) -> Event:
    event = Event(name=name, payload={key: _as_id(value) for key, value in ids.items()})
    event.save(force_insert=True)
    transaction.on_commit(_nudge, robust=True)
    return event


def _nudge() -> None:
    committed.send(sender=Event)
