from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from alignment_portal import clock
from alignment_portal.operations.backing_up import make_backup
from alignment_portal.operations.manifest import BackupRefused


class Command(BaseCommand):
    help = "Write a backup of the database and every stored file into a new folder, while everybody works on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--to", metavar="FOLDER", default="", help="default: a new one in PORTAL_VAR/backups"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        place = Path(options["to"] or Path(settings.VAR) / "backups" / f"{clock.wall():%Y%m%dT%H%M%SZ}")
        try:
            manifest = make_backup(place.resolve())
        except BackupRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(
            f"{manifest.rows} rows of {len(manifest.tables)} tables and {len(manifest.files)} files are in {place}.\n"
            f"Keep this anchor somewhere else: {manifest.anchor}"
        )
