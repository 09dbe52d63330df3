from typing import Any

from django.core.management.base import BaseCommand

from alignment_portal.audit.chain import head


class Command(BaseCommand):
    help = "Print the place and hash of the newest audit entry, to be kept outside the portal as an anchor."

    def handle(self, *args: Any, **options: Any) -> None:
        anchor = head()
        self.stdout.write(f"{anchor.seq}:{anchor.hash}")
