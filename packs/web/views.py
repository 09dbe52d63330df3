"""Reading a pack on screen, following its making, taking a copy, and checking one."""

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action, require
from alignment_portal.http.requests import actor_of
from alignment_portal.refusals import Invalid
from packs.models import Audience, PackBuild, PackOrder, State
from packs.selectors.access import askable, may_build, may_see_readers, visible_packs
from packs.selectors.genuineness import check_words
from packs.selectors.packs import (
    content_of,
    latest_of,
    order_or_404,
    pack_or_404,
    packs_of,
    places_in_queue,
    since_of,
    told_of,
)
from packs.selectors.readings import readings_of
from packs.selectors.subjects import subject_of, title_of
from packs.services.checking import check_upload
from packs.services.copies import take_copy
from packs.services.ordering import ask_for_pack
from packs.services.printing import stamp_of
from packs.services.readings import note_reading
from packs.services.requests import cancel_pack, retry_pack

A_PAGE = 50
PDF = "application/pdf"
LARGEST = 30 * 1024 * 1024


class CheckForm(forms.Form):
    fingerprint = forms.CharField(
        label=_("Fingerprint"),
        required=False,
        max_length=64,
        help_text=_("The sixteen characters at the foot of each sheet, or all sixty-four."),
    )
    file = forms.FileField(label=_("or the PDF itself"), required=False)

    def clean(self) -> dict[str, object]:
        given = super().clean() or {}
        if not given.get("fingerprint") and not given.get("file"):
            self.add_error("fingerprint", _("Enter a fingerprint or choose a PDF."))
        file = given.get("file")
        if file and file.size > LARGEST:
            self.add_error("file", _("This file is larger than any pack. Choose the PDF of a pack."))
        return given


@require_http_methods(["GET", "POST"])
def packs(request: HttpRequest) -> HttpResponse:
    """Everything one may read, newest first; POST asks for the pack of a subject."""
    by = actor_of(request)
    if request.method == "POST":
        audience = request.POST.get("audience", Audience.READERS)
        if audience not in Audience.values:
            raise Invalid("Choose for whom the pack is.", pointer="/audience")
        asked = ask_for_pack(by=by, subject=request.POST.get("subject", ""), audience=audience)
        if isinstance(asked, PackOrder):
            return HttpResponseRedirect(reverse("packs:order", args=[asked.pk]))
        return HttpResponseRedirect(reverse("packs:pack", args=[asked.ref]))
    found = visible_packs(by).order_by("-id")
    subject = request.GET.get("subject", "")
    if subject:
        found = found.filter(subject=subject)
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    return render(request, "packs/packs.html", {"page": page, "subject": subject, "askable": askable(by)})


@require_GET
@never_cache
def order(request: HttpRequest, number: int) -> HttpResponse:
    """What became of an order; the page looks again by itself and goes on to the pack once it is written."""
    row = order_or_404(actor_of(request), number)
    is_asked_by_page = bool(request.headers.get("HX-Request"))
    if row.build is not None:
        place = reverse("packs:pack", args=[row.build.ref])
        return (
            HttpResponse(headers={"HX-Redirect": place}) if is_asked_by_page else HttpResponseRedirect(place)
        )
    template = "packs/ordered.html" if is_asked_by_page else "packs/order.html"
    return render(
        request, template, {"order": row, "told": told_of(row), "title": title_of(subject_of(row.subject))}
    )


@require_GET
@never_cache
def readers(request: HttpRequest, ref: str) -> HttpResponse:
    """Who opened this pack, and who took a copy."""
    by = actor_of(request)
    build = pack_or_404(by, ref)
    require(by, Action.HISTORY_READ)
    page = Paginator(readings_of(build), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "packs/readers.html", {"build": build, "crumbs": _crumbs(build), "page": page})


@require_GET
@never_cache
def pack(request: HttpRequest, ref: str) -> HttpResponse:
    by = actor_of(request)
    build = pack_or_404(by, ref)
    note_reading(by=by, build=build)
    latest = latest_of(build.subject, build.audience)
    return render(
        request,
        "packs/pack.html",
        {
            "crumbs": _crumbs(build),
            "build": build,
            "content": content_of(build),
            "stamp": stamp_of(build),
            "palette": "",
            "earlier": packs_of(by, build.subject).exclude(pk=build.pk)[:20],
            "since": since_of(build),
            "readers": reverse("packs:readers", args=[ref]) if may_see_readers(by) else "",
            "newer": latest if latest and latest.number > build.number else None,
            **_making(by, build),
        },
    )


def _crumbs(build: PackBuild) -> list[dict[str, str]]:
    if build.initiative is None:
        return [{"label": str(_("Packs")), "url": reverse("packs:packs")}]
    key = build.initiative.key
    return [
        {"label": key, "url": f"/initiatives/{key}/"},
        {"label": str(_("Packs")), "url": f"/initiatives/{key}/packs/"},
    ]


def _making(by: Actor, build: PackBuild) -> dict[str, object]:
    """What parts/build_progress.html needs; the buttons only for those who may press them."""
    is_builder = may_build(by, build)
    shown = {
        "ref": build.ref,
        "state": "running" if build.state == State.BUILDING else build.state,
        "step": build.step,
        "percent": build.percent,
        "position": places_in_queue().get(build.pk, 0),
        "error": build.error,
        "attempts": build.attempt,
    }
    places = {
        name: reverse(f"packs:{name}", args=[build.ref]) for name in ("progress", "pdf", "cancel", "retry")
    }
    return {
        "progress": shown,
        "poll": places["progress"],
        "href": places["pdf"],
        "cancel": places["cancel"] if is_builder else "",
        "retry": places["retry"] if is_builder else "",
    }


@require_GET
@never_cache
def progress(request: HttpRequest, ref: str) -> HttpResponse:
    """The fragment that polls itself until the build rests."""
    by = actor_of(request)
    made = _making(by, pack_or_404(by, ref))
    return render(request, "parts/build_progress.html", {**made, "build": made["progress"]})


@require_POST
def cancel(request: HttpRequest, ref: str) -> HttpResponse:
    by = actor_of(request)
    cancel_pack(by=by, build=pack_or_404(by, ref))
    return HttpResponseRedirect(reverse("packs:pack", args=[ref]))


@require_POST
def retry(request: HttpRequest, ref: str) -> HttpResponse:
    by = actor_of(request)
    retry_pack(by=by, build=pack_or_404(by, ref))
    return HttpResponseRedirect(reverse("packs:pack", args=[ref]))


@require_GET
@never_cache
def pdf(request: HttpRequest, ref: str) -> HttpResponse:
    """A copy with the reader's name on it. Saved, never shown inside the portal's own pages."""
    by = actor_of(request)
    copy = take_copy(by=by, build=pack_or_404(by, ref))
    return HttpResponse(
        copy.body, content_type=PDF, headers={"Content-Disposition": f'attachment; filename="{copy.name}"'}
    )


@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    by = actor_of(request)
    is_sent = request.method == "POST"
    form = CheckForm(request.POST, request.FILES) if is_sent else CheckForm()
    if not form.is_valid():
        return render(request, "packs/verify.html", {"form": form}, status=422 if is_sent else 200)
    file, fingerprint = form.cleaned_data["file"], form.cleaned_data["fingerprint"]
    checked = check_upload(by=by, body=file.read()) if file else check_words(by, fingerprint)
    return render(request, "packs/verify.html", {"form": form, "checked": checked})


@require_GET
def verify_fingerprint(request: HttpRequest, fingerprint: str) -> HttpResponse:
    checked = check_words(actor_of(request), fingerprint)
    form = CheckForm(initial={"fingerprint": fingerprint[:64]})
    return render(request, "packs/verify.html", {"form": form, "checked": checked})
