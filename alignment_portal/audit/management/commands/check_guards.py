from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from alignment_portal.audit.triggers import faults, registered


class Command(BaseCommand):
    help = "Compare the guards in the database with the ones the portal was built with."

    def handle(self, *args: Any, **options: Any) -> None:
        found = faults()
        if found:
            raise CommandError(
                "\n".join([*(sentence for _, sentence in found), "Run manage.py migrate to put them back."])
            )
        count = sum(1 for guard in registered() if guard.sql_for(connection.vendor))
        self.stdout.write(f"All {count} guards are in place.")
