import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from alignment_portal.accounts.actors import SYSTEM
from alignment_portal.accounts.models import User
from alignment_portal.operations.person_data import export_person


class Command(BaseCommand):
    help = "Print everything held about a person as JSON, without secrets; that it was done is recorded."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--to", metavar="FILE", default="", help="default: the terminal")

    def handle(self, *, email: str, to: str, **_: Any) -> None:
        person = User.objects.filter(email=email.strip().lower()).first()
        if person is None:
            raise CommandError(f"Nobody in the portal has the e-mail {email}.")
        text = json.dumps(export_person(by=SYSTEM, person=person), ensure_ascii=False, indent=2)
        if to:
            Path(to).write_text(text + "\n", encoding="utf-8")
        else:
            self.stdout.write(text)
