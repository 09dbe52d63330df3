"""The main fields of initiatives from a file, for programs."""

from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action, require
from alignment_portal.http.bringing import import_view
from alignment_portal.http.importing import Importer
from initiatives.services.importing import importer_of


@import_view("initiatives_import")
def imports(by: Actor) -> Importer:
    """Bring the main fields of initiatives from a file: all of it, or 400 with the faults of every row."""
    require(by, Action.DOSSIER_IMPORT, own=True)
    return importer_of(by)
