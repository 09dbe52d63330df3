"""The registers as files: taken away as CSV or XLSX, brought back with a preview, all of it or nothing."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from alignment_portal.accounts.permissions import Action, require
from alignment_portal.http.bringing import ENDINGS, Place, bring_page, require_ending
from alignment_portal.http.requests import actor_of
from alignment_portal.http.spreadsheets import table_file
from alignment_portal.refusals import NotFound
from portfolio.models import Bottleneck, SharedDependency
from portfolio.selectors.change_load import registered_groups
from portfolio.services.importing import COLUMNS, importer_of
from portfolio.web.register import crumbs_to, reader_of

PLACES = {
    "bottlenecks": ("/portfolio/bottlenecks/", gettext_lazy("Bottlenecks")),
    "dependencies": ("/portfolio/dependencies/", gettext_lazy("Shared dependencies")),
    "groups": ("/portfolio/change-load/", gettext_lazy("Groups of people")),
}


def register_rows(kind: str) -> Iterator[list[Any]]:
    names = [column.name for column in COLUMNS[kind]]
    rows: Any = {
        "bottlenecks": Bottleneck.objects.all,
        "dependencies": SharedDependency.objects.select_related("owner").all,
        "groups": registered_groups,
    }[kind]()
    for row in rows:
        yield [_told(getattr(row, name)) for name in names]


def _told(value: Any) -> Any:
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return getattr(value, "email", value)


def _require_kind(kind: str) -> None:
    if kind not in COLUMNS:
        raise NotFound(f"There is no register “{kind}”.", code="unknown_register")


@require_GET
def export(request: HttpRequest, kind: str, ending: str) -> HttpResponse:
    """One register as a file that can be brought back."""
    reader_of(request)
    _require_kind(kind)
    require_ending(ending)
    heads = [column.head for column in COLUMNS[kind]]
    return table_file(ending, name=kind, heads=heads, rows=register_rows(kind))


@require_http_methods(["GET", "POST"])
def bring(request: HttpRequest, kind: str) -> HttpResponse:
    """First a preview of what would change; then exactly that, all of it or nothing."""
    by = actor_of(request)
    require(by, Action.PORTFOLIO_EDIT)
    _require_kind(kind)
    address, name = PLACES[kind]
    place = Place(
        title=_("Bring %(name)s from a file") % {"name": str(name).lower()},
        address=address,
        crumbs=crumbs_to((str(name), address)),
        files={ending: reverse("portfolio:export", args=[kind, ending]) for ending in ENDINGS},
    )
    return bring_page(request, importer_of(kind, by), place)
