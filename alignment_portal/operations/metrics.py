"""Figures for Prometheus. What is counted in a process is only how long requests took; the rest is read from the
database when asked, so that it is the same whichever web server of however many answers.
"""

import ipaddress
import os
import secrets
from collections.abc import Iterator

from django.conf import settings
from django.db.models import Count
from django.http import HttpRequest
from prometheus_client import CollectorRegistry, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from alignment_portal.http.requests import address_of
from alignment_portal.operations import health
from alignment_portal.operations.jobs import paces, queue_now
from alignment_portal.operations.overview import chores
from initiatives.models import Initiative

SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # set by deploy/gunicorn.conf.py, where several processes count
REQUESTS = Histogram(
    "portal_request_seconds",
    "How long requests took, by the name of their route",
    ("method", "route", "status"),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=None,
)


def may_read(request: HttpRequest) -> bool:
    """With the token, or from a named network; never through a proxy that nobody has told us of."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    token = settings.METRICS_TOKEN
    if token and scheme == "Bearer" and secrets.compare_digest(given.encode(), token.encode()):
        return True
    if not settings.PROXY_COUNT and "X-Forwarded-For" in request.headers:
        return False
    try:
        address = ipaddress.ip_address(address_of(request))
    except ValueError:
        return False
    return any(address in network for network in settings.METRICS_NETWORKS)


def exposition() -> bytes:
    registry = CollectorRegistry()
    if os.environ.get(SHARED_FOLDER):
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # publishes no types here
    else:
        registry.register(REQUESTS)
    registry.register(PortalCollector())
    return generate_latest(registry)


class PortalCollector(Collector):
    def collect(self) -> Iterator[GaugeMetricFamily]:
        queue = queue_now()
        yield _gauge(
            "portal_jobs",
            "Jobs by state",
            "state",
            {"queued": queue.queued, "running": queue.running, "stuck": queue.stuck, "failed": queue.failed},
        )
        yield _gauge(
            "portal_packs",
            "Packs that are not ready, by state",
            "state",
            {"queued": queue.packs_waiting, "building": queue.packs_building, "failed": queue.packs_failed},
        )
        yield GaugeMetricFamily(
            "portal_oldest_job_seconds", "Age of the job that has waited longest", value=queue.oldest_seconds
        )
        yield GaugeMetricFamily("portal_events_untold", "Events not yet handed over", value=queue.untold)
        yield _gauge("portal_verdicts", "Initiatives by verdict", "verdict", _verdicts())
        yield _gauge(
            "portal_part_up",
            "Whether a part the portal stands on is well",
            "part",
            {part: float(word == health.OK) for part, word in health.state().items()},
        )
        lately = paces()
        yield _gauge(
            "portal_jobs_done_last_hour", "Jobs done", "task", {pace.task: pace.count for pace in lately}
        )
        yield _gauge(
            "portal_job_mean_seconds_last_hour",
            "How long they took, judging an initiative among them",
            "task",
            {pace.task: pace.mean_seconds for pace in lately},
        )
        yield _gauge(
            "portal_chore_timestamp_seconds",
            "When a chore last came to its end: beat, backup, checks of the record",
            "chore",
            {chore.name: chore.at.timestamp() for chore in chores() if chore.at},
        )


def _verdicts() -> dict[str, float]:
    rows = Initiative.objects.values_list("judged_level").annotate(n=Count("pk"))
    return {level or "not judged": float(count) for level, count in rows.order_by("judged_level")}


def _gauge(name: str, words: str, label: str, values: dict[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, words, labels=[label])
    for value, figure in values.items():
        family.add_metric([value], figure)
    return family
