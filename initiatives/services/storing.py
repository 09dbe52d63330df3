"""Writing one version of a dossier and everything that follows from it. Only the services of this app come here."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from initiatives.dossier.canonical import canonical_json, digest, material_fingerprint
from initiatives.dossier.document import Dossier
from initiatives.models import Cluster, DossierVersion, Initiative, SearchText
from initiatives.models.projection import changes, instances
from initiatives.models.search import text_of
from initiatives.services.people import People, write_memberships
from metrics.services.projection import project_metrics

# The columns that repeat the document's first section.
COLUMNS = (
    "title",
    "archetype",
    "horizon",
    "summary",
    "decision_sought",
    "learning_question",
    "learning_ends_on",
    "planned_launch_on",
    "classification",
)


@dataclass(frozen=True)
class Written:
    """One dossier on its way into the tables: its text and its fingerprints are made once."""

    dossier: Dossier
    text: str
    fingerprint: str
    material_fingerprint: str


def written(dossier: Dossier) -> Written:
    text = canonical_json(dossier)
    return Written(dossier, text, digest(text), material_fingerprint(dossier))


def columns_of(new: Written, people: Mapping[str, uuid.UUID]) -> dict[str, Any]:
    """What the initiative's own row repeats of its dossier."""
    section = new.dossier.initiative
    return {
        **{name: getattr(section, name) for name in COLUMNS},
        "lane": section.lane or "",
        "owner_id": people[section.owner],
        "sponsor_id": people[section.sponsor] if section.sponsor else None,
        "fingerprint": new.fingerprint,
        "material_fingerprint": new.material_fingerprint,
    }


def cluster_called(code: str | None) -> Cluster | None:
    if code is None:
        return None
    return Cluster.objects.get_or_create(code=code, defaults={"title": title_of(code)})[0]


def title_of(code: str) -> str:
    return code.replace("-", " ").replace("_", " ").replace(".", " ").strip().capitalize() or code


def store(
    *, by: Actor, initiative: Initiative, before: Dossier | None, new: Written, people: People
) -> DossierVersion:
    """The initiative's row, its new version and the rows of every part that differs. The caller holds the lock."""
    # While a past is replayed the clock may stand before the last version; versions never go back in time.
    now = clock.now() if before is None else max(clock.now(), initiative.changed_at)
    for name, value in columns_of(new, people.ids).items():
        setattr(initiative, name, value)
    initiative.cluster = cluster_called(new.dossier.initiative.cluster)
    initiative.version += 1
    initiative.changed_at = now
    if before is None:
        initiative.save(force_insert=True)
    else:
        initiative.save(update_fields=_SAVED)
    version = DossierVersion.objects.create(
        initiative=initiative,
        number=initiative.version,
        package=initiative.package,
        fingerprint=new.fingerprint,
        material_fingerprint=new.material_fingerprint,
        document=new.text,
        recorded_at=now,
        recorded_by_id=by.user_id,
    )
    if before is None or _read(before) != _read(new.dossier):
        write_search_texts([initiative])
    write_parts(initiative, before, new.dossier, people)
    write_memberships(initiative, before, new.dossier, people)
    if before is None or before.metrics != new.dossier.metrics:
        project_metrics(initiative=initiative, metrics=new.dossier.metrics)
    initiative.refresh_from_db(fields=["inputs_rev"])  # the guard counted this version
    return version


def _read(dossier: Dossier) -> tuple[str, str]:
    """What a search reads of a dossier; the key beside it never changes."""
    return (dossier.initiative.title, dossier.initiative.summary)


def write_search_texts(initiatives: Sequence[Initiative]) -> None:
    """One statement for new and changed ones alike."""
    SearchText.objects.bulk_create(
        [SearchText(initiative=initiative, text=text_of(initiative)) for initiative in initiatives],
        update_conflicts=True,
        unique_fields=["initiative"],
        update_fields=["text"],
    )


_SAVED = (
    *COLUMNS,
    "lane",
    "owner",
    "sponsor",
    "cluster",
    "fingerprint",
    "material_fingerprint",
    "version",
    "package",
    "changed_at",
)


def write_parts(initiative: Initiative, before: Dossier | None, after: Dossier, people: People) -> None:
    """Write only the rows that differ: at most two statements a table, whatever the number of rows."""
    found = list(changes(initiative.pk, before, after))
    for change in found:
        columns = [field.name for field in change.model._meta.concrete_fields if field.name != "id"]
        change.model._default_manager.bulk_create(
            instances(initiative.pk, change.model, change.written, people.ids),
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=columns,
        )
    for change in reversed(found):
        if change.removed:
            change.model._default_manager.filter(pk__in=change.removed).delete()
