"""Readings pushed by the customer's systems: many at once, all or nothing, safe to send again."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action, may, require
from alignment_portal.audit.chain import record
from alignment_portal.audit.guard import service
from alignment_portal.outbox.events import announce
from alignment_portal.refusals import Invalid
from initiatives.models import Deployment, Initiative, Membership
from initiatives.selectors import Standing, standing_of
from metrics.actions import Actions
from metrics.drift import population_stability_index
from metrics.models import DriftReading, Measure, Metric, Observation
from metrics.services.readings import Known, Reading, find_faults, parse_readings, place_of


@dataclass(frozen=True)
class Recorded:
    """What became of a call: rows that were new, that revise an earlier value, that were there already."""

    received: int
    added: int
    revised: int
    unchanged: int


@service
def record_observations(*, by: Actor, rows: Sequence[Any], prefix: str = "") -> Recorded:
    """Record up to 10,000 readings, all or nothing; `prefix` is where the list stood in what was sent.

    Raises Invalid with every fault of every reading, of shape and of meaning.
    The same value of the same period from the same source again is no new row; another value is a new revision,
    and the earlier one stays, so that the past can still be judged on what was known then.
    """
    parsed = parse_readings(rows, prefix)
    readings = list(parsed.readings.values())
    initiatives = _initiatives(by, {reading.initiative for reading in readings})
    known = _known(initiatives.values())
    faults = [*parsed.faults, *find_faults(parsed, known, clock.now().date(), prefix)]
    if faults:
        count = len(faults)
        words = (
            faults[0].sentence
            if count == 1
            else f"{count:,} faults were found; the first: {faults[0].sentence}"
        )
        raise Invalid(f"Nothing was recorded: {words}", faults=faults, code="invalid_readings")
    unique = list({place_of(reading): reading for reading in readings}.values())
    values = [reading for reading in unique if reading.histogram is None]
    histograms = [reading for reading in unique if reading.histogram is not None]
    added, revised = _record(by, values, known, Observation, _value_columns)
    more_added, more_revised = _record(by, histograms, known, DriftReading, _drift_columns)
    changed = [*added, *more_added, *revised, *more_revised]
    _tell(by, initiatives, changed)
    return Recorded(
        received=len(readings),
        added=len(added) + len(more_added),
        revised=len(revised) + len(more_revised),
        unchanged=len(readings) - len(changed),
    )


def _initiatives(by: Actor, keys: Iterable[str]) -> dict[str, Initiative]:
    """The initiatives the actor may record for, locked in order of key; others are not told apart from unknown ones."""
    # No key holds a NUL, and PostgreSQL takes no question with one.
    said = [key for key in keys if "\x00" not in key]
    wanted = Initiative.objects.visible_to(by).filter(key__in=said).values("pk")
    locked = Initiative.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("key")
    found = {initiative.key: initiative for initiative in locked}
    stands = _standings(by, found.values())
    recordable = {
        key: initiative
        for key, initiative in found.items()
        if may(
            by,
            Action.OBSERVATION_RECORD,
            own=stands[initiative.pk].own,
            invited=stands[initiative.pk].invited,
        )
    }
    if found and not recordable:
        require(by, Action.OBSERVATION_RECORD)
    return recordable


def _standings(by: Actor, initiatives: Iterable[Initiative]) -> dict[object, Standing]:
    """How the actor stands to each initiative, in one query."""
    kinds: dict[object, set[str]] = {initiative.pk: set() for initiative in initiatives}
    rows = Membership.objects.filter(user__email=by.email, initiative__in=list(kinds))
    for initiative, kind in rows.values_list("initiative_id", "kind"):
        kinds[initiative].add(kind)
    return {initiative: standing_of(found) for initiative, found in kinds.items()}


def _known(initiatives: Iterable[Initiative]) -> dict[tuple[str, str], Known]:
    ids = [initiative.pk for initiative in initiatives]
    deployments: dict[object, set[str]] = {}
    for initiative, code in Deployment.objects.filter(initiative__in=ids).values_list(
        "initiative_id", "code"
    ):
        deployments.setdefault(initiative, set()).add(code)
    metrics = Metric.objects.in_dossier().filter(initiative__in=ids)
    return {
        (key, code): Known(pk, measure == Measure.PROPORTION, frozenset(deployments.get(initiative, ())))
        for pk, key, initiative, code, measure in metrics.values_list(
            "pk", "initiative__key", "initiative_id", "code", "measure"
        )
    }


def _value_columns(reading: Reading) -> dict[str, Any]:
    return {
        "value": reading.number,
        "numerator": reading.numerator,
        "denominator": reading.denominator,
        "sample_size": reading.sample_size,
        "spread": reading.spread,
        "source": reading.source,
    }


def _drift_columns(reading: Reading) -> dict[str, Any]:
    histogram = reading.histogram
    if histogram is None:
        raise ValueError(reading.metric)
    return {
        "psi": population_stability_index(histogram.expected, histogram.actual),
        "n_expected": round(sum(histogram.expected)),
        "n_actual": round(sum(histogram.actual)),
        "bins": max(
            2, sum(e > 0 or a > 0 for e, a in zip(histogram.expected, histogram.actual, strict=True))
        ),
        "source": reading.source,
    }


def _record(
    by: Actor,
    readings: Sequence[Reading],
    known: Mapping[tuple[str, str], Known],
    model: type[Observation] | type[DriftReading],
    columns: Callable[[Reading], dict[str, Any]],
) -> tuple[list[Reading], list[Reading]]:
    """Insert what is new or different; return the readings that were added and those that revise."""
    if not readings:
        return [], []
    names = tuple(columns(readings[0]))
    latest = _latest(readings, known, model, names)
    now, rows = clock.now(), []
    added: list[Reading] = []
    revised: list[Reading] = []
    for reading in readings:
        place = _row_place(reading, known, model)
        revision, before = latest.get(place, (0, None))
        given = columns(reading)
        if before == tuple(given.values()):
            continue
        (revised if revision else added).append(reading)
        rows.append(_row(model, place, given, revision=revision + 1, at=now, by=by))
    model._default_manager.bulk_create(rows)
    return added, revised


def _places(model: type[Observation] | type[DriftReading]) -> tuple[str, ...]:
    segment = ("segment",) if model is Observation else ()
    return ("metric_id", "deployment", *segment, "period_start", "period_end")


def _row_place(
    reading: Reading, known: Mapping[tuple[str, str], Known], model: type[Observation] | type[DriftReading]
) -> tuple[Any, ...]:
    metric = known[reading.initiative, reading.metric].id
    segment = (reading.segment,) if model is Observation else ()
    return (metric, reading.deployment, *segment, reading.period_start, reading.period_end)


def _row(
    model: type[Observation] | type[DriftReading],
    place: tuple[Any, ...],
    given: dict[str, Any],
    *,
    revision: int,
    at: datetime,
    by: Actor,
) -> Any:
    return model(
        **dict(zip(_places(model), place, strict=True)),
        **given,
        revision=revision,
        recorded_at=at,
        recorded_by_id=by.user_id,
    )


def _latest(
    readings: Sequence[Reading],
    known: Mapping[tuple[str, str], Known],
    model: type[Observation] | type[DriftReading],
    names: tuple[str, ...],
) -> dict[tuple[Any, ...], tuple[int, tuple[Any, ...]]]:
    """The last revision of every place these readings may touch, in one query."""
    places = _places(model)
    segments = {"segment__in": {reading.segment for reading in readings}} if model is Observation else {}
    rows = (
        model._default_manager.filter(
            metric__in={known[reading.initiative, reading.metric].id for reading in readings},
            deployment__in={reading.deployment for reading in readings},
            # So that the unique index leads to the rows, however many others there are.
            period_end__gte=min(reading.period_end for reading in readings),
            period_end__lte=max(reading.period_end for reading in readings),
            period_start__gte=min(reading.period_start for reading in readings),
            **segments,
        )
        .order_by("revision")
        .values_list(*places, "revision", *names)
    )
    cut = len(places)
    return {tuple(row[:cut]): (row[cut], tuple(row[cut + 1 :])) for row in rows}


def _tell(by: Actor, initiatives: Mapping[str, Initiative], changed: Iterable[Reading]) -> None:
    by_key: dict[str, Counter[str]] = {}
    for reading in changed:
        by_key.setdefault(reading.initiative, Counter())[reading.metric] += 1
    for key, counts in sorted(by_key.items()):
        record(
            by=by,
            action=Actions.OBSERVATIONS_RECORDED,
            subject=key,
            initiative=key,
            after={"metrics": dict(counts)},
            count=sum(counts.values()),
        )
    if by_key:
        announce("metrics.readings_recorded", keys=sorted(by_key))
