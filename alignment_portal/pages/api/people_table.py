"""People and their roles from a file, for programs."""

from alignment_portal.accounts.actors import Actor
from alignment_portal.http.bringing import import_view
from alignment_portal.http.importing import Importer
from alignment_portal.operations.people_table import importer_of


@import_view("people_import")
def imports(by: Actor) -> Importer:
    """Open and change accounts and give roles from a file: all of it, or 400 with the faults of every row."""
    return importer_of(by)
