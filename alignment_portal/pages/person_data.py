"""Settings: what is held about a person, taking it away, and erasing the person."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from alignment_portal import clock
from alignment_portal.accounts.models import User
from alignment_portal.accounts.permissions import Action, require
from alignment_portal.http.forms import add_refusal
from alignment_portal.http.requests import actor_of, signed_in
from alignment_portal.http.settings_tabs import settings_tabs
from alignment_portal.operations.erasing import erase_person, holdings_of
from alignment_portal.operations.person_data import counts_of, export_person
from alignment_portal.pages.forms import ErasureForm
from alignment_portal.refusals import Refusal


def _managed(request: HttpRequest, person_id: UUID) -> User:
    require(actor_of(request), Action.PEOPLE_MANAGE)
    return get_object_or_404(User, pk=person_id)


def _page(request: HttpRequest, person: User, *, status: int = 200, **more: object) -> HttpResponse:
    context = {"tabs": settings_tabs(request), "person": person, "counts": counts_of(person), **more}
    return render(request, "pages/settings/person_data.html", context, status=status)


def _about(request: HttpRequest, person: User, form: ErasureForm) -> HttpResponse:
    return _page(
        request,
        person,
        status=422 if form.errors else 200,
        form=form,
        mine=False,
        holdings=holdings_of(person, thorough=False),
        export=reverse("settings-person-export", args=[person.pk]),
    )


@require_GET
@never_cache
def held(request: HttpRequest, person_id: UUID) -> HttpResponse:
    return _about(request, _managed(request, person_id), ErasureForm())


@require_GET
@never_cache
def own(request: HttpRequest) -> HttpResponse:
    return _page(request, signed_in(request), mine=True, export=reverse("settings-own-export"))


@require_GET
@never_cache
def export(request: HttpRequest, person_id: UUID) -> HttpResponse:
    return _file(request, _managed(request, person_id))


@require_GET
@never_cache
def export_own(request: HttpRequest) -> HttpResponse:
    return _file(request, signed_in(request))


def _file(request: HttpRequest, person: User) -> HttpResponse:
    body = export_person(by=actor_of(request), person=person)
    name = f"person-{person.pk}-{clock.now():%Y-%m-%d}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return JsonResponse(body, json_dumps_params={"ensure_ascii": False, "indent": 2}, headers=headers)


@require_POST
def erase(request: HttpRequest, person_id: UUID) -> HttpResponse:
    person = _managed(request, person_id)
    form = ErasureForm(request.POST)
    if form.is_valid():
        try:
            erased = erase_person(by=actor_of(request), person=person, reason=form.cleaned_data["reason"])
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(
                request,
                _(
                    "Erased. What they did stands under %(name)s. Their former name or address stays in %(versions)d"
                    " versions of dossiers, %(packs)d packs and %(records)d verdicts, conclusions and signatures, which"
                    " are never rewritten."
                )
                % {
                    "name": erased.person.name,
                    "versions": erased.dossier_versions,
                    "packs": erased.packs,
                    "records": erased.records,
                },
            )
            return redirect("settings-person", person.pk)
    return _about(request, person, form)
