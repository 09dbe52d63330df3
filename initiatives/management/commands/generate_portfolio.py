"""Fill the portal with made-up initiatives, to try it at size."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from alignment_portal.accounts.actors import SYSTEM
from initiatives.services.bulk import generate_portfolio

MOST = 1_000_000


class Command(BaseCommand):
    help = (
        "Add made-up initiatives with the keys GP-00001, GP-00002 …; the same seed gives the same dossiers."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--initiatives", type=int, required=True, metavar="N")
        parser.add_argument("--seed", type=int, default=1, metavar="S")

    def handle(self, *, initiatives: int, seed: int, **_: Any) -> None:
        if not 1 <= initiatives <= MOST:
            raise CommandError(f"Generate between 1 and {MOST:,} initiatives, not {initiatives}.")
        first, last = generate_portfolio(by=SYSTEM, initiatives=initiatives, seed=seed)
        self.stdout.write(f"{initiatives} initiatives generated: {first} to {last}")
