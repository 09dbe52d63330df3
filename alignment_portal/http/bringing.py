"""Bringing a table from a file, as every list does it: first a preview, then exactly that, all of it or nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from alignment_portal.http.forms import add_refusal
from alignment_portal.http.idempotency import idempotent
from alignment_portal.http.importing import Importer, Outcome, sealed, unsealed
from alignment_portal.http.requests import actor_of
from alignment_portal.http.serializers import StrictSerializer, refuse_trial_in_address
from alignment_portal.http.sheets import read_rows
from alignment_portal.refusals import Fault, Invalid, NotFound, TooLarge

ENDINGS = ("csv", "xlsx")


class TableForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Which file?"),
        help_text=gettext_lazy(
            "CSV in UTF-8 or XLSX, at most 5 MB and 2,000 rows. The first row names the columns."
        ),
    )


@dataclass(frozen=True)
class Place:
    """Where a table belongs: the list it fills, the way there, and where the table is taken away (an address an ending)."""

    title: str
    address: str
    crumbs: Sequence[Mapping[str, str]]
    files: Mapping[str, str]


def require_ending(ending: str) -> None:
    if ending not in ENDINGS:
        raise NotFound("A table is taken away as csv or xlsx.", code="unknown_ending")


def bring_page(request: HttpRequest, importer: Importer, place: Place) -> HttpResponse:
    """The whole page. The caller has asked whether the person may; the importer's services ask again for each row."""
    by = actor_of(request)
    form = TableForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"place": place, "form": form, "columns": importer.columns}
    if request.method == "POST" and "rows" in request.POST:
        outcome = importer.run(unsealed(importer.kind, by.user_id, request.POST["rows"]), commit=True)
        if outcome.committed:
            counts = {"added": outcome.of("add"), "changed": outcome.of("change")}
            messages.success(request, _("%(added)s added, %(changed)s changed.") % counts)
            return redirect(place.address)
        return _page(request, {**context, "outcome": outcome}, status=409)
    if form.is_valid():
        try:
            rows = read_rows(form.cleaned_data["file"], importer.columns)
        except (Invalid, TooLarge) as refusal:
            add_refusal(form, refusal)
        else:
            outcome = importer.run(rows, commit=False)
            context |= {"outcome": outcome, "rows": sealed(importer.kind, by.user_id, rows)}
            return _page(request, context, status=422 if outcome.faults else 200)
    return _page(request, context, status=422 if form.errors else 200)


def _page(request: HttpRequest, context: Mapping[str, Any], *, status: int) -> HttpResponse:
    return render(request, "bring.html", dict(context), status=status)


# --- for programs ------------------------------------------------------------------------------------------


class ImportIn(StrictSerializer):
    file = serializers.FileField(help_text="CSV in UTF-8 or XLSX, at most 5 MB and 2,000 rows")
    dry_run = serializers.BooleanField(default=False, help_text="Say what would change, and change nothing")


class DifferenceOut(serializers.Serializer[Any]):
    field = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class LineOut(serializers.Serializer[Any]):
    row = serializers.IntegerField(help_text="Row of the file; its head is row 1")
    deed = serializers.ChoiceField(choices=["add", "change", "same"])
    code = serializers.CharField(help_text="What the row is about")
    differences = DifferenceOut(many=True)


class ImportOut(serializers.Serializer[Any]):
    committed = serializers.BooleanField()
    added = serializers.IntegerField()
    changed = serializers.IntegerField()
    same = serializers.IntegerField()
    lines = LineOut(many=True)


def imported(request: Request, importer: Importer) -> Response:
    """All rows of the file that was sent, or Invalid with the faults of every row."""
    refuse_trial_in_address(request)
    asked = ImportIn(data=request.data)
    asked.is_valid(raise_exception=True)
    given = asked.validated_data
    outcome = importer.run(read_rows(given["file"], importer.columns), commit=not given["dry_run"])
    if outcome.faults:
        raise Invalid(
            "Nothing was changed: rows of the file are wrong.", faults=outcome.faults, code="rows_wrong"
        )
    return Response(_body(outcome))


def import_view(operation_id: str) -> Callable[[Callable[..., Importer]], Callable[..., Any]]:
    """The whole POST of a table from a function (actor, parts of the address) that asks whether they may and answers the importer.

    Its docstring describes the call.
    """

    def made(importer_for: Callable[..., Importer]) -> Callable[..., Any]:
        @idempotent
        def run(request: Request, **parts: Any) -> Response:
            return imported(request, importer_for(actor_of(request), **parts))

        @extend_schema(
            operation_id=operation_id,
            description=importer_for.__doc__,
            request={"multipart/form-data": ImportIn},
            responses={200: ImportOut},
        )
        @api_view(["POST"])
        @parser_classes([MultiPartParser])
        def view(request: Request, /, **parts: Any) -> Response:
            return run(request, **parts)

        return view

    return made


def _body(outcome: Outcome) -> dict[str, Any]:
    return {
        "committed": outcome.committed,
        "added": outcome.of("add"),
        "changed": outcome.of("change"),
        "same": outcome.of("same"),
        "lines": [
            {
                "row": line.number,
                "deed": line.done.deed,
                "code": line.done.subject,
                "differences": [
                    {"field": field, "before": before, "after": after}
                    for field, before, after in line.done.differences
                ],
            }
            for line in outcome.lines
        ],
    }


# --- reading cells -----------------------------------------------------------------------------------------


def read_cells(
    values: Mapping[str, str], readers: Mapping[str, tuple[Callable[[str], Any], str]]
) -> dict[str, Any]:
    """Cells as values; a reader is a function and the words for what it wants. Every fault of the row at once."""
    read: dict[str, Any] = dict(values)
    faults = []
    for name, (reader, wanted) in readers.items():
        if values.get(name):
            try:
                read[name] = reader(values[name])
            except ValueError:
                faults.append(Fault(f"/{name}", f"“{values[name][:40]}” is not {wanted}.", "invalid"))
    if faults:
        raise Invalid(faults[0].sentence, faults=faults, code="invalid")
    return read
