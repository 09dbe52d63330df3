"""Import dossiers from files: all of them, or none."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from alignment_portal.accounts.actors import SYSTEM
from alignment_portal.refusals import Fault, Invalid, Refusal
from initiatives.services.dossiers import SavedDossier, save_dossier


class Command(BaseCommand):
    help = "Import dossiers from JSON files: all of them, or none when anything is wrong with any of them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", type=Path)

    def handle(self, *, files: list[Path], **_: Any) -> None:
        faults: list[tuple[Path, Fault]] = []
        saved: dict[str, tuple[Path, SavedDossier]] = {}
        with transaction.atomic():
            for file in files:
                self._import(file, saved, faults)
            if faults:
                transaction.set_rollback(True)
        for file, fault in faults:
            self.stderr.write(f"{file}: {fault.pointer or '/'}: {fault.sentence}")
        if faults:
            wrong = len({where for where, _ in faults})
            raise CommandError(
                f"Nothing was imported: {_counted(len(faults), 'fault')} in {_counted(wrong, 'file')}."
            )
        for key, (_file, result) in saved.items():
            self.stdout.write(f"{key} {_deed(result)} (version {result.version})")

    def _import(
        self, file: Path, saved: dict[str, tuple[Path, SavedDossier]], faults: list[tuple[Path, Fault]]
    ) -> None:
        try:
            result = save_dossier(by=SYSTEM, document=file.read_bytes())
        except OSError as error:
            faults.append((file, Fault("", f"The file cannot be read: {error.strerror}.", "unreadable")))
        except Invalid as refusal:
            faults.extend((file, fault) for fault in refusal.faults)
        except Refusal as refusal:
            faults.append((file, Fault(refusal.pointer, refusal.sentence, refusal.code)))
        else:
            key = result.initiative.key
            if key in saved:
                sentence = f"{key} stands in {saved[key][0]} already; import one of the two."
                faults.append((file, Fault("/initiative/key", sentence, "duplicate")))
            saved[key] = (file, result)


def _deed(result: SavedDossier) -> str:
    if result.created:
        return "created"
    return "changed" if result.changed else "unchanged"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
