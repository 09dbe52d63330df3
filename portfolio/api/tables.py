"""The registers from a file, for programs."""

from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action, require
from alignment_portal.http.bringing import import_view
from alignment_portal.http.importing import Importer
from portfolio.services.importing import importer_of


@import_view("portfolio_import")
def imports(by: Actor, kind: str) -> Importer:
    """Bring bottlenecks, dependencies or groups from a file: all of it, or 400 with the faults of every row."""
    require(by, Action.PORTFOLIO_EDIT)
    return importer_of(kind, by)
