"""Export one dossier as JSON; importing it again changes nothing."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from initiatives.dossier.canonical import pretty_json
from initiatives.selectors import load_dossiers


class Command(BaseCommand):
    help = "Write one dossier as JSON to the standard output or to a file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("key", metavar="KEY")
        parser.add_argument("--out", metavar="FILE", type=Path)

    def handle(self, *, key: str, out: Path | None, **_: Any) -> None:
        loaded = load_dossiers([key]).get(key)
        if loaded is None:
            raise CommandError(f"There is no initiative {key}.")
        text = pretty_json(loaded.dossier)
        if out is None:
            self.stdout.write(text, ending="")
            return
        try:
            out.write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            raise CommandError(f"{out} cannot be written: {error.strerror}.") from error
