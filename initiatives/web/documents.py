"""The dossier as a document: begin one, import it, save it as a file, compare its versions."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action, require
from alignment_portal.http.forms import add_refusal
from alignment_portal.http.problems import faults_of
from alignment_portal.http.requests import actor_of
from alignment_portal.refusals import Fault, Invalid, Refusal
from initiatives.dossier.canonical import builtins_of, fingerprint, pretty_json
from initiatives.dossier.differences import Difference, differences
from initiatives.dossier.document import Dossier
from initiatives.models import Initiative
from initiatives.selectors import (
    current_dossier,
    dossier_version,
    require_on,
    versions_of,
    visible_initiatives,
)
from initiatives.selectors.alike import similar_to
from initiatives.services.dossiers import parsed, register_initiative, save_dossier
from initiatives.services.people import people_of
from initiatives.web.beginning import BeginForm
from initiatives.web.codes import known_for
from initiatives.web.forms import ImportForm
from initiatives.web.frame import crumbs, edit_address, visit
from initiatives.web.pointing import link_of


@require_http_methods(["GET", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """The first few answers of a new initiative; the rest is asked part by part."""
    by = actor_of(request)
    require(by, Action.INITIATIVE_CREATE)
    form = BeginForm(request.POST or None, known=known_for({}))
    similar: Sequence[Initiative] = ()
    if request.method == "POST" and form.is_valid():
        answers = form.answers()
        similar = similar_to(by, title=answers["title"], summary=answers.get("summary", ""))
        if not similar or form.cleaned_data["different"]:
            try:
                saved = register_initiative(by=by, section=answers)
            except Refusal as refusal:
                _put(form, refusal)
            else:
                messages.success(
                    request,
                    _("%(key)s is begun. Fill in the rest part by part.") % {"key": saved.initiative.key},
                )
                return redirect(edit_address(saved.initiative.key))
    return render(
        request,
        "initiatives/begin.html",
        {"form": form, "similar": similar},
        status=422 if form.errors else 200,
    )


def _put(form: BeginForm, refusal: Refusal) -> None:
    faults = [
        Fault(fault.pointer.removeprefix("/initiative"), fault.sentence, fault.code)
        for fault in faults_of(refusal)
    ]
    add_refusal(form, Invalid(refusal.sentence, faults=faults) if faults else refusal)


# --- import ------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def import_dossier(request: HttpRequest) -> HttpResponse:
    """First what an import would change, or every fault in it; then, on a second press, the import itself."""
    by = actor_of(request)
    require(by, Action.DOSSIER_IMPORT, own=True)
    if request.method == "GET":
        return _import_page(request, ImportForm())
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _import_page(request, form, status=422)
    text = form.text()
    try:
        dossier = parsed(text)
        if request.POST.get("deed") == "apply":
            return _applied(request, by, dossier)
        found = _previewed(by, dossier)
    except Refusal as refusal:
        again = ImportForm(initial={"document": _readable(text)})
        faults = [] if refusal.code == "forbidden" else list(faults_of(refusal))
        return _import_page(request, again, status=422, refusal=refusal, faults=faults)
    shown = ImportForm(initial={"document": pretty_json(dossier)})
    return _import_page(request, shown, dossier=dossier, **found)


def _import_page(request: HttpRequest, form: ImportForm, *, status: int = 200, **more: Any) -> HttpResponse:
    return render(request, "initiatives/import.html", {"form": form, **more}, status=status)


def _readable(text: bytes) -> str:
    return text.decode("utf-8-sig", "replace")[:2_000_000]


def _previewed(by: Actor, dossier: Dossier) -> dict[str, Any]:
    """What the import would do, asked of the same rules and written nowhere."""
    key = dossier.initiative.key
    row = visible_initiatives(by).filter(key=key).first()
    before = current_dossier(row) if row is not None else None
    if row is not None:
        require_on(by, Action.DOSSIER_IMPORT, row)
    elif Initiative.objects.filter(key=key).exists():
        raise Invalid(
            _("The key %(key)s is taken. Choose another.") % {"key": key}, pointer="/initiative/key"
        )
    else:
        require(by, Action.INITIATIVE_CREATE)
    people_of(before.dossier if before else None, dossier)
    return {
        "preview": True,
        "creates": before is None,
        "expected": before.fingerprint if before else "",
        "changes": differences(before.dossier if before else None, dossier),
        "fingerprint": fingerprint(dossier),
    }


def _applied(request: HttpRequest, by: Actor, dossier: Dossier) -> HttpResponse:
    expected = request.POST.get("expected") or None
    saved = save_dossier(by=by, document=dossier, expected=expected, create=expected is None)
    words = (
        _("%(key)s is imported as version %(version)d.")
        if saved.changed
        else _("%(key)s says this already: nothing was changed.")
    )
    messages.success(request, words % {"key": saved.initiative.key, "version": saved.version})
    return redirect(f"/initiatives/{saved.initiative.key}/")


# --- the document and its versions -------------------------------------------------------------------------


@require_GET
def export_dossier(request: HttpRequest, key: str) -> HttpResponse:
    """The document as a file: importing it again changes nothing."""
    seen = visit(request, key)
    text = pretty_json(current_dossier(seen.initiative).dossier)
    headers = {"Content-Disposition": f'attachment; filename="{key}.json"'}
    return HttpResponse(text, content_type="application/json; charset=utf-8", headers=headers)


@require_GET
def dossier_page(request: HttpRequest, key: str) -> HttpResponse:
    """The document with its fingerprint, its versions, and what differs between any two."""
    seen = visit(request, key)
    current = current_dossier(seen.initiative)
    newer = _number(request, "version") or current.version
    older = _number(request, "against") or max(newer - 1, 0)
    shown = dossier_version(seen.initiative, newer)
    if shown is None:
        raise Http404(newer)
    before = dossier_version(seen.initiative, older) if older else None
    context = {
        "initiative": seen.initiative,
        "may_edit": seen.may_edit,
        "crumbs": crumbs(key),
        "shown": shown,
        "older": older,
        "is_current": newer == current.version,
        "versions": versions_of(seen.initiative)[:200],
        "changes": _linked(key, builtins_of(shown.dossier), before.dossier if before else None, shown.dossier)
        if older
        else [],
        "document": pretty_json(shown.dossier),
    }
    return render(request, "initiatives/dossier.html", context)


def _number(request: HttpRequest, name: str) -> int:
    given = request.GET.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 9 else 0  # noqa: PLR2004 — more digits are no version


def _linked(key: str, document: Any, before: Dossier | None, after: Dossier) -> list[tuple[Difference, str]]:
    return [(change, link_of(key, document, change.pointer)) for change in differences(before, after)]
