"""Rows of a spreadsheet for the main fields of initiatives, kept as dossiers by the service that pages use."""

from collections.abc import Iterator, Mapping
from typing import Any

from alignment_portal.accounts.actors import Actor
from alignment_portal.http.importing import Done, Importer
from alignment_portal.http.sheets import Column
from alignment_portal.refusals import Fault, Invalid
from initiatives.dossier.canonical import builtins_of
from initiatives.dossier.document import SCHEMA
from initiatives.models import Initiative
from initiatives.selectors import current_dossier, load_dossiers, visible_initiatives
from initiatives.services.dossiers import save_dossier

COLUMNS = (
    Column("key", "Key", required=True, example="AI-0042"),
    Column("title", "Title", required=True, example="Support assistant"),
    Column("archetype", "Kind of AI", required=True, example="internal_copilot"),
    Column("owner", "Owner", required=True, example="somebody@example.org"),
    Column("sponsor", "Sponsor", example="somebody@example.org"),
    Column("team", "Team", example="one@example.org, two@example.org"),
    Column("horizon", "Horizon", example="H1"),
    Column("cluster", "Cluster", example="contact-centre"),
    Column("lane", "Lane", example="standard"),
    Column("classification", "Classification", example="internal"),
    Column("planned_launch_on", "Planned launch", example="2026-12-31"),
    Column("summary", "Summary"),
    Column("decision_sought", "Decision sought"),
    Column("learning_question", "Learning question"),
    Column("learning_ends_on", "Learning ends on", example="2026-12-31"),
)
LISTS = frozenset({"team"})
# The key is one that nothing has: the row is then judged as a new one.
STAND_INS = {"key": "NOKEY-0000", "title": "Title", "archetype": "internal_copilot"}
NAMES = tuple(column.name for column in COLUMNS)
BATCH = 500


def importer_of(by: Actor) -> Importer:
    """The services ask for each row whether the actor may."""
    stand_ins = {**STAND_INS, "owner": by.email}
    return Importer("initiatives", COLUMNS, lambda values: _keep(by, values), key="key", stand_ins=stand_ins)


def initiative_rows(by: Actor) -> Iterator[list[str]]:
    """The table as it can be brought back: what the actor may see, by key, as the documents say it."""
    keys = list(visible_initiatives(by).order_by("key").values_list("key", flat=True))
    for first in range(0, len(keys), BATCH):
        loaded = load_dossiers(keys[first : first + BATCH])
        for key in sorted(loaded):
            section = builtins_of(loaded[key].dossier)["initiative"]
            yield [_told(section.get(name)) for name in NAMES]


def _told(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value)
    return "" if value is None else str(value)


def _keep(by: Actor, values: Mapping[str, str]) -> Done:
    key = values["key"]
    known = visible_initiatives(by).filter(key=key).first()
    before = {} if known is None else _document(known)
    section = dict(before.get("initiative", {}))
    for name, text in values.items():
        section.pop(name, None)
        if text:
            section[name] = _value(name, text)
    document = {**(before or {"schema": SCHEMA}), "initiative": section}
    try:
        saved = save_dossier(by=by, document=document)
    except Invalid as refusal:
        raise _of_row(refusal) from refusal
    if saved.created:
        return Done("add", key)
    if not saved.changed:
        return Done("same", key)
    return Done("change", key, _differences(before["initiative"], section))


def _document(initiative: Initiative) -> dict[str, Any]:
    document: dict[str, Any] = builtins_of(current_dossier(initiative).dossier)
    return document


def _value(name: str, text: str) -> object:
    return text.replace(",", " ").replace(";", " ").split() if name in LISTS else text


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[tuple[str, str, str], ...]:
    told = ((name, _told(before.get(name)), _told(after.get(name))) for name in NAMES)
    return tuple((name, was, is_now) for name, was, is_now in told if was != is_now)


def _of_row(refusal: Invalid) -> Invalid:
    """The faults of the section as faults of the row's columns."""
    faults = [
        Fault(fault.pointer.removeprefix("/initiative"), fault.sentence, fault.code)
        for fault in refusal.faults
    ]
    return Invalid(refusal.sentence, faults=faults, code=refusal.code)
