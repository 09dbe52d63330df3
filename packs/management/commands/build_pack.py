"""Build the pack of a subject here and now, and write its PDF to a file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from alignment_portal.accounts.actors import SYSTEM
from alignment_portal.refusals import Refusal
from packs.models import PackBuild, State
from packs.selectors.files import read_file
from packs.services.building import build_pack
from packs.services.requests import request_pack


class Command(BaseCommand):
    help = "Build the pack of an initiative, a cluster or the portfolio and write the PDF to a file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("subject", help="initiative:KEY, cluster:CODE or portfolio")
        parser.add_argument("--out", required=True, type=Path, metavar="FILE", help="where the PDF goes")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            build = _built(options["subject"])
            body = read_file(build.file)
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from refusal
        try:
            options["out"].write_bytes(body)
        except OSError as error:
            raise CommandError(f"{options['out']} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"{build.ref}, {build.file.pages} pages, SHA-256 {build.file.sha256}")


def _built(subject: str) -> PackBuild:
    """The same way a worker goes; a worker that is faster is waited for by asking again."""
    build = request_pack(by=SYSTEM, subject=subject).build
    if build.state != State.READY:
        build_pack(build.pk)
        build.refresh_from_db()
    if build.state != State.READY:
        reason = build.error or "A worker is building it at this moment. Ask again shortly."
        raise CommandError(f"{build.ref} is {build.get_state_display()}: {reason}")
    return PackBuild.objects.select_related("file").get(pk=build.pk)
