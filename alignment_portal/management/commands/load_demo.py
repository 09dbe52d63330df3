from typing import Any

from django.core.management.base import BaseCommand, CommandError

from alignment_portal import clock, demo
from initiatives.models import Initiative


class Command(BaseCommand):
    help = "Loads the illustrative portfolio into an empty portal. Its people, figures and companies are invented."

    def handle(self, *_args: Any, **_options: Any) -> None:
        if Initiative.objects.exists():
            message = "The portal already holds initiatives; the illustrative portfolio is only loaded into an empty one."
            raise CommandError(message)
        told = demo.load(clock.wall().date(), self.stdout.write)
        self.stdout.write(f"Told {told} events of the illustrative portfolio.")
