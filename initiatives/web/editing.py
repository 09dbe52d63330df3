"""Editing a dossier part by part: forms, rows, drafts, and the choice when somebody else was faster."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from alignment_portal.accounts.permissions import Action
from alignment_portal.http.problems import faults_of
from alignment_portal.refusals import Conflict, Fault, Refusal
from initiatives.dossier.canonical import builtins_of
from initiatives.dossier.document import SECTIONS as SECTION_NAMES
from initiatives.models import Draft
from initiatives.selectors import LoadedDossier, current_dossier, dossier_version, require_on
from initiatives.services.dossiers import change_section
from initiatives.services.drafts import discard_draft, save_draft
from initiatives.web.codes import known_for, names_of_people, titles_of
from initiatives.web.forms import PartForm, restored
from initiatives.web.frame import Visit, address, crumbs, edit_address, visit
from initiatives.web.merging import Clash, merge
from initiatives.web.outline import outline_of, parts_of, rows_of
from initiatives.web.places import NoPlace, Place, place_at
from initiatives.web.planning import is_computed, panel_of
from initiatives.web.pointing import link_of
from initiatives.web.questions import asked_by
from initiatives.web.words import SECTION_TABS, SECTIONS

# Lists whose order says something to people, so that it can be changed.
ORDERED = frozenset({"nodes", "metrics", "decision_rights", "harms", "trade_offs", "groups"})


@dataclass(frozen=True)
class Desk:
    """One part of the current dossier, open for editing by one person."""

    visit: Visit
    loaded: LoadedDossier
    document: Mapping[str, Any]
    place: Place

    @property
    def here(self) -> str:
        return edit_address(self.visit.key, self.place.path)


def _desk(request: HttpRequest, key: str, path: str) -> Desk:
    seen = visit(request, key)
    require_on(seen.by, Action.INITIATIVE_EDIT, seen.initiative)
    loaded = current_dossier(seen.initiative)
    document = builtins_of(loaded.dossier)
    try:
        return Desk(seen, loaded, document, place_at(document, path))
    except NoPlace as error:
        raise _gone(seen, path, request) from error


def _gone(seen: Visit, path: str, request: HttpRequest) -> Exception:
    """Nothing of this name, or a row that somebody removed while this person was editing it."""
    known = dossier_version(seen.initiative, int(given)) if (given := _version(request)) else None
    if known is None:
        return Http404(path)
    try:
        place_at(builtins_of(known.dossier), path)
    except NoPlace:
        return Http404(path)
    return Conflict(
        _(
            "Somebody removed this while you were editing it. Your words are kept in your draft; nothing was overwritten."
        ),
        code="row_removed",
    )


def _version(request: HttpRequest) -> str:
    given = request.POST.get("version", "")
    return given if given.isdecimal() and len(given) < 9 else ""  # noqa: PLR2004 — more digits are no version


def draft_section(path: str) -> str:
    """The name a draft is kept under: the path, or a hash of one that is too long for the column."""
    return path if len(path) <= 80 else f"sha256:{hashlib.sha256(path.encode()).hexdigest()}"  # noqa: PLR2004 — the column’s length


@require_GET
def edit_index(request: HttpRequest, key: str) -> HttpResponse:
    seen = visit(request, key)
    require_on(seen.by, Action.INITIATIVE_EDIT, seen.initiative)
    loaded = current_dossier(seen.initiative)
    context = {
        "initiative": seen.initiative,
        "crumbs": crumbs(key),
        "sections": outline_of(key, builtins_of(loaded.dossier), SECTION_NAMES),
        "drafts": Draft.objects.filter(initiative=seen.initiative, user=seen.request.user.pk).order_by(
            "section"
        ),
        "version": loaded.version,
    }
    return render(request, "initiatives/edit/index.html", context)


@require_http_methods(["GET", "POST"])
def edit_place(request: HttpRequest, key: str, path: str) -> HttpResponse:
    """One part of the dossier. Posting saves it, or does the deed named in it: remove, up, down, discard."""
    desk = _desk(request, key, path)
    deed = request.POST.get("deed", "save")
    if request.method == "POST" and deed == "compute" and is_computed(desk.place):
        return _computed(desk)
    if request.method == "POST" and deed != "save":
        return _DEEDS.get(deed, _no_deed)(desk)
    if desk.place.kind == "list" or not asked_by(desk.place.struct).questions:
        return _page(desk, None)
    if request.method == "GET":
        return _page(desk, _opened(desk))
    form = _form(desk, data=request.POST)
    return _saved(desk, form) if form.is_valid() else _page(desk, form, status=422)


# --- the form ----------------------------------------------------------------------------------------------


def _form(desk: Desk, *, data: Any = None, held: Mapping[str, Any] | None = None) -> PartForm:
    request = desk.visit.request
    method = (
        request.POST.get("method") or request.GET.get("method") or (desk.place.value or {}).get("method", "")
    )
    form = PartForm(data, place=desk.place, known=known_for(desk.document), method=method, held=held)
    form.initial["version"] = str(desk.loaded.version)
    if method and "method" in form.fields:
        form.initial["method"] = method
    form.place_codes = frozenset(row["code"] for row in _siblings(desk) if "code" in row)
    return form


def _siblings(desk: Desk) -> list[Mapping[str, Any]]:
    if not desk.place.is_row:
        return []
    around = place_at(desk.document, desk.place.path.rpartition("/")[0])
    return list(around.value or [])


def _opened(desk: Desk) -> PartForm:
    """The form as it stands, or as this person left it in a draft."""
    draft = _draft(desk)
    form = _form(desk)
    if draft is None:
        return form
    given = {
        "place": desk.place,
        "known": known_for(desk.document),
        "method": _last(draft.body.get("method")),
    }
    kept = restored(PartForm, draft.body, **given)
    kept.initial["version"] = str(draft.based_on)
    return kept


def _computed(desk: Desk) -> HttpResponse:
    """The form as it is being typed, unjudged, with what its plan can tell."""
    typed = _form(desk, data=desk.visit.request.POST)
    typed.is_valid()
    body = dict(desk.visit.request.POST.lists())
    given = {"place": desk.place, "known": known_for(desk.document), "method": _last(body.get("method"))}
    form = restored(PartForm, body, **given)
    form.initial["version"] = _version(desk.visit.request) or str(desk.loaded.version)
    return _page(desk, form, typed=typed)


def _last(values: Any) -> str:
    return str(values[-1]) if values else ""


def _draft(desk: Desk) -> Draft | None:
    return Draft.objects.filter(
        initiative=desk.visit.initiative,
        user=desk.visit.request.user.pk,
        section=draft_section(desk.place.path),
    ).first()


def _page(
    desk: Desk,
    form: PartForm | None,
    *,
    status: int = 200,
    faults: list[Fault] | None = None,
    typed: PartForm | None = None,
) -> HttpResponse:
    place, key = desk.place, desk.visit.key
    draft = _draft(desk) if form is not None else None
    names = {**names_of_people(), **titles_of(desk.document)}
    context = {
        "initiative": desk.visit.initiative,
        "place": place,
        "crumbs": crumbs(
            key,
            (_("Edit"), edit_address(key)),
            *((title, edit_address(key, path)) for path, title in place.above),
        ),
        "title": place.title if place.above else SECTIONS[place.section][0],
        "help": "" if place.above else SECTIONS[place.section][1],
        "form": form,
        "here": desk.here,
        "faults": [
            {"href": link_of(key, desk.document, fault.pointer), "sentence": fault.sentence}
            for fault in faults or []
        ],
        "draft": draft,
        "autosave": f"/initiatives/{key}/draft/{place.path}/",
        "parts": [] if place.is_new or place.kind == "list" else parts_of(key, place, names, ORDERED),
        "rows": rows_of(key, place, names, ORDERED) if place.kind == "list" else None,
        "cancel": _parent(desk),
        "read": address(key, SECTION_TABS[place.section]),
        "removal": {"deed": "remove", "version": desk.loaded.version},
        "removable": (place.is_row and not place.is_new) or (place.optional and place.value is not None),
        "panel": panel_of(
            desk.loaded.dossier, place, place.value if typed is None else typed.values(), typed
        ),
        "method_first": place.title and form is not None and "method" in form.fields,
    }
    return render(desk.visit.request, "initiatives/edit/place.html", context, status=status)


def _parent(desk: Desk) -> str:
    """Where one goes back to: the list of a row, the part around a part."""
    place, key = desk.place, desk.visit.key
    if not place.above:
        return edit_address(key)
    path = place.above[-1][0]
    if place.is_row and "/" in path:
        around, _, name = path.rpartition("/")
        return f"{edit_address(key, around)}#{name}"
    return edit_address(key, path)


# --- saving ------------------------------------------------------------------------------------------------


def _saved(desk: Desk, form: PartForm) -> HttpResponse:
    value = form.values()
    given, notes = _version(desk.visit.request), ""
    if given and int(given) != desk.loaded.version and not desk.place.is_new:
        base = _base(desk, int(given))
        merged = merge(form, value, base, desk.place.value or {})
        if merged.clashes:
            return _choice(desk, form, merged.clashes, value)
        value, notes = merged.value, ", ".join(merged.theirs)
    try:
        _write(desk, value)
    except Refusal as refusal:
        return _refused(desk, form, refusal)
    _forget(desk)
    if notes:
        messages.success(
            desk.visit.request,
            _("Saved. What somebody else changed meanwhile is kept too: %(what)s.") % {"what": notes},
        )
    else:
        messages.success(desk.visit.request, _("Saved."))
    return redirect(_parent(desk) if desk.place.above else desk.here)


def _base(desk: Desk, number: int) -> Mapping[str, Any]:
    """The part as it was in the version this person began with."""
    known = dossier_version(desk.visit.initiative, number)
    if known is None:
        return desk.place.value or {}
    try:
        return place_at(builtins_of(known.dossier), desk.place.path).value or {}
    except NoPlace:
        return {}


def _write(desk: Desk, value: Any, pointer: str = "") -> None:
    change_section(
        by=desk.visit.by,
        initiative=desk.visit.initiative,
        section=pointer or desk.place.pointer,
        value=value,
        expected_version=desk.loaded.version,
    )


def _refused(desk: Desk, form: PartForm, refusal: Refusal) -> HttpResponse:
    faults = faults_of(refusal)
    if not faults:
        form.add_error(None, refusal.sentence)
        return _page(desk, form, status=refusal.status if refusal.status != 412 else 409)  # noqa: PLR2004 — shown, not negotiated
    elsewhere = form.add_faults(faults, _real_pointer(desk))
    return _page(desk, form, status=422, faults=elsewhere)


def _real_pointer(desk: Desk) -> str:
    """The pointer a fault names: a new row stands after the others."""
    if not desk.place.is_new:
        return desk.place.pointer
    return f"{desk.place.pointer.removesuffix('-')}{len(_siblings(desk))}"


def _choice(desk: Desk, form: PartForm, clashes: tuple[Clash, ...], value: Mapping[str, Any]) -> HttpResponse:
    """Both values side by side; what does not clash is carried along."""
    version = desk.visit.initiative.versions.select_related("recorded_by").get(number=desk.loaded.version)
    names = {clash.name for clash in clashes}
    base = _base(desk, int(_version(desk.visit.request)))
    merged = merge(form, value, base, desk.place.value or {}).value
    context = {
        "initiative": desk.visit.initiative,
        "place": desk.place,
        "crumbs": crumbs(desk.visit.key, (_("Edit"), edit_address(desk.visit.key))),
        "title": desk.place.title,
        "who": version.recorded_by.name if version.recorded_by else _("The portal"),
        "at": version.recorded_at,
        "version": desk.loaded.version,
        "action": desk.here,
        "conflicts": clashes,
        "kept": [pair for pair in form.carried(merged) if pair[0] not in names],
        "cancel": desk.here,
    }
    return render(desk.visit.request, "initiatives/edit/conflict.html", context, status=409)


def _forget(desk: Desk) -> None:
    discard_draft(by=desk.visit.by, initiative=desk.visit.initiative, section=draft_section(desk.place.path))


# --- deeds -------------------------------------------------------------------------------------------------


def _removed(desk: Desk) -> HttpResponse:
    place = desk.place
    try:
        if place.is_row and not place.is_new:
            rows = _siblings(desk)
            position = int(place.pointer.rpartition("/")[2])
            _write(desk, [*rows[:position], *rows[position + 1 :]], place.pointer.rpartition("/")[0])
        elif place.optional:
            _write(desk, None)
    except Refusal as refusal:
        if not faults_of(refusal):
            raise
        form = _form(desk)
        faults = [*faults_of(refusal)]
        return _page(desk, form, status=422, faults=faults)
    _forget(desk)
    messages.success(desk.visit.request, _("“%(title)s” is removed.") % {"title": place.title})
    return redirect(_parent(desk))


def _moved(desk: Desk, by: int) -> HttpResponse:
    place = desk.place
    if place.is_row and not place.is_new:
        rows, pointer = _siblings(desk), place.pointer.rpartition("/")[0]
        here = int(place.pointer.rpartition("/")[2])
        there = here + by
        if 0 <= there < len(rows):
            rows[here], rows[there] = rows[there], rows[here]
            _write(desk, rows, pointer)
    return redirect(_parent(desk))


def _discarded(desk: Desk) -> HttpResponse:
    _forget(desk)
    messages.success(desk.visit.request, _("The draft is discarded."))
    return redirect(desk.here)


def _no_deed(desk: Desk) -> HttpResponse:
    raise Http404


_DEEDS = {
    "remove": _removed,
    "up": lambda desk: _moved(desk, -1),
    "down": lambda desk: _moved(desk, 1),
    "discard": _discarded,
}


@require_POST
def draft(request: HttpRequest, key: str, path: str) -> JsonResponse:
    """Keep what is typed, unjudged: two seconds after the last key."""
    desk = _desk(request, key, path)
    body = {
        name: request.POST.getlist(name)
        for name in request.POST
        if name not in {"csrfmiddlewaretoken", "version"}
    }
    kept = save_draft(
        by=desk.visit.by,
        initiative=desk.visit.initiative,
        section=draft_section(desk.place.path),
        body=body,
        based_on=int(_version(request) or desk.loaded.version),
    )
    return JsonResponse({"saved_at": kept.saved_at.isoformat()})
