from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from alignment_portal.accounts.actors import SYSTEM
from alignment_portal.operations.portfolio_rows import note_export, write_portfolio


class Command(BaseCommand):
    help = "Write the whole portfolio with everything that was decided on it into one JSON file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **_: Any) -> None:
        try:
            size, fingerprint = write_portfolio(file)
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}.") from error
        note_export(by=SYSTEM, fingerprint=fingerprint)
        self.stdout.write(
            f"{file}: {size:,} bytes, SHA-256 {fingerprint}. It holds names, addresses and sealed stances, and no "
            "secret that opens a door. Stored files travel in a backup."
        )
