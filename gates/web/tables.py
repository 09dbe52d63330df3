"""Evidence that is a link, as a table: taken away as CSV or XLSX, brought back with a preview."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from alignment_portal.accounts.permissions import Action, require
from alignment_portal.http.bringing import ENDINGS, Place, bring_page, require_ending
from alignment_portal.http.requests import actor_of
from alignment_portal.http.spreadsheets import table_file
from gates.services.importing import COLUMNS, importer_of, link_rows


@require_GET
def take(request: HttpRequest, ending: str) -> HttpResponse:
    require_ending(ending)
    heads = [column.head for column in COLUMNS]
    return table_file(ending, name="evidence-links", heads=heads, rows=link_rows(actor_of(request)))


@require_http_methods(["GET", "POST"])
def bring(request: HttpRequest) -> HttpResponse:
    by = actor_of(request)
    require(by, Action.EVIDENCE_SUBMIT, own=True)
    address = reverse("initiatives:list")
    place = Place(
        title=_("Bring evidence links from a table"),
        address=address,
        crumbs=[{"label": _("Initiatives"), "url": address}],
        files={ending: reverse("gates:take-links", args=[ending]) for ending in ENDINGS},
    )
    return bring_page(request, importer_of(by), place)
