"""Everything the judge may look at, for any number of initiatives in a fixed number of queries, now or then."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import msgspec
from django.db.models import Q

from alignment_portal import clock
from alignment_portal.accounts.models import RoleGrant
from alignment_portal.accounts.roles import Role
from alignment_portal.accounts.selectors import people_directory
from alignment_portal.collector import collector_paused
from alignment_portal.portions import About, Everything, held_still, rows_about
from alignment_portal.prepared import Prepared
from gates.engine import Facts, Policy
from gates.engine import facts as judged
from gates.engine.conditions import with_conditions
from gates.selectors.policies import policies_by_id, policies_decided_under, policy_in_force
from gates.selectors.records import (
    Course,
    breaches_of,
    courses_of,
    endorsements_of,
    evidence_of,
    is_unmoved,
    statuses_at,
    waivers_of,
)
from initiatives.dossier.document import Dossier
from initiatives.dossier.references import people_named
from initiatives.models import Initiative
from initiatives.selectors import LoadedDossier, all_initiatives, incidents_at, load_dossiers
from metrics.selectors import acknowledgements_for, drift_for, results_for, series_for
from portfolio.selectors.change_load import Asked
from portfolio.selectors.register import bottlenecks_at, dependencies_at
from reviews.selectors.reviews import ReviewRow, ReviewsUnder, reviews_for

CHUNK = 500
FEW = 50  # up to so many, only the people they name are looked up
_DIRECTORY_ROLES = (Role.ASSURER, Role.EXECUTIVE)
T = TypeVar("T")
_holders = Prepared(
    lambda at: (
        RoleGrant.objects.filter(
            Q(revoked_at__isnull=True) | Q(revoked_at__gt=at), granted_at__lte=at, role__in=_DIRECTORY_ROLES
        )
        .order_by()
        .values_list("user__email")
    )
)


@dataclass(frozen=True)
class Case:
    """The facts of one initiative, and the policy it is judged under, its executives' conditions included."""

    facts: Facts
    policy: Policy
    policy_id: int


def load_facts(keys: Sequence[str] | None = None, at: datetime | None = None) -> dict[str, Facts]:
    """Facts by key; all initiatives when no keys are given. Keys that did not exist then are left out."""
    return {key: case.facts for key, case in load_cases(keys, at).items()}


def load_cases(
    keys: Sequence[str] | None = None, at: datetime | None = None, *, pinned: bool = True
) -> dict[str, Case]:
    """Facts with the policy each is judged under: unless `pinned` is off, the one its status was decided under."""
    if keys is None:
        return {key: case for portion in every_case(at) for key, case in portion.items()}
    return _load(sorted(set(keys)), at, pinned=pinned)


def case_chunks(at: datetime | None = None) -> Iterator[dict[str, Case]]:
    """All initiatives in ranges of keys, for whoever writes in between; memory stays bounded however many there are.

    What they share is read once for all of them, so that the time grows in line with their number.
    """
    shared = _Shared(at)
    last = ""
    while True:
        keys = list(
            Initiative.objects.filter(key__gt=last).order_by("key").values_list("key", flat=True)[:CHUNK]
        )
        if not keys:
            return
        with collector_paused():
            yield _load(keys, at, shared=shared)
        last = keys[-1]


def every_case(at: datetime | None = None) -> Iterator[dict[str, Case]]:
    """All initiatives a portion at a time, from one state of the database and a fixed number of queries.

    For whoever only reads: nothing may be written until the last portion was taken.
    """
    everything = Everything()
    with held_still():
        shared, reviews, decided = _Shared(at), ReviewsUnder(None, at), policies_decided_under()
        keys = Initiative.objects.order_by("key").values_list("key", "created_at")
        for portion in everything.portions(keys, CHUNK):
            with collector_paused():
                loaded = load_dossiers(everything, at)
                created = {key: row[1] for key, row in portion.items()}
                records = _Records(everything, at, created, reviews.rows(loaded))
                yield _cases(loaded, at, records, shared, decided)


def _load(
    keys: list[str], at: datetime | None, *, pinned: bool = True, shared: "_Shared | None" = None
) -> dict[str, Case]:
    """`at` is None for now: the present is read from the current rows, which is quicker than looking them up."""
    loaded = load_dossiers(keys, at)
    keys = list(loaded)
    if not keys:
        return {}
    created: dict[str, datetime] = dict(rows_about(keys, all_initiatives, "key", ["created_at"]))
    records = _Records(keys, at, created, reviews_for(keys, at, loaded))
    shared = shared or _Shared(at, loaded, records)
    decided = policies_by_id({course.policy_id for course in records.courses.values() if course.policy_id})
    return _cases(loaded, at, records, shared, decided if pinned else {})


def _cases(
    loaded: Mapping[str, LoadedDossier],
    at: datetime | None,
    records: "_Records",
    shared: "_Shared",
    decided: Mapping[int, Policy],
) -> dict[str, Case]:
    """Each is judged under the policy its status was decided under, if that is among those, else the current one."""
    cases = {}
    for key, dossier in loaded.items():
        course = records.courses.get(key)
        pinned = course.policy_id if course is not None else None
        policy_id = pinned if pinned is not None and pinned in decided else shared.policy_id
        policy = decided.get(policy_id, shared.policy)
        facts = _facts(key, dossier, course=course, shared=shared, records=records, policy=policy)
        cases[key] = Case(facts, with_conditions(policy, facts), policy_id)
    return cases


class _Records:
    """What was recorded about these initiatives, each kind by key."""

    def __init__(
        self,
        about: About,
        at: datetime | None,
        created: Mapping[str, datetime],
        reviews: Mapping[str, ReviewRow],
    ) -> None:
        moment = at or clock.now()
        self.created = created
        self.reviews = reviews
        self.courses = courses_of(about, moment)
        self.evidence = evidence_of(about, moment)
        self.endorsements = endorsements_of(about, moment)
        self.waivers = waivers_of(about, moment)
        self.breaches = breaches_of(about, moment)
        self.incidents = incidents_at(about, at)
        self.results = results_for(about, at)
        self.series = series_for(about, at)
        self.drift = drift_for(about, at)
        self.acknowledgements = acknowledgements_for(about, at)


class _Shared:
    """What belongs to no single initiative: the policy in force, people, shared dependencies, bottlenecks, change load."""

    def __init__(
        self,
        at: datetime | None,
        loaded: Mapping[str, LoadedDossier] | None = None,
        records: _Records | None = None,
    ) -> None:
        statuses = None if at is None or is_unmoved(at) else statuses_at(at)
        groups = (
            None if loaded is None else {group for one in loaded.values() for group in _groups(one.dossier)}
        )
        self.policy_id, self.policy = policy_in_force(at)
        self.dependencies = convert_all(dependencies_at(at), judged.SharedDependency)
        self.bottlenecks = convert_all(bottlenecks_at(at), judged.Bottleneck)
        self._loads: defaultdict[str, list[judged.GroupLoad]] = defaultdict(list)
        for load in Asked(at, groups=groups, statuses=statuses).loads():
            self._loads[load.group].append(convert(load, judged.GroupLoad))
        self.people = _people(at or clock.now(), loaded, records)
        self.executives = [
            person
            for _, person in sorted(self.people.items())
            if Role.EXECUTIVE in person.roles and person.active
        ]

    def loads_of(self, dossier: Dossier) -> tuple[judged.GroupLoad, ...]:
        """The load of the groups this dossier names, all initiatives together."""
        return tuple(load for group in _groups(dossier) for load in self._loads.get(group, ()))

    def gate_owners(self, policy: Policy, dossier: Dossier) -> Mapping[str, str]:
        """For each gate the executive of its function: the sponsor where they are one, else the first by e-mail."""
        owners: dict[str, str] = {}
        for gate in policy.gates:
            fit = [person.email for person in self.executives if gate.endorser_function in person.functions]
            if fit:
                sponsor = dossier.initiative.sponsor
                owners[gate.code] = sponsor if sponsor in fit else fit[0]
        return owners


def _groups(dossier: Dossier) -> list[str]:
    return [group.code for group in dossier.change_impact.groups]


def _people(
    at: datetime, loaded: Mapping[str, LoadedDossier] | None, records: _Records | None
) -> Mapping[str, judged.Person]:
    """Who the dossiers and the evidence name, and whoever may review or endorse; for many, everybody."""
    emails: set[str] | None = None
    if loaded is not None and records is not None and len(loaded) <= FEW:
        emails = {email for one in loaded.values() for _, email in people_named(one.dossier)}
        emails |= {item.submitted_by for items in records.evidence.values() for item in items}
        emails |= {email for (email,) in _holders.rows(at)}
    return convert_all(people_directory(at, emails), judged.Person)


def convert(row: object, kind: type[T]) -> T:
    return msgspec.convert(row, kind, from_attributes=True)


def convert_all(rows: Mapping[str, object], kind: type[T]) -> dict[str, T]:
    return {name: convert(row, kind) for name, row in rows.items()}


def _facts(
    key: str,
    loaded: LoadedDossier,
    *,
    course: Course | None,
    shared: _Shared,
    records: _Records,
    policy: Policy,
) -> Facts:
    moves = tuple(course.moves) if course is not None else ()
    dossier = loaded.dossier
    review = records.reviews.get(key)
    return Facts(
        dossier=dossier,
        fingerprint=loaded.fingerprint,
        material_fingerprint=loaded.material_fingerprint,
        status=moves[-1].to if moves else "draft",
        status_since=moves[-1].at if moves else records.created[key],
        evidence=records.evidence.get(key, ()),
        endorsements=records.endorsements.get(key, ()),
        waivers=records.waivers.get(key, ()),
        results=_converted(records.results.get(key, ()), judged.Result),
        series=_converted(records.series.get(key, ()), judged.Series),
        drift=_converted(records.drift.get(key, ()), judged.Drift),
        acknowledgements=_converted(records.acknowledgements.get(key, ()), judged.Acknowledgement),
        incidents=_converted(records.incidents.get(key, ()), judged.Incident),
        review=None if review is None else convert(review, judged.Review),
        dependencies=shared.dependencies,
        bottlenecks=shared.bottlenecks,
        group_loads=shared.loads_of(dossier),
        moves=moves,
        breaches=records.breaches.get(key, ()),
        people=shared.people,
        gate_owners=shared.gate_owners(policy, dossier),
    )


def _converted(rows: Sequence[object], kind: type[T]) -> tuple[T, ...]:
    return tuple(row if isinstance(row, kind) else convert(row, kind) for row in rows)
