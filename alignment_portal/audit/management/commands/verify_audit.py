from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from alignment_portal.audit.chain import anchor_fault, read_anchor, verify_chain


class Command(BaseCommand):
    help = "Walk the audit record from its first entry and prove that nothing in it was changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--anchor",
            metavar="SEQ:HASH",
            action="append",
            default=[],
            help="a place and hash kept elsewhere, as printed in a pack; finds an end that was cut off",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = verify_chain()
        except DatabaseError as error:
            raise CommandError(f"The record cannot be read: {error}. Run manage.py migrate first.") from error
        sentences = [sentence for _, sentence in report.faults]
        sentences += [fault for fault in map(_check_anchor, options["anchor"]) if fault]
        if sentences:
            raise CommandError("\n".join(sentences))
        self.stdout.write(
            f"The record is whole: {report.entries} entries, head {report.head_seq}:{report.head_hash}."
        )


def _check_anchor(text: str) -> str:
    try:
        return anchor_fault(*read_anchor(text))
    except ValueError as error:
        raise CommandError(str(error)) from error
