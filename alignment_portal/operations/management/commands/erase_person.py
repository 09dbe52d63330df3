from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from alignment_portal.accounts.actors import SYSTEM
from alignment_portal.accounts.models import User
from alignment_portal.operations.erasing import erase_person
from alignment_portal.refusals import Refusal


class Command(BaseCommand):
    help = (
        "Erase a person for good. After restoring an older backup, run it again with the ids in the history."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("person", help="an e-mail address, or an id")
        parser.add_argument("--reason", required=True, help="the ground, without a name")

    def handle(self, *, person: str, reason: str, **_: Any) -> None:
        found = _found(person)
        if found is None:
            raise CommandError(f"There is nobody “{person}” in the portal.")
        try:
            erased = erase_person(by=SYSTEM, person=found, reason=reason)
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from refusal
        self.stdout.write(
            f"{erased.person.name} stands for them now. {erased.dossier_versions} versions of dossiers,"
            f" {erased.packs} packs and {erased.records} verdicts, conclusions and signatures keep the former name or"
            " address."
        )


def _found(text: str) -> User | None:
    try:
        return User.objects.filter(pk=UUID(text)).first()
    except ValueError:
        return User.objects.filter(email=text.strip().lower()).first()
