from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from alignment_portal import demo


class Command(BaseCommand):
    help = "Prints the sign-ins of the illustrative portfolio. They exist in no other."

    def handle(self, *_args: Any, **_options: Any) -> None:
        people = demo.people()
        if not people:
            message = "This portal does not hold the illustrative portfolio, so there are no demo sign-ins."
            raise CommandError(message)
        width = max(len(person.email) for person in people)
        lines = [f"  {person.email:<{width}}  {person.title}" for person in people]
        self.stdout.write(
            "\n".join([f"Demo sign-ins (illustrative people, password {settings.DEMO_PASSWORD})", *lines])
        )
