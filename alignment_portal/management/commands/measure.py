"""Measure the portal in an empty database; tools/bench.py makes one, and reads what this prints."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from alignment_portal import (
    bench,
    bench_history,
    bench_lists,
    bench_packs,
    bench_pages,
    bench_readings,
    bench_what_if,
)
from alignment_portal.accounts.actors import SYSTEM
from initiatives.models import Initiative
from initiatives.services.bulk import generate_portfolio

MOST_ROUNDS = 5  # of each page; there are many


class Command(BaseCommand):
    help = "Fills an empty portal with made-up initiatives and prints how the portal compares with the floor, as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 3000, 10000], metavar="N")
        parser.add_argument("--seed", type=int, default=1, metavar="S")
        parser.add_argument("--rounds", type=int, default=9, metavar="N")
        parser.add_argument("--seconds", type=float, default=180, metavar="N")
        parser.add_argument(
            "--what-if",
            type=int,
            nargs=2,
            default=None,
            metavar=("N", "RUNS"),
            help="simulate N initiatives as often",
        )
        parser.add_argument(
            "--readings", type=int, default=0, metavar="N", help="give one initiative N readings at the end"
        )
        parser.add_argument(
            "--only-readings", action="store_true", help="that only, in a portfolio of the first size"
        )
        parser.add_argument("--no-packs", action="store_true", help="leave out what needs WeasyPrint")
        parser.add_argument(
            "--long-pack", action="store_true", help="lay out a pack of some sixty sheets whole and in parts"
        )

    def handle(
        self,
        *,
        sizes: list[int],
        seed: int,
        rounds: int,
        seconds: float,
        no_packs: bool,
        what_if: list[int] | None,
        readings: int,
        only_readings: bool,
        long_pack: bool,
        **_: Any,
    ) -> None:
        if Initiative.objects.exists():
            raise CommandError("This portal holds initiatives; measuring would fill it with made-up ones.")
        found: dict[str, Any] = {"database": connection.vendor}
        packs = bench_packs.measure(seed=seed) if long_pack else {}
        if only_readings:
            generate_portfolio(by=SYSTEM, initiatives=min(sizes), seed=seed)
        else:
            found = bench.measure(
                sizes=sorted(sizes), seed=seed, rounds=rounds, packs=not no_packs, limit=seconds
            )
            found |= bench_lists.measure(bench.EXECUTIVE, rounds)
            found |= bench_readings.measure(rounds)
            found["pages"] = bench_pages.measure(email=bench.EXECUTIVE, rounds=min(rounds, MOST_ROUNDS))
        if readings:
            found["history"] = bench_history.measure(readings, rounds)
        if what_if:
            initiatives, runs = what_if
            found["what_if"] = bench_what_if.measure(initiatives=initiatives, runs=runs, seed=seed)
        self.stdout.write(json.dumps(found | packs, indent=2))
