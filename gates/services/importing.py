"""Rows of a spreadsheet for evidence that is a link: each is offered as the pages offer it, and none twice."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import QuerySet

from alignment_portal.accounts.actors import Actor
from alignment_portal.http.bringing import read_cells
from alignment_portal.http.importing import Done, Importer
from alignment_portal.http.sheets import Column
from alignment_portal.refusals import Fault, Invalid
from gates.models import Evidence, Form
from gates.services.evidence import submit_evidence
from gates.services.offers import Offer, earliest_day, faults_anywhere
from initiatives.selectors import visible_initiatives

COLUMNS = (
    Column("initiative", "Initiative", required=True, example="AI-0042"),
    Column("question", "Question", required=True),
    Column("kind", "Kind", required=True, example="legal_clearance"),
    Column("title", "Title", required=True, example="Clearance memo"),
    Column("statement", "What it shows", required=True),
    Column("link", "Link", required=True, example="https://documents.example.org/1"),
    Column("observed_on", "Observed on", required=True, example="2026-06-30"),
    Column("expires_on", "Valid until", example="2027-06-30"),
    Column("deployment", "Deployment", example="leeds"),
    Column("control", "Non-negotiable", example="red-team"),
)
NAMES = tuple(column.name for column in COLUMNS)
_A_DAY = (dt.date.fromisoformat, "a day such as 2026-12-31")
_READERS = {"observed_on": _A_DAY, "expires_on": _A_DAY}


def importer_of(by: Actor) -> Importer:
    """The service asks for each row whether the actor may offer evidence there. No column is a key."""
    return Importer("evidence", COLUMNS, lambda values: _keep(by, values), key="")


def link_rows(by: Actor) -> Iterator[list[Any]]:
    """Links that stand, of what the actor may see, as they can be brought back."""
    rows = _standing().filter(initiative__in=visible_initiatives(by).values("pk"))
    for item in rows.select_related("initiative").order_by("initiative__key", "pk").iterator(1000):
        yield [item.initiative.key, *(_told(getattr(item, name)) for name in NAMES[1:])]


def _told(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def _standing() -> QuerySet[Evidence]:
    return Evidence.objects.filter(form=Form.LINK, withdrawal__isnull=True, superseded_by__isnull=True)


def _keep(by: Actor, values: Mapping[str, str]) -> Done:
    read = read_cells(values, _READERS)
    key = read.pop("initiative")
    offered: dict[str, Any] = {
        **{name: read.get(name) or "" for name in NAMES[1:]},
        # Where the day is missing, the first there may be: nothing else is wrong because of it.
        "observed_on": read.get("observed_on") or earliest_day(by),
        "expires_on": read.get("expires_on") or None,
    }
    initiative = visible_initiatives(by).filter(key=key).first()
    if initiative is None:
        unknown = Fault("/initiative", f"There is no initiative {key} that you may see.")
        elsewhere = faults_anywhere(Offer(form=Form.LINK, **offered), by=by)
        raise Invalid(unknown.sentence, faults=[unknown, *elsewhere])
    subject = f"{key} {offered['question']}"
    if _standing().filter(initiative=initiative, **offered).exists():
        return Done("same", subject)
    submit_evidence(by=by, initiative=initiative, form=Form.LINK, **offered)
    return Done("add", subject)
