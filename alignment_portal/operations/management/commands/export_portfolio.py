from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from alignment_portal.operations.portfolio_file import portfolio_bytes


class Command(BaseCommand):
    help = "Write every dossier, the people it names and the registers of the portfolio into one JSON file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **_: Any) -> None:
        body = portfolio_bytes()
        file.write_bytes(body)
        self.stdout.write(f"{file}: {len(body):,} bytes. It holds names and e-mail addresses, and no secret.")
