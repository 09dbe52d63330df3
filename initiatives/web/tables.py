"""The main fields of initiatives as a table: taken away as CSV or XLSX, brought back with a preview."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from alignment_portal.accounts.permissions import Action, require
from alignment_portal.http.bringing import ENDINGS, Place, bring_page, require_ending
from alignment_portal.http.requests import actor_of
from alignment_portal.http.spreadsheets import table_file
from initiatives.services.importing import COLUMNS, importer_of, initiative_rows


@require_GET
def take(request: HttpRequest, ending: str) -> HttpResponse:
    """What can be brought back; the list of pages has an export of its own, for reading."""
    require_ending(ending)
    heads = [column.head for column in COLUMNS]
    rows = initiative_rows(actor_of(request))
    return table_file(ending, name="initiatives-table", heads=heads, rows=rows)


@require_http_methods(["GET", "POST"])
def bring(request: HttpRequest) -> HttpResponse:
    by = actor_of(request)
    require(by, Action.DOSSIER_IMPORT, own=True)
    address = reverse("initiatives:list")
    place = Place(
        title=_("Bring initiatives from a table"),
        address=address,
        crumbs=[{"label": _("Initiatives"), "url": address}],
        files={ending: reverse("initiatives:take-table", args=[ending]) for ending in ENDINGS},
    )
    return bring_page(request, importer_of(by), place)
