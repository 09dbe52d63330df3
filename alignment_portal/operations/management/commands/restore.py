from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from alignment_portal.audit.chain import read_anchor
from alignment_portal.operations.manifest import BackupRefused
from alignment_portal.operations.restoring import restore_backup


class Command(BaseCommand):
    help = "Restore a backup into an empty, migrated portal, and prove the record, the guards and every file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", metavar="FOLDER")
        parser.add_argument(
            "--anchor",
            metavar="SEQ:HASH",
            action="append",
            default=[],
            help="a place and hash kept elsewhere, which the record must still hold",
        )
        parser.add_argument("--force", action="store_true", help="replace everything this portal holds")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            anchors = tuple(read_anchor(text) for text in options["anchor"])
            done = restore_backup(Path(options["folder"]).resolve(), anchors=anchors, force=options["force"])
        except (BackupRefused, ValueError) as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(
            f"Restored {done.manifest.rows} rows of {len(done.manifest.tables)} tables and "
            f"{len(done.manifest.files)} files, made at {done.manifest.made_at}.\n"
            f"The record is whole: {done.chain.entries} entries, head {done.chain.head_seq}:{done.chain.head_hash}.\n"
            f"All {done.guards} guards are in place, and every file is what was kept. Everybody signs in again."
        )
