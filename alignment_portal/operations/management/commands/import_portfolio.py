import hashlib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from alignment_portal.accounts.actors import SYSTEM
from alignment_portal.http.problems import faults_of
from alignment_portal.operations.portfolio_file import read
from alignment_portal.operations.portfolio_files import bring_files
from alignment_portal.operations.portfolio_import import import_portfolio
from alignment_portal.operations.portfolio_loading import load_portfolio
from alignment_portal.operations.portfolio_rows import PortfolioRows
from alignment_portal.refusals import Refusal


class Command(BaseCommand):
    help = "Bring a portfolio file into an empty portal: all of it, or nothing when anything in it is wrong."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--files",
            type=Path,
            metavar="BACKUP",
            help="a backup from which the stored files of evidence are taken",
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would come in, and keep nothing")

    def handle(self, *, file: Path, files: Path | None, dry_run: bool, **_: Any) -> None:
        try:
            with transaction.atomic():
                counts = _bring(file.read_bytes())
                if dry_run:
                    transaction.set_rollback(True)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        except Refusal as refusal:
            for fault in faults_of(refusal):
                self.stderr.write(f"{fault.pointer or '/'}: {fault.sentence}")
            raise CommandError(refusal.sentence) from refusal
        if not dry_run:
            brought, missing = bring_files(files)
            self.stdout.write(f"{brought} stored files are here, {missing} are missing.")
        deed = "would come in" if dry_run else "came in"
        words = ", ".join(f"{count} {words_of(name)}" for name, count in counts.items())
        self.stdout.write(f"{words} {deed}.")


def _bring(raw: bytes) -> dict[str, int]:
    found, fingerprint = read(raw), hashlib.sha256(raw).hexdigest()
    if isinstance(found, PortfolioRows):
        return load_portfolio(by=SYSTEM, file=found, fingerprint=fingerprint)
    return import_portfolio(by=SYSTEM, file=found, fingerprint=fingerprint)


def words_of(name: str) -> str:
    return name.rpartition(".")[2].replace("_", " ")
