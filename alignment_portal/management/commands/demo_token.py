import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from alignment_portal import clock, demo
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.roles import Role
from alignment_portal.accounts.tokens import issue_token


class Command(BaseCommand):
    help = "Prints an API token for an illustrative person of a role, good for a day. Demo portfolio only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("role", choices=Role.values)
        parser.add_argument("--person", default="", help="e-mail of one of several people with that role")

    def handle(self, *_args: Any, **options: Any) -> None:
        person = demo.person_with(options["role"], options["person"])
        if person is None:
            message = (
                f"The illustrative portfolio has no {options['role'].replace('_', ' ')} of that name here."
            )
            raise CommandError(message)
        by = Actor.of(person, via="command")
        expires = clock.wall() + dt.timedelta(days=1)
        token = issue_token(
            by=by, user=person, name="demo", scopes=demo.scopes_for(options["role"]), expires_at=expires
        )
        self.stdout.write(token.plain)
