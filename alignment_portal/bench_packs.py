"""Measure a long pack laid out in parts against the same laid out whole, and that against WeasyPrint with nothing around it.

All three set the same words in turn, in one process that has everything loaded; of each the quickest go counts.
"""

import os
import resource
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from alignment_portal.accounts.actors import SYSTEM
from alignment_portal.bench import compared, seconds
from initiatives.services.bulk import generate_portfolio
from packs.models import PackBuild
from packs.services.printing import Paper, paper_of, print_paper
from packs.services.requests import request_pack

INITIATIVES = 45  # with what is said of the whole portfolio a pack of some sixty sheets
OWN_FILES = ("vendor/fonts/*.woff2", "css/pack_*.css")
TYPES = {".css": "text/css", ".woff2": "font/woff2"}


def measure(
    *, seed: int, initiatives: int = INITIATIVES, rounds: int = 2, pays: Sequence[int] = ()
) -> dict[str, Any]:
    """A made-up portfolio pack, of which nothing stays in the database; `pays` are other lengths to cut from."""
    print_paper(_made_up(1, seed), most_parts=1)  # so that nothing is loaded for the first time later
    paper = _made_up(initiatives, seed)
    in_parts = partial(print_paper, paper, most_parts=settings.PACK_PARTS)
    goes: dict[str, Callable[[], Any]] = {
        "bare": partial(_bare, paper.html),
        "whole": partial(print_paper, paper, most_parts=1),
        "parts": partial(in_parts, pays=pays) if pays else in_parts,
    }
    made: dict[str, Any] = {}

    def go(name: str) -> None:
        made[name] = goes[name]()

    wall: dict[str, list[float]] = {name: [] for name in goes}
    processor: dict[str, list[float]] = {name: [] for name in goes}
    for _ in range(rounds):
        for name in goes:
            before = _processor()
            wall[name].append(seconds(partial(go, name)))
            processor[name].append(_processor() - before)
    return {
        "pack_in_parts": {
            **compared(min(wall["parts"]), min(wall["whole"])),
            "processor_ratio": round(min(processor["parts"]) / min(processor["whole"]), 2),
            "bytes_ratio": round(len(made["parts"].body) / len(made["whole"].body), 2),
            "pages": made["parts"].pages,
            "cores": len(os.sched_getaffinity(0)),
            "load": round(os.getloadavg()[0], 1),
        },
        "pack_over_weasyprint": compared(min(wall["whole"]), min(wall["bare"])),
    }


def _made_up(initiatives: int, seed: int) -> Paper:
    with transaction.atomic():
        generate_portfolio(by=SYSTEM, initiatives=initiatives, seed=seed)
        build = request_pack(by=SYSTEM, subject="portfolio").build
        paper = paper_of(PackBuild.objects.get(pk=build.pk))
        transaction.set_rollback(True)
    return paper


def _processor() -> float:
    """Seconds of the processor used so far, by this process and those it waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _bare(html: str) -> bytes:
    """The PDF as WeasyPrint writes it: no files, no claim, nothing checked."""
    import weasyprint  # noqa: PLC0415 — slow import

    places = {place.name: place for pattern in OWN_FILES for place in _static().glob(pattern)}

    class FromDisk(weasyprint.urls.URLFetcher):  # type: ignore[misc]  # loaded late, so untyped
        def fetch(self, url: str, headers: object = None) -> Any:
            place = places[url.rpartition("/")[2]]
            kind = {"Content-Type": TYPES[place.suffix]}
            return weasyprint.urls.URLFetcherResponse(url, place.read_bytes(), kind)

    document = weasyprint.HTML(string=html, base_url="pack:///", url_fetcher=FromDisk())
    with warnings.catch_warnings():
        # The library leaves the file of its colour profile to the collector.
        warnings.simplefilter("ignore", ResourceWarning)
        body: bytes = document.write_pdf(pdf_variant="pdf/a-3a")
    return body


def _static() -> Path:
    return Path(settings.BASE_DIR) / "static"
