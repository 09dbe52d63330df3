"""Open an account from the command line: how the first administrator comes in."""

import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from alignment_portal.accounts.actors import SYSTEM
from alignment_portal.accounts.roles import Function, Role
from alignment_portal.accounts.services import grant_role, open_person
from alignment_portal.refusals import Invalid, Refusal
from alignment_portal.writing import service


class Command(BaseCommand):
    help = "Open an account and give it a role. The first password is asked for, or read from standard input."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", required=True)
        parser.add_argument("--title", default="")
        parser.add_argument("--function", default="", choices=["", *Function.values])
        parser.add_argument("--role", required=True, choices=Role.values)

    def handle(self, *args: Any, **options: Any) -> None:
        # Neither in the shell's history nor in the list of processes, and not on the screen either.
        password = _asked() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        try:
            _open(password, options)
        except Invalid as refusal:
            raise CommandError(" ".join(fault.sentence for fault in refusal.faults)) from refusal
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from refusal
        self.stdout.write(f"The account of {options['name']} is open, as {Role(options['role']).label}.")


def _asked() -> str:
    password = getpass("First password (it is not shown): ")
    if getpass("The same again: ") != password:
        message = "The two differ. Nothing was changed."
        raise CommandError(message)
    return password


@service
def _open(password: str, options: dict[str, Any]) -> None:
    given = {name: options[name] for name in ("email", "name", "title", "function")}
    person = open_person(by=SYSTEM, password=password, **given)
    grant_role(by=SYSTEM, person=person, role=options["role"])
