"""Shared dependencies and bottlenecks: lists, one of them with its history, adding and changing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action, may, require, who_may
from alignment_portal.http.forms import add_refusal
from alignment_portal.http.requests import actor_of
from alignment_portal.refusals import Conflict, Invalid, NotFound, Stale
from portfolio.models import Bottleneck, SharedDependency
from portfolio.selectors import register as selectors
from portfolio.services import register as services
from portfolio.web.forms import BottleneckForm, DependencyForm, NewBottleneckForm, NewDependencyForm
from portfolio.web.merging import merge
from portfolio.web.paging import page_of, paging
from portfolio.web.ranking import ranked
from portfolio.web.versions import dependency_changes, last_change, values_at

DEPENDENCIES, BOTTLENECKS = "/portfolio/dependencies/", "/portfolio/bottlenecks/"


def reader_of(request: HttpRequest) -> Actor:
    by = actor_of(request)
    require(by, Action.PORTFOLIO_READ)
    return by


def _editor(request: HttpRequest) -> Actor:
    by = actor_of(request)
    require(by, Action.PORTFOLIO_EDIT)
    return by


def crumbs_to(*more: tuple[str, str]) -> list[dict[str, str]]:
    return [{"label": label, "url": url} for label, url in ((_("Portfolio"), "/portfolio/"), *more)]


# --- shared dependencies -----------------------------------------------------------------------------------


@require_GET
def dependencies(request: HttpRequest) -> HttpResponse:
    by = reader_of(request)
    context = {
        "crumbs": crumbs_to(),
        "dependencies": ranked(selectors.dependency_rows(by)),
        "may_edit": may(by, Action.PORTFOLIO_EDIT),
        "who_may": who_may(Action.PORTFOLIO_EDIT),
        "today": clock.now().date(),
    }
    return render(request, "portfolio/dependencies.html", context)


def _dependency(code: str) -> SharedDependency:
    found = SharedDependency.objects.select_related("owner").filter(code=code).first()
    if found is None:
        raise NotFound(f"There is no shared dependency “{code}”.", code="dependency_not_found")
    return found


@require_GET
def dependency(request: HttpRequest, code: str) -> HttpResponse:
    """One of them: who owns it, who waits for it and since when it is so."""
    by = reader_of(request)
    found = _dependency(code)
    needs = selectors.needs_visible_to(by).filter(code=code).select_related("initiative")
    page = page_of(request, needs.order_by("needed_by", "initiative__key"))
    context = {
        "crumbs": crumbs_to((_("Shared dependencies"), DEPENDENCIES)),
        "row": ranked([{**selectors.dependency_body(found), "waiting": page.paginator.count}])[0],
        "dependency": found,
        "needs": page.object_list,
        "page": paging(page),
        "changes": dependency_changes(found),
        "may_edit": may(by, Action.PORTFOLIO_EDIT),
    }
    return render(request, "portfolio/dependency.html", context)


@require_http_methods(["GET", "POST"])
def add_dependency(request: HttpRequest) -> HttpResponse:
    by = _editor(request)
    form = NewDependencyForm(request.POST or None)
    add = Adding(
        _("Add a shared dependency"), DEPENDENCIES, crumbs_to((_("Shared dependencies"), DEPENDENCIES))
    )
    return add.answer(request, form, lambda given: services.register_dependency(by=by, **given))


@require_http_methods(["GET", "POST"])
def change_dependency(request: HttpRequest, code: str) -> HttpResponse:
    by = _editor(request)
    found = _dependency(code)
    body = selectors.dependency_body(found)
    form = DependencyForm(request.POST or None, initial=body, owner=body["owner"])
    crumbs = crumbs_to((_("Shared dependencies"), DEPENDENCIES), (found.title, f"{DEPENDENCIES}{code}/"))
    change = Changing(found, body, f"{DEPENDENCIES}{code}/", crumbs)

    def save(changes: Mapping[str, Any], expected: int) -> object:
        return services.change_dependency(by=by, dependency=found, changes=changes, expected=expected)

    return change.answer(request, form, save)


# --- bottlenecks -------------------------------------------------------------------------------------------


@require_GET
def bottlenecks(request: HttpRequest) -> HttpResponse:
    by = reader_of(request)
    context = {
        "crumbs": crumbs_to(),
        "bottlenecks": selectors.bottleneck_table(),
        "may_edit": may(by, Action.PORTFOLIO_EDIT),
        "who_may": who_may(Action.PORTFOLIO_EDIT),
    }
    return render(request, "portfolio/bottlenecks.html", context)


def found_bottleneck(code: str) -> Bottleneck:
    found = Bottleneck.objects.filter(code=code).first()
    if found is None:
        raise NotFound(f"There is no bottleneck “{code}”.", code="bottleneck_not_found")
    return found


@require_http_methods(["GET", "POST"])
def add_bottleneck(request: HttpRequest) -> HttpResponse:
    by = _editor(request)
    form = NewBottleneckForm(request.POST or None)
    add = Adding(_("Add a bottleneck"), BOTTLENECKS, crumbs_to((_("Bottlenecks"), BOTTLENECKS)))
    return add.answer(request, form, lambda given: services.register_bottleneck(by=by, **given))


@require_http_methods(["GET", "POST"])
def change_bottleneck(request: HttpRequest, code: str) -> HttpResponse:
    by = _editor(request)
    found = found_bottleneck(code)
    body = selectors.bottleneck_body(found)
    form = BottleneckForm(request.POST or None, initial=body)
    crumbs = crumbs_to((_("Bottlenecks"), BOTTLENECKS), (found.title, f"{BOTTLENECKS}{code}/"))
    change = Changing(found, body, f"{BOTTLENECKS}{code}/", crumbs)

    def save(changes: Mapping[str, Any], expected: int) -> object:
        return services.change_bottleneck(by=by, bottleneck=found, changes=changes, expected=expected)

    return change.answer(request, form, save)


# --- forms -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Adding:
    """A page that adds one row to the register."""

    title: str
    back: str
    crumbs: list[dict[str, str]]

    def answer(
        self, request: HttpRequest, form: forms.Form, add: Callable[[dict[str, Any]], Any]
    ) -> HttpResponse:
        if form.is_valid():
            try:
                made = add(form.cleaned_data)
            except (Invalid, Conflict) as refusal:
                add_refusal(form, refusal)
            else:
                messages.success(request, _("%(title)s is on the register.") % {"title": made.title})
                return redirect(f"{self.back}{made.code}/")
        context = {"crumbs": self.crumbs, "title": self.title, "form": form, "cancel": self.back}
        return render(request, "portfolio/form.html", context, status=422 if form.errors else 200)


@dataclass(frozen=True)
class Changing:
    """A page that changes one row, and says so when somebody else was faster."""

    row: SharedDependency | Bottleneck
    body: Mapping[str, Any]
    back: str
    crumbs: list[dict[str, str]]

    def answer(
        self, request: HttpRequest, form: forms.Form, save: Callable[[Mapping[str, Any], int], object]
    ) -> HttpResponse:
        if form.is_valid():
            changes = dict(form.cleaned_data)
            seen = changes.pop("version")
            try:
                save(changes, seen)
            except Stale:
                return self._after_another(request, form, changes, seen, save)
            except (Invalid, Conflict) as refusal:
                add_refusal(form, refusal)
            else:
                messages.success(request, _("Saved."))
                return redirect(self.back)
        title = _("Change %(title)s") % {"title": self.row.title}
        context = {"crumbs": self.crumbs, "title": title, "form": form, "cancel": self.back}
        return render(request, "portfolio/form.html", context, status=422 if form.errors else 200)

    def _after_another(
        self,
        request: HttpRequest,
        form: forms.Form,
        mine: dict[str, Any],
        seen: int,
        save: Callable[[Mapping[str, Any], int], object],
    ) -> HttpResponse:
        merged = merge(form, values_at(self.row, seen), self.body, mine)
        latest = last_change(self.row)
        if not merged.conflicts:
            save(merged.merged, self.row.version)
            messages.success(
                request, _("Saved. %(who)s changed other parts meanwhile; both stand.") % {"who": latest.who}
            )
            return redirect(self.back)
        context = {
            "crumbs": self.crumbs,
            "title": self.row.title,
            "who": latest.who,
            "at": latest.at,
            "action": request.path,
            "version": self.row.version,
            "conflicts": merged.conflicts,
            "kept": merged.kept,
            "cancel": self.back,
        }
        return render(request, "portfolio/conflict.html", context, status=409)
