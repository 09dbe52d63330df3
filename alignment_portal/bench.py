"""Measure the portal against the floor of what its database and disk can do, each pair in the same run.

Only the ratios mean anything: both sides of each are timed in turn, in one process, on one machine.
"""

import gc
import json
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.test import Client

from alignment_portal import clock, dispatch
from alignment_portal.accounts.actors import SYSTEM
from alignment_portal.accounts.models import User
from alignment_portal.accounts.roles import Role, Scope
from alignment_portal.accounts.services import grant_role, open_person
from alignment_portal.accounts.tokens import issue_token
from alignment_portal.audit.guard import writes_allowed
from alignment_portal.portions import Everything, held_still
from gates.engine.checks import power
from gates.selectors.facts import CHUNK
from gates.selectors.judging import judged
from initiatives.models import Initiative
from initiatives.selectors import load_dossiers
from initiatives.services.bulk import generate_portfolio
from metrics.models import Metric, Observation
from packs.models import PackBuild, PackFile
from packs.selectors.files import pack_path
from packs.services.building import build_pack

ROWS = 1000
EXECUTIVE = "executive@generated.example"
WEEK = timedelta(days=7)
FIRST = date(2015, 1, 5)

# What can be counted in one statement: a verdict by five of the rules, from the tables alone. The portal judges more
# than eighty, and writes down for each why, what to do and who does it.
COUNT_VERDICTS = """
SELECT level, COUNT(*) FROM (
  SELECT CASE
    WHEN NOT EXISTS (SELECT 1 FROM initiatives_node n WHERE n.initiative_id = i.id AND n.kind = 'change')
      OR (SELECT COUNT(DISTINCT e.question) FROM gates_evidence e
          JOIN gates_evidencereview r ON r.evidence_id = e.id AND r.accepted
          WHERE e.initiative_id = i.id) < 15
      OR (SELECT COUNT(DISTINCT g.gate) FROM gates_endorsement g WHERE g.initiative_id = i.id) < 5
      THEN 'blocked'
    WHEN EXISTS (SELECT 1 FROM metrics_metric m WHERE m.initiative_id = i.id AND m.headline
                 AND NOT EXISTS (SELECT 1 FROM metrics_baseline b WHERE b.metric_id = m.id))
      THEN 'learning_only'
    ELSE 'aligned' END AS level
  FROM initiatives_initiative i) AS judged
GROUP BY level
"""
LIST_PAGE = """
SELECT i.key, i.title, i.archetype, i.horizon, c.code AS cluster, p.email AS owner, p.name AS owner_name, i.status,
  i.status_since, i.judged_level, i.judged_at, i.judged_reason, i.judged_gate, i.next_mover_name, i.next_deed,
  i.next_since, i.version, i.changed_at
FROM initiatives_initiative i
LEFT JOIN initiatives_cluster c ON c.id = i.cluster_id LEFT JOIN accounts_user p ON p.id = i.owner_id
ORDER BY i.key LIMIT 100
"""
LIST_NAMES = (
    "key", "title", "archetype", "horizon", "cluster", "owner", "owner_name", "status", "status_since", "judged_level",
    "judged_at", "judged_reason", "judged_gate", "next_mover_name", "next_deed", "next_since", "version", "changed_at",
)  # fmt: skip


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one go, with nothing left over from before to collect in it."""
    gc.collect()
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def typical(work: Callable[[], object], rounds: int) -> float:
    """The median of several goes, the first one not counted."""
    work()
    return statistics.median(seconds(work) for _ in range(rounds))


def in_a_row(work: Callable[[], object], rounds: int) -> float:
    """The median of many goes one after the other, as a server answers: what it needs is still at hand."""
    work()
    gc.collect()
    goes = []
    for _ in range(rounds * 5):
        begun = time.perf_counter()
        work()
        goes.append(time.perf_counter() - begun)
    return statistics.median(goes)


def compared(portal: float, floor: float) -> dict[str, float]:
    """Two times in seconds as milliseconds to the nanosecond, so that who divides them comes to the ratio told."""
    milliseconds = {"portal_ms": round(portal * 1000, 6), "floor_ms": round(floor * 1000, 6)}
    return {**milliseconds, "ratio": round(portal / floor, 2)}


@contextmanager
def counted() -> Iterator[list[int]]:
    """The number of statements run meanwhile, as the one item of a list."""
    tally = [0]

    def count(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        tally[0] += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield tally


def fetched(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


# ------------------------------------------------------------------------------------------------ judging


def judging(sizes: list[int], seed: int, deadline: float) -> dict[str, Any]:
    """Judge the whole portfolio at each size; sizes there is no time left for are named."""
    measured: list[dict[str, Any]] = []
    left_out: list[int] = []
    for size in sizes:
        if measured and _would_take(measured, size) > deadline - time.monotonic():
            left_out.append(size)
            continue
        new = size - Initiative.objects.count()
        making = seconds(partial(generate_portfolio, by=SYSTEM, initiatives=new, seed=seed))
        one = _judged_at(size, warm_up=not measured)
        measured.append({**one, "made_ms_each": round(making / new * 1000, 3)})
    return {
        "sizes": measured,
        "left_out_for_lack_of_time": left_out,
        "chunk": CHUNK,
        "queries": queries_in_words(measured),
        "growth": round(measured[-1]["ms_per_initiative"] / measured[0]["ms_per_initiative"], 2),
    }


def _would_take(measured: list[dict[str, Any]], size: int) -> float:
    """Seconds to make and judge up to this size, if it goes on as it did."""
    last = measured[-1]
    milliseconds: float = (
        last["made_ms_each"] * (size - last["initiatives"]) + last["ms_per_initiative"] * size
    )
    return milliseconds / 1000 * 1.2


def _judged_at(size: int, *, warm_up: bool) -> dict[str, Any]:
    if warm_up:
        _judge_all()
    _forget()
    with counted() as tally:
        portal = seconds(_judge_all)
    reading = seconds(_read_documents)
    floor = typical(lambda: fetched(COUNT_VERDICTS), 3)
    return {
        "initiatives": size,
        "seconds": round(portal, 2),
        "ms_per_initiative": round(portal / size * 1000, 3),
        "queries": tally[0],
        "chunks": -(-size // CHUNK),
        "over_counting_in_sql": round(portal / floor, 1),
        "over_reading_the_documents": round(portal / reading, 2),
    }


def _forget() -> None:
    """Powers are worked out once for equal plans; each size shall find none of them known."""
    power._power.cache_clear()  # noqa: SLF001 — nobody but a measurement wants it forgotten
    power._prediction.cache_clear()  # noqa: SLF001 — as above


def _judge_all() -> int:
    return sum(1 for _ in judged())


def _read_documents() -> int:
    everything = Everything()
    keys = Initiative.objects.order_by("key").values_list("key")
    with held_still():
        return sum(len(load_dossiers(everything)) for _ in everything.portions(keys, CHUNK))


def queries_in_words(measured: list[dict[str, Any]]) -> str:
    """Whether the number of statements hangs on anything but the number of chunks."""
    pairs = {(one["chunks"], one["queries"]) for one in measured}
    if len({queries for _, queries in pairs}) == 1:
        return f"the same at every size: {measured[0]['queries']}"
    (few, first), (many, last) = min(pairs), max(pairs)
    step = (last - first) / (many - few)
    if all(queries == first + step * (chunks - few) for chunks, queries in pairs):
        return f"{step:g} for each chunk of {CHUNK}, and {first - step * few:g} beside"
    return "differ otherwise than with the number of chunks"


# ------------------------------------------------------------------------------------------------ doors


def settle() -> None:
    """Have PostgreSQL count what it holds, as it does by itself within minutes; SQLite plans without."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def caller(email: str, *scopes: str) -> Client:
    user = User.objects.get(email=email)
    issued = issue_token(by=SYSTEM, user=user, name="bench", scopes=scopes)
    return Client(SERVER_NAME="localhost", headers={"Authorization": f"Bearer {issued.plain}"})


def open_executive() -> str:
    person = open_person(by=SYSTEM, email=EXECUTIVE, name="Made-up executive")
    grant_role(by=SYSTEM, person=person, role=Role.EXECUTIVE)
    return person.email


def answered(response: Any, status: int) -> Any:
    if response.status_code != status:
        raise RuntimeError(f"{response.status_code} instead of {status}: {response.content[:500]!r}")
    return response


def listing(email: str, rounds: int) -> dict[str, float]:
    """One hundred initiatives as bytes: signed in, visibility applied, against SQL that writes the JSON itself.

    Many calls in a row, and single ones, before each of which the interpreter's memory was swept.
    """
    client = caller(email, Scope.READ)
    gather, build = "json_group_array", "json_object"
    if connection.vendor == "postgresql":
        gather, build = "json_agg", "json_build_object"
    pairs = ", ".join(f"'{name}', {name}" for name in LIST_NAMES)
    sql = f"SELECT CAST({gather}({build}({pairs})) AS text) FROM ({LIST_PAGE}) AS page"  # noqa: S608 — made of constants

    def ask() -> Any:
        return answered(client.get("/api/v1/initiatives/", {"limit": "100"}), 200)

    def write() -> bytes:
        return str(fetched(sql)[0][0]).encode()

    alone = typical(ask, rounds) / typical(write, rounds)
    return {
        **compared(in_a_row(ask, rounds), in_a_row(write, rounds)),
        "ratio_of_single_calls": round(alone, 2),
    }


def posting(rounds: int) -> dict[str, float]:
    """One thousand readings a call, checked, audited and announced, against the bare insert of the same rows."""
    initiative = Initiative.objects.select_related("owner").earliest("key")
    metrics = list(Metric.objects.filter(initiative=initiative).order_by("pk"))
    client = caller(initiative.owner.email, Scope.OBSERVATIONS)
    weeks = iter(range(0, 10**6, -(-ROWS // len(metrics))))

    def post() -> None:
        body = json.dumps({"observations": _readings(initiative.key, metrics, next(weeks))})
        answered(client.post("/api/v1/observations/", body, content_type="application/json"), 201)

    def insert() -> None:
        rows = [_row(metrics, reading) for reading in _readings(initiative.key, metrics, next(weeks))]
        with writes_allowed(), transaction.atomic():
            Observation.objects.bulk_create(rows)

    return compared(typical(post, rounds), typical(insert, rounds))


def _readings(key: str, metrics: list[Metric], week: int) -> list[dict[str, Any]]:
    """So many weeks of every metric, from that week on, that they are a thousand."""
    found = []
    for place in range(ROWS):
        begin = FIRST + WEEK * ((week + place // len(metrics)) % 500)
        found.append(
            {
                "initiative": key,
                "metric": metrics[place % len(metrics)].code,
                "period_start": str(begin),
                "period_end": str(begin + timedelta(days=6)),
                "segment": f"s{(week + place // len(metrics)) // 500}",
                "value": 0.25,
                "sample_size": 400,
                "source": "bench",
            }
        )
    return found


def _row(metrics: list[Metric], reading: dict[str, Any]) -> Observation:
    codes = {metric.code: metric.pk for metric in metrics}
    columns = {name: reading[name] for name in ("segment", "value", "sample_size", "source")}
    return Observation(
        metric_id=codes[reading["metric"]],
        period_start=date.fromisoformat(reading["period_start"]),
        period_end=date.fromisoformat(reading["period_end"]),
        recorded_at=clock.now(),
        **columns,
    )


def pack_again(email: str, rounds: int) -> dict[str, float]:
    """A pack asked for again that would say the same, against reading the file it has."""
    client = caller(email, Scope.READ, Scope.WRITE)
    body = json.dumps({"subject": f"initiative:{Initiative.objects.earliest('key').key}"})

    def ask() -> Any:
        return answered(client.post("/api/v1/packs/", body, content_type="application/json"), 202)

    ref = ask().json()["ref"]
    first = seconds(lambda: build_pack(PackBuild.objects.get(ref=ref).pk))
    path = pack_path(PackFile.objects.get(build__ref=ref).sha256)
    again = compared(typical(ask, rounds), typical(path.read_bytes, rounds))
    return {**again, "built_in_s": round(first, 2), "built_again": PackBuild.objects.count() - 1}


def measure(*, sizes: list[int], seed: int, rounds: int, packs: bool, limit: float) -> dict[str, Any]:
    """Everything, in an empty portal, within so many seconds; the reactions to what is written are not part of it."""
    if Initiative.objects.exists():
        raise RuntimeError("This portal holds initiatives; measuring fills it with made-up ones.")
    deadline = time.monotonic() + limit
    with dispatch.held_back():
        result: dict[str, Any] = {"database": connection.vendor}
        result["judging"] = judging(sizes, seed, deadline)
        email = open_executive()
        settle()
        result["list_of_100"] = listing(email, rounds)
        result["post_1000_observations"] = posting(rounds)
        if packs:
            result["pack_asked_again"] = pack_again(email, rounds)
    return result
