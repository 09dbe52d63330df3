"""Settings: people as a table, taken away as CSV or XLSX and brought back with a preview."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from alignment_portal.accounts.permissions import Action, require, require_proof
from alignment_portal.http.bringing import ENDINGS, Place, bring_page, require_ending
from alignment_portal.http.requests import actor_of
from alignment_portal.http.spreadsheets import table_file
from alignment_portal.operations.people_table import COLUMNS, importer_of, people_rows


@require_GET
def take(request: HttpRequest, ending: str) -> HttpResponse:
    require(actor_of(request), Action.PEOPLE_MANAGE)
    require_ending(ending)
    return table_file(ending, name="people", heads=[column.head for column in COLUMNS], rows=people_rows())


@require_http_methods(["GET", "POST"])
def bring(request: HttpRequest) -> HttpResponse:
    by = actor_of(request)
    require(by, Action.PEOPLE_MANAGE)
    require_proof(by)  # before the file is chosen: a page cannot keep one while it asks
    address = reverse("settings-people")
    place = Place(
        title=_("Bring people from a table"),
        address=address,
        crumbs=[{"label": _("People and roles"), "url": address}],
        files={ending: reverse("settings-take-people", args=[ending]) for ending in ENDINGS},
    )
    return bring_page(request, importer_of(by), place)
