"""The record in words: each app owns the words of its actions, and the record knows no app."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any
from uuid import UUID

from django.apps import apps
from django.utils.module_loading import module_has_submodule

from alignment_portal.accounts.selectors import names_of
from alignment_portal.actions import ActionWords
from alignment_portal.audit.models import Entry

_actions: dict[str, ActionWords] = {}
PERSON = "person:"
NOBODY = "somebody who has left"
_CODE = re.compile(r"[a-z]+(?:_[a-z]+)+")
_HYPHENATED = {"learning_only": "learning-only", "scale_ready": "scale-ready"}


@dataclass(frozen=True)
class Line:
    """One entry as people read it."""

    seq: int
    at: datetime
    recorded_at: datetime
    actor: str
    actor_id: UUID | None
    roles: str
    via: str
    action: str
    label: str
    sentence: str
    initiative: str
    subject: str
    reason: str
    hash: str
    details: Mapping[str, Any]


def register(actions: Iterable[ActionWords]) -> None:
    for action in actions:
        if _actions.get(action.value, action) is not action:
            message = f"Two actions are called {action.value}."
            raise ValueError(message)
        _actions[action.value] = action


def discover() -> None:
    """Learn the words of every app that has an `actions.py` with a class `Actions`."""
    for config in apps.get_app_configs():
        if module_has_submodule(config.module, "actions"):
            register(getattr(import_module(f"{config.name}.actions"), "Actions", ()))


def known_actions() -> Sequence[ActionWords]:
    return [_actions[code] for code in sorted(_actions)]


class _Named(dict[str, Any]):
    """What a sentence names and the entry does not hold reads as nothing."""

    def __missing__(self, key: str) -> str:
        return ""


def in_words(entries: Sequence[Entry]) -> list[Line]:
    """Entries as lines, with the names of everybody they mention, in one query."""
    payloads = [json.loads(entry.payload) for entry in entries]
    names = names_of(_ids_in(entries, payloads))
    return [_line(entry, payload, names) for entry, payload in zip(entries, payloads, strict=True)]


def _ids_in(entries: Sequence[Entry], payloads: Sequence[Mapping[str, Any]]) -> set[UUID]:
    texts = [entry.subject for entry in entries] + [
        value for payload in payloads for value in payload.values() if isinstance(value, str)
    ]
    mentioned = {_person_id(text) for text in texts}
    return {found for found in (*mentioned, *(entry.actor_id for entry in entries)) if found is not None}


def _person_id(text: str) -> UUID | None:
    if not text.startswith(PERSON):
        return None
    try:
        return UUID(text.removeprefix(PERSON))
    except ValueError:
        return None


def _named(text: Any, names: Mapping[UUID, str]) -> Any:
    found = _person_id(text) if isinstance(text, str) else None
    return text if found is None else names.get(found, NOBODY)


def _readable(value: Any) -> Any:
    """A code such as `in_review` as words; everything else as it is."""
    if not isinstance(value, str) or not _CODE.fullmatch(value):
        return value
    return _HYPHENATED.get(value, value.replace("_", " "))


def _line(entry: Entry, payload: Mapping[str, Any], names: Mapping[UUID, str]) -> Line:
    actor = "The portal" if entry.actor_id is None else names.get(entry.actor_id, NOBODY)
    subject = _named(entry.subject, names)
    action = _actions.get(entry.action)
    values = {name: _readable(_named(value, names)) for name, value in payload.items()}
    words = _Named({**values, "actor": actor, "subject": subject, "initiative": entry.initiative_key})
    template = action.sentence if action is not None else "{actor}: {action} on {subject}"
    return Line(
        seq=entry.seq,
        at=entry.at,
        recorded_at=entry.recorded_at,
        actor=actor,
        actor_id=entry.actor_id,
        roles=entry.actor_label.replace("_", " ").replace(",", ", "),
        via=entry.via,
        action=entry.action,
        label=action.label if action is not None else entry.action,
        sentence=" ".join(template.format_map(_Named({**words, "action": entry.action})).split()),
        initiative=entry.initiative_key,
        subject=subject,
        reason=str(payload.get("reason", "")),
        hash=entry.hash,
        details={name: value for name, value in payload.items() if name != "reason"},
    )
