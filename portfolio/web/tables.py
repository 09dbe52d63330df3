"""The registers as files: taken away as CSV or XLSX, brought back with a preview, all of it or nothing."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from alignment_portal.accounts.permissions import Action, require
from alignment_portal.http.forms import add_refusal
from alignment_portal.http.importing import sealed, unsealed
from alignment_portal.http.requests import actor_of
from alignment_portal.http.sheets import read_rows
from alignment_portal.http.spreadsheets import table_file
from alignment_portal.refusals import Invalid, NotFound, TooLarge
from portfolio.models import Bottleneck, SharedDependency
from portfolio.selectors.change_load import registered_groups
from portfolio.services.importing import COLUMNS, importer_of
from portfolio.web.register import crumbs_to, reader_of

ENDINGS = ("csv", "xlsx")
MOST_SHOWN = 200
PLACES = {
    "bottlenecks": ("/portfolio/bottlenecks/", gettext_lazy("Bottlenecks")),
    "dependencies": ("/portfolio/dependencies/", gettext_lazy("Shared dependencies")),
    "groups": ("/portfolio/change-load/", gettext_lazy("Groups of people")),
}


class TableForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Which file?"),
        help_text=gettext_lazy(
            "CSV in UTF-8 or XLSX, at most 5 MB and 2,000 rows. The first row names the columns."
        ),
    )


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
    if ending not in ENDINGS:
        raise NotFound("Registers are taken away as csv or xlsx.", code="unknown_ending")
    heads = [column.head for column in COLUMNS[kind]]
    return table_file(ending, name=kind, heads=heads, rows=register_rows(kind))


@require_http_methods(["GET", "POST"])
def bring(request: HttpRequest, kind: str) -> HttpResponse:
    """First a preview of what would change; then exactly that, all of it or nothing."""
    by = actor_of(request)
    require(by, Action.PORTFOLIO_EDIT)
    _require_kind(kind)
    importer = importer_of(kind, by)
    place, name = PLACES[kind]
    form = TableForm(request.POST or None, request.FILES or None)
    context = {
        "crumbs": crumbs_to((str(name), place)),
        "title": _("Bring %(name)s from a file") % {"name": str(name).lower()},
        "form": form,
        "cancel": place,
        "columns": COLUMNS[kind],
        "kind": kind,
    }
    if request.method == "POST" and "rows" in request.POST:
        outcome = importer.run(unsealed(kind, by.user_id, request.POST["rows"]), commit=True)
        if outcome.committed:
            messages.success(
                request,
                _("%(added)s added, %(changed)s changed.")
                % {"added": outcome.of("add"), "changed": outcome.of("change")},
            )
            return redirect(place)
        return render(
            request, "portfolio/bring.html", {**context, "outcome": outcome, "most": MOST_SHOWN}, status=409
        )
    if form.is_valid():
        try:
            rows = read_rows(form.cleaned_data["file"], COLUMNS[kind])
        except (Invalid, TooLarge) as refusal:
            add_refusal(form, refusal)
        else:
            outcome = importer.run(rows, commit=False)
            context |= {"outcome": outcome, "most": MOST_SHOWN, "rows": sealed(kind, by.user_id, rows)}
            return render(request, "portfolio/bring.html", context, status=422 if outcome.faults else 200)
    return render(request, "portfolio/bring.html", context, status=422 if form.errors else 200)
