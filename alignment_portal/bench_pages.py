"""Measure the pages that an executive is given.

Each stands against a bare template that prints as many bytes, and against its own with everything ready to be printed.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.db import transaction
from django.template import engines
from django.template.backends.django import Template
from django.test import Client

from alignment_portal import clock, dispatch
from alignment_portal.accounts.actors import SYSTEM
from alignment_portal.accounts.models import User
from alignment_portal.audit.guard import writes_allowed
from alignment_portal.bench import answered, counted, settle
from initiatives.models import Demand, Initiative
from initiatives.models.initiative import VERDICTS
from initiatives.services.generation.change import BOTTLENECKS
from initiatives.services.generation.documents import DEPENDENCIES
from portfolio.models import Bottleneck, WorkItem
from portfolio.services.register import register_bottleneck, register_dependency

LIMIT_MS = 100
LINE = "x" * 80
BARE = "<table>{% for line in lines %}<tr><td>{{ line }}</td></tr>\n{% endfor %}</table>"
TABS = (
    "", "chain/", "measurement/", "risk/", "operating-model/", "change/", "alignment/", "packs/", "history/",
    "dossier/", "gates/", "gates/governance/", "verdict/", "weeks/", "status/", "worth/", "reviews/",
    "metrics/minutes/",
)  # fmt: skip
PAGES = (
    "/", "/initiatives/", "/initiatives/?q=claims", *(f"/initiatives/{{key}}/{tab}" for tab in TABS),
    "/portfolio/", "/portfolio/change-load/", "/portfolio/change-load/doers/{month}/", "/portfolio/dependencies/",
    "/portfolio/dependencies/decision-log/", "/portfolio/bottlenecks/", "/portfolio/bottlenecks/legal/",
    "/portfolio/map/", "/portfolio/roadmap/", "/portfolio/worth/", "/portfolio/what-if/", "/portfolio/what-if/_new/",
    "/reviews/", "/reviews/_new/", "/packs/", "/history/", "/settings/policy/", "/settings/frameworks/",
)  # fmt: skip


def measure(*, email: str, rounds: int) -> dict[str, Any]:
    """To be called after `bench.measure`, on its made-up initiatives and with its executive.

    Times are medians in milliseconds: ``ms`` of the processor, which on SQLite is all the work there is, and ``wall_ms``
    by the clock.
    """
    with dispatch.held_back():
        _furnish()
        keys = list(Initiative.objects.order_by("key").values_list("key", flat=True))
        month = Initiative.objects.get(key=keys[0]).changeload_rows.earliest("month").month
        client = Client(SERVER_NAME="localhost")
        client.force_login(User.objects.get(email=email))
        pages = [
            _timed(client, page, page.format(key=keys[len(keys) // 2], month=f"{month:%Y-%m}"), rounds)
            for page in PAGES
        ]
    pages.sort(key=lambda one: -one["ms"])
    return {
        "initiatives": len(keys),
        "limit_ms": LIMIT_MS,
        "over_the_limit": [one["page"] for one in pages if one["ms"] > LIMIT_MS],
        "over_the_limit_by_the_clock": [one["page"] for one in pages if one["wall_ms"] > LIMIT_MS],
        "pages": pages,
    }


def _timed(client: Client, page: str, address: str, rounds: int) -> dict[str, Any]:
    def ask() -> Any:
        return answered(client.get(address), 200)

    with _rendered() as renderings:
        size = len(ask().content)
    with counted() as tally:
        ask()
    processor, wall = _typical(ask, rounds)
    bare = engines["django"].from_string(BARE)
    lines = [LINE] * max(1, size // (len(LINE) + len("<tr><td></td></tr>\n")))
    floor, _ = _typical(lambda: bare.render({"lines": lines}), rounds)
    printing, _ = _typical(renderings[-1], rounds)
    return {
        "page": page,
        "ms": round(processor * 1000, 1),
        "wall_ms": round(wall * 1000, 1),
        "over_bare_template": round(processor / floor, 1),
        "over_its_template": round(processor / printing, 1),
        "queries": tally[0],
        "bytes": size,
    }


@contextmanager
def _rendered() -> Iterator[list[Callable[[], object]]]:
    """Whatever templates are printed meanwhile, each to be printed again with what it was given."""
    printed: list[Callable[[], object]] = []
    render = Template.render

    def noted(template: Any, context: Any = None, request: Any = None) -> str:
        printed.append(partial(render, template, context, request))
        return render(template, context, request)

    Template.render = noted  # type: ignore[assignment, method-assign]  # the one place where every page is printed
    try:
        yield printed
    finally:
        Template.render = render  # type: ignore[method-assign]  # as it was


def _typical(work: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Median seconds of the processor and by the clock, of a few goes."""
    goes = []
    for _ in range(rounds):
        begun = time.process_time(), time.perf_counter()
        work()
        goes.append((time.process_time() - begun[0], time.perf_counter() - begun[1]))
    return statistics.median(go[0] for go in goes), statistics.median(go[1] for go in goes)


def _furnish() -> None:
    """What generated initiatives wait for: made-up verdicts for the lists, registers, and work in the queues."""
    now = clock.now()
    with writes_allowed(), transaction.atomic():
        for digit in range(10):
            Initiative.objects.filter(key__endswith=str(digit)).update(
                judged_level=VERDICTS[digit % len(VERDICTS)],
                judged_at=now,
                judged_reason="Made up.",
                next_since=now,
            )
        for code in DEPENDENCIES:
            register_dependency(by=SYSTEM, code=code, title=code.capitalize(), kind="platform")
        for code in BOTTLENECKS:
            register_bottleneck(by=SYSTEM, code=code, title=code.capitalize(), people=3, cap=5)
        pools = {pool.code: pool for pool in Bottleneck.objects.all()}
        WorkItem.objects.bulk_create(
            WorkItem(initiative_id=about, bottleneck=pools[code], gate=gate, queued_at=now)
            for about, code, gate in Demand.objects.values_list("initiative_id", "bottleneck", "gate")
        )
    settle()
