"""Readings entered in the browser: one by hand, or a file with a preview of exactly what it would do."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from alignment_portal.accounts.permissions import Action
from alignment_portal.http.forms import add_refusal
from alignment_portal.http.importing import sealed, unsealed
from alignment_portal.http.problems import faults_of
from alignment_portal.http.sheets import SheetRow, read_rows
from alignment_portal.http.spreadsheets import table_file
from alignment_portal.refusals import Fault, NotFound, Refusal
from initiatives.selectors import require_on
from metrics.models import Metric
from metrics.selectors import metric_or_404
from metrics.services.observations import Recorded, record_observations
from metrics.services.readings import MOST_ROWS
from metrics.services.sheets import COLUMNS, record_table, rows_of
from metrics.web.forms import ImportForm, ReadingForm, UploadForm
from metrics.web.frame import Visit, crumbs, visit
from metrics.web.pages import metric_page

SHOWN = 50
KIND = "readings"


@dataclass(frozen=True)
class Preview:
    """What a file would do, or every fault in it by row."""

    rows: list[SheetRow]
    recorded: Recorded | None
    metrics: list[tuple[str, int]]
    faults: list[Fault]
    sealed: str


def _visit(request: HttpRequest, key: str) -> Visit:
    at = visit(request, key)
    require_on(at.by, Action.OBSERVATION_RECORD, at.initiative)
    return at


@require_POST
def enter(request: HttpRequest, key: str, code: str) -> HttpResponse:
    """One reading by hand; a second one for the same period is a correction, and the first is kept."""
    at = _visit(request, key)
    row = metric_or_404(at.initiative, code)
    form = ReadingForm(request.POST, metric=row)
    if form.is_valid():
        try:
            done = record_observations(by=at.by, rows=[form.row()])
        except Refusal as refusal:
            _show(form, refusal)
        else:
            messages.success(request, _said(done))
            return redirect("metrics:metric", key, code)
    return metric_page(at, row, form, status=422)


def _show(form: ReadingForm, refusal: Refusal) -> None:
    """Each fault at its field: the pointer of the only row, /0/value, names it."""
    for fault in faults_of(refusal):
        name = fault.pointer.rpartition("/")[2]
        form.add_error(name if name in form.fields else None, fault.sentence)
    if not faults_of(refusal):
        add_refusal(form, refusal)


def _said(done: Recorded) -> str:
    if not done.added and not done.revised:
        return _("Nothing new: these readings were there already.")
    words = _("%(added)d added, %(revised)d corrected, %(unchanged)d were there already.")
    return words % {"added": done.added, "revised": done.revised, "unchanged": done.unchanged}


@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest, key: str) -> HttpResponse:
    at = _visit(request, key)
    if request.method == "GET":
        return _page(at, UploadForm())
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(at, form, status=422)
    try:
        rows = read_rows(form.cleaned_data["file"], COLUMNS, most=MOST_ROWS)
    except Refusal as refusal:
        form.add_error("file", refusal.sentence)
        for fault in faults_of(refusal)[1:]:
            form.add_error("file", fault.sentence)
        return _page(at, form, status=422)
    preview = _previewed(at, rows)
    return _page(at, form, preview, status=422 if preview.faults else 200)


def _previewed(at: Visit, rows: list[SheetRow]) -> Preview:
    """Does exactly what the import does, and takes it back."""
    readings = rows_of(rows, initiative=at.key)
    recorded, faults = None, _foreign(at, rows)
    with transaction.atomic():
        try:
            recorded = record_table(by=at.by, rows=rows, initiative=at.key)
        except Refusal as refusal:
            faults += faults_of(refusal) or [Fault("", refusal.sentence, refusal.code)]
        transaction.set_rollback(True)
    if faults:
        recorded = None
    titles = dict(Metric.objects.filter(initiative=at.initiative).values_list("code", "title"))
    counts = Counter(titles.get(row["metric"], row["metric"]) for row in readings if "metric" in row)
    kept = "" if faults else sealed(KIND, at.by.user_id, rows)
    return Preview(rows[:SHOWN], recorded, counts.most_common(), faults, kept)


def _foreign(at: Visit, rows: list[SheetRow]) -> list[Fault]:
    """A file taken in at one initiative is about that one."""
    return [
        Fault(
            f"/rows/{row.number}/initiative",
            _("Row %(n)d is about %(key)s.") % {"n": row.number, "key": other},
            "other",
        )
        for row in rows
        if (other := row.values.get("initiative", "")) not in ("", at.key)
    ]


@require_POST
def import_readings(request: HttpRequest, key: str) -> HttpResponse:
    """What was previewed, and nothing else."""
    at = _visit(request, key)
    form = ImportForm(request.POST)
    if not form.is_valid():
        return redirect("metrics:upload", key)
    try:
        rows = unsealed(KIND, at.by.user_id, form.cleaned_data["rows"])
        done = record_table(by=at.by, rows=rows, initiative=at.key)
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect("metrics:upload", key)
    messages.success(request, _said(done))
    return redirect(f"/initiatives/{key}/measurement/")


@require_GET
def template(request: HttpRequest, key: str, kind: str) -> HttpResponse:
    """An empty table to fill, with one row for each metric that is watched."""
    if kind not in {"csv", "xlsx"}:
        sentence = _("A template comes as csv or as xlsx.")
        raise NotFound(sentence, code="no_template")
    at = _visit(request, key)
    codes = Metric.objects.in_dossier().filter(initiative=at.initiative).values_list("code", flat=True)
    rows = [[code if column.name == "metric" else "" for column in COLUMNS[1:]] for code in codes]
    return table_file(kind, name=f"{key}-readings", heads=[column.name for column in COLUMNS[1:]], rows=rows)


def _page(at: Visit, form: UploadForm, preview: Preview | None = None, *, status: int = 200) -> HttpResponse:
    heads = [
        column for column in COLUMNS if preview and any(row.values.get(column.name) for row in preview.rows)
    ]
    cells = [
        (row.number, [row.values.get(column.name, "") for column in heads])
        for row in (preview.rows if preview else ())
    ]
    context: dict[str, Any] = {
        "at": at,
        "key": at.key,
        "form": form,
        "preview": preview,
        "heads": heads,
        "cells": cells,
        "shown": SHOWN,
        "columns": COLUMNS[1:],
        "faults": [{"href": "", "sentence": fault.sentence} for fault in preview.faults[:SHOWN]]
        if preview
        else [],
        "crumbs": crumbs(at.key),
    }
    return render(at.request, "metrics/upload.html", context, status=status)
