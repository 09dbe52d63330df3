"""Many new initiatives at once: a fixed number of statements and one entry in the record for each batch."""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.models import User
from alignment_portal.accounts.permissions import Action, require
from alignment_portal.accounts.roles import Role
from alignment_portal.accounts.services import grant_role, open_person
from alignment_portal.audit.chain import record
from alignment_portal.audit.guard import service
from alignment_portal.outbox.events import announce
from initiatives.actions import Actions
from initiatives.dossier.document import Dossier
from initiatives.dossier.references import people_named
from initiatives.models import Cluster, DossierVersion, Initiative, Membership, PartRow
from initiatives.models.projection import changes, instances
from initiatives.services.generation.documents import generated
from initiatives.services.generation.draw import Cast
from initiatives.services.people import belonging, memberships, people_called
from initiatives.services.storing import Written, columns_of, title_of, write_search_texts, written
from metrics.services.projection import project_new_metrics

BATCH = 250
PREFIX = "GP"
NAMESPACE = uuid.UUID("6f6f9d54-3b0e-5c0b-9d0e-2f3f6f0a7c11")
FIRST_NAMES = ("Ada", "Bram", "Cleo", "Dario", "Edda", "Femi", "Gita", "Hugo", "Inés", "Jonas")
LAST_NAMES = ("Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel", "Ivy", "Juniper")
PARTS = (
    ("manager", Role.PROGRAMME_MANAGER, 8),
    ("sponsor", Role.EXECUTIVE, 6),
    ("doer", Role.CONTRIBUTOR, 16),
)


@service
def generate_portfolio(*, by: Actor, initiatives: int, seed: int) -> tuple[str, str]:
    """Add made-up initiatives after those made up earlier; answer their first and last key."""
    require(by, Action.INITIATIVE_CREATE)
    cast = _open_cast(by)
    start = _last_number() + 1
    numbers = range(start, start + initiatives)
    for first in range(0, initiatives, BATCH):
        batch = numbers[first : first + BATCH]
        documents = (generated(cast, seed=seed, number=number, key=_key(number)) for number in batch)
        store_new(by=by, dossiers=[msgspec.convert(document, Dossier) for document in documents], seed=seed)
    return _key(numbers[0]), _key(numbers[-1])


def _key(number: int) -> str:
    return f"{PREFIX}-{number:05d}"


def _last_number() -> int:
    keys = Initiative.objects.filter(key__startswith=f"{PREFIX}-").values_list("key", flat=True)
    return max((int(key.partition("-")[2]) for key in keys), default=0)


def _open_cast(by: Actor) -> Cast:
    """The made-up people, opened on first use; their accounts have no password."""
    groups: dict[str, list[str]] = defaultdict(list)
    wanted = [
        (f"{part}{number}@generated.example", part, role)
        for part, role, count in PARTS
        for number in range(1, count + 1)
    ]
    known = set(
        User.objects.filter(email__in=[email for email, _, _ in wanted]).values_list("email", flat=True)
    )
    for place, (email, part, role) in enumerate(wanted):
        groups[part].append(email)
        if email not in known:
            name = f"{FIRST_NAMES[place % 10]} {LAST_NAMES[place // 3 % 10]}"
            person = open_person(
                by=by, email=email, name=name, title=f"Made-up {part}", function="operations"
            )
            grant_role(by=by, person=person, role=role)
    return Cast(managers=groups["manager"], sponsors=groups["sponsor"], doers=groups["doer"])


@service
def store_new(*, by: Actor, dossiers: Sequence[Dossier], seed: int) -> None:
    """Store dossiers of initiatives that do not exist yet. The database's constraints and guards judge every row."""
    people = people_called({email for dossier in dossiers for _, email in people_named(dossier)})
    clusters = _clusters({dossier.initiative.cluster for dossier in dossiers} - {None})
    new = [(_initiative(dossier, seed), written(dossier)) for dossier in dossiers]
    for initiative, item in new:
        code = item.dossier.initiative.cluster
        for name, value in columns_of(item, people.ids).items():
            setattr(initiative, name, value)
        initiative.cluster = clusters[code] if code else None
        initiative.version = 1
    Initiative.objects.bulk_create([initiative for initiative, _ in new])
    write_search_texts([initiative for initiative, _ in new])
    DossierVersion.objects.bulk_create(_version(initiative, item, by) for initiative, item in new)
    _write_parts(new, people.ids)
    Membership.objects.bulk_create(
        row for initiative, item in new for row in memberships(initiative, belonging(item.dossier), people)
    )
    project_new_metrics(dossiers=[(initiative, item.dossier.metrics) for initiative, item in new])
    keys = [initiative.key for initiative, _ in new]
    record(
        by=by,
        action=Actions.PORTFOLIO_LOADED,
        subject=f"{keys[0]} to {keys[-1]}",
        count=len(keys),
        after={initiative.key: item.fingerprint for initiative, item in new},
    )
    announce("initiatives.portfolio_loaded", keys=keys)


def _initiative(dossier: Dossier, seed: int) -> Initiative:
    key, now = dossier.initiative.key, clock.now()
    pk = uuid.uuid5(NAMESPACE, f"{seed}:{key}")
    return Initiative(id=pk, key=key, status_since=now, created_at=now, changed_at=now)


def _version(initiative: Initiative, item: Written, by: Actor) -> DossierVersion:
    return DossierVersion(
        initiative=initiative,
        number=1,
        fingerprint=item.fingerprint,
        material_fingerprint=item.material_fingerprint,
        document=item.text,
        recorded_at=initiative.changed_at,
        recorded_by_id=by.user_id,
    )


def _clusters(codes: set[str | None]) -> dict[str, Cluster]:
    wanted = [Cluster(code=code, title=title_of(code)) for code in sorted(code for code in codes if code)]
    Cluster.objects.bulk_create(wanted, ignore_conflicts=True)
    return {cluster.code: cluster for cluster in Cluster.objects.filter(code__in=codes)}


def _write_parts(new: Sequence[tuple[Initiative, Written]], people: Mapping[str, uuid.UUID]) -> None:
    rows: dict[type[PartRow], list[PartRow]] = {}
    for initiative, item in new:
        for change in changes(initiative.pk, None, item.dossier):
            found: Iterator[PartRow] = instances(initiative.pk, change.model, change.written, people)
            rows.setdefault(change.model, []).extend(found)
    for model, found_rows in rows.items():
        model._default_manager.bulk_create(found_rows)
