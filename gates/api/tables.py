"""Evidence that is a link from a file, for programs."""

from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action, require
from alignment_portal.http.bringing import import_view
from alignment_portal.http.importing import Importer
from gates.services.importing import importer_of


@import_view("evidence_import")
def imports(by: Actor) -> Importer:
    """Offer evidence links from a file: all of it, or 400 with the faults of every row; what stands is not offered twice."""
    require(by, Action.EVIDENCE_SUBMIT, own=True)
    return importer_of(by)
