"""Who absorbs the change: the heat map with its causes, the register of groups, and change from elsewhere."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from alignment_portal import clock
from alignment_portal.accounts.permissions import Action, may, require
from alignment_portal.http.forms import add_refusal
from alignment_portal.http.requests import actor_of
from alignment_portal.refusals import Invalid, NotFound
from initiatives.dossier.change_load import MILLION, month_of
from portfolio.models import OtherChange, PeopleGroup
from portfolio.saturation import HIGH
from portfolio.selectors.causes import MOST_NAMED, causes, contributors, load_rows, moves_that_help
from portfolio.selectors.change_load import Asked, registered_groups
from portfolio.services.people import record_group, record_other_change, withdraw_other_change
from portfolio.web.paging import page_of, paging
from portfolio.web.register import crumbs_to, reader_of
from portfolio.web.saturation_chart import heat_of, heaviest

CHANGE_LOAD = "/portfolio/change-load/"
AT_ONCE = 25  # heavy months on one page


class GroupForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("Its code"), max_length=64,
        help_text=gettext_lazy("The code that dossiers use for this group."),
    )  # fmt: skip
    name = forms.CharField(label=gettext_lazy("Who are they?"), max_length=200)
    headcount = forms.IntegerField(label=gettext_lazy("How many people?"), min_value=1, max_value=10_000_000)
    capacity_hours = forms.FloatField(
        label=gettext_lazy("How many hours of change can one person absorb a month?"),
        min_value=0.1, max_value=744, initial=12,
        help_text=gettext_lazy("12 is our default; calibrate it by months in which performance dipped."),
    )  # fmt: skip
    peak_months = forms.CharField(
        label=gettext_lazy("Which months are their peak season?"), required=False, max_length=60,
        help_text=gettext_lazy("Numbers from 1 to 12, such as 11, 12."),
    )  # fmt: skip
    peak_share = forms.FloatField(
        label=gettext_lazy("Which share of that capacity is left in the peak?"),
        min_value=0.01, max_value=1, initial=1,
    )  # fmt: skip

    def clean_peak_months(self) -> list[int]:
        words = self.cleaned_data["peak_months"].replace(",", " ").split()
        if not all(word.isascii() and word.isdigit() for word in words):
            raise forms.ValidationError(_("Write the months as numbers, such as 11, 12."))
        return [int(word) for word in words]


class OtherChangeForm(forms.Form):
    group = forms.ChoiceField(label=gettext_lazy("Whom does it reach?"))
    title = forms.CharField(label=gettext_lazy("What changes?"), max_length=200)
    hours_per_person = forms.FloatField(
        label=gettext_lazy("How many hours does it take one person, all in all?"),
        min_value=0.1,
        max_value=10_000,
    )
    starts_on = forms.DateField(
        label=gettext_lazy("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    ends_on = forms.DateField(
        label=gettext_lazy("Until"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("The hours spread evenly over these months."),
    )

    def __init__(self, *args: Any, groups: list[PeopleGroup], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["group"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 — declared above
        field.choices = [(group.code, group.name) for group in groups]


@require_GET
def change_load(request: HttpRequest) -> HttpResponse:
    by = reader_of(request)
    today = clock.now().date()
    asked = Asked()
    table = load_rows(asked)
    ahead = [row for row in table if row["month"] >= month_of(today)]
    pressing = [row for row in ahead if row["share"] is not None and row["share"] >= HIGH]
    names = {row["group"]: row["name"] for row in table}
    page = page_of(request, sorted(pressing, key=lambda row: -row["share"]), AT_ONCE)
    shown = causes(by, asked, [(row["group"], row["month"]) for row in page])
    moves = moves_that_help(by, asked, today, heaviest(ahead))
    context = {
        "crumbs": crumbs_to(),
        "heat": heat_of(table, today),
        "unclear": _several_names(table),
        "pressing": [(row, shown[row["group"], row["month"]]) for row in page],
        "page": paging(page),
        "moves": [_told(move, names) for move in moves],
        "groups": registered_groups(),
        "other_changes": _others_ahead(),
        "may_edit": may(by, Action.PORTFOLIO_EDIT),
    }
    return render(request, "portfolio/change_load.html", context)


@require_GET
def load_of_month(request: HttpRequest, code: str, month: str) -> HttpResponse:
    """Everybody who asks something of one group in one month, the most first."""
    by = reader_of(request)
    try:
        place = code, dt.date.fromisoformat(f"{month}-01")
    except ValueError as error:
        raise NotFound(f"“{month}” is no month.", code="month_not_found") from error
    asked = Asked(groups=[code])
    row = next((row for row in load_rows(asked) if (row["group"], row["month"]) == place), None)
    if row is None:
        raise NotFound(f"Nothing is asked of “{code}” in that month.", code="load_not_found")
    page = page_of(request, contributors(by, asked, place))
    context = {
        "crumbs": crumbs_to((_("Change load"), CHANGE_LOAD)),
        "row": row,
        "unclear": _several_names([row]),
        "may_edit": may(by, Action.PORTFOLIO_EDIT),
        "causes": causes(by, asked, [place])[place],
        "asking": [(key, title, millionths / MILLION) for key, title, millionths in page],
        "page": paging(page),
    }
    return render(request, "portfolio/load_of_month.html", context)


def _several_names(table: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Codes that initiatives use for groups of different names and that nobody has registered, with those names."""
    found = {row["group"]: row["called"] for row in table if len(row["called"]) > 1}
    return [(code, _named(names)) for code, names in found.items()]


def _named(names: list[str]) -> str:
    shown, more = names[:MOST_NAMED], len(names) - MOST_NAMED
    if more > 0:
        shown = [*shown, ngettext("%(n)s more", "%(n)s more", more) % {"n": more}]
    return ", ".join(shown)


def _others_ahead() -> list[OtherChange]:
    return list(OtherChange.objects.filter(withdrawn_at=None, ends_on__gte=clock.now().date()))


def _told(move: Any, names: dict[str, str]) -> dict[str, Any]:
    return {
        "group": names.get(move.group, move.group),
        "initiative": move.initiative,
        "months": move.months_later,
        "before": round(move.before * 100),
        "after": round(move.after * 100),
    }


@require_http_methods(["GET", "POST"])
def group(request: HttpRequest, code: str = "") -> HttpResponse:
    """Add a group of people, or say anew how large it is and what it can absorb."""
    by = actor_of(request)
    require(by, Action.PORTFOLIO_EDIT)
    known = next((row for row in registered_groups() if row.code == code), None)
    if code and known is None:
        raise NotFound(f"There is no group “{code}” in the register.", code="group_not_found")
    form = GroupForm(request.POST or None, initial=_typed(known) or {"code": request.GET.get("code", "")})
    if known is not None:
        del form.fields["code"]
    if form.is_valid():
        try:
            record_group(by=by, **{"code": code, **form.cleaned_data})
        except Invalid as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect(CHANGE_LOAD)
    title = _("Change %(name)s") % {"name": known.name} if known else _("Register a group of people")
    context = {
        "crumbs": crumbs_to((_("Change load"), CHANGE_LOAD)),
        "title": title,
        "form": form,
        "cancel": CHANGE_LOAD,
    }
    return render(request, "portfolio/form.html", context, status=422 if form.errors else 200)


def _typed(known: PeopleGroup | None) -> dict[str, Any]:
    if known is None:
        return {}
    months = ", ".join(str(month) for month in known.peak_months)
    names = ("name", "headcount", "capacity_hours", "peak_share")
    return {**{name: getattr(known, name) for name in names}, "peak_months": months}


@require_http_methods(["GET", "POST"])
def add_other_change(request: HttpRequest) -> HttpResponse:
    """People do not only have AI projects: what else asks of a registered group."""
    by = actor_of(request)
    require(by, Action.PORTFOLIO_EDIT)
    groups = registered_groups()
    if not groups:
        return _no_group_yet(request)
    form = OtherChangeForm(request.POST or None, groups=groups)
    if form.is_valid():
        try:
            record_other_change(by=by, **form.cleaned_data)
        except Invalid as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect(CHANGE_LOAD)
    crumbs = crumbs_to((_("Change load"), CHANGE_LOAD))
    context = {"crumbs": crumbs, "title": _("Add change from elsewhere"), "form": form, "cancel": CHANGE_LOAD}
    return render(request, "portfolio/form.html", context, status=422 if form.errors else 200)


def _no_group_yet(request: HttpRequest) -> HttpResponse:
    context = {
        "crumbs": crumbs_to((_("Change load"), CHANGE_LOAD)),
        "title": _("Add change from elsewhere"),
        "sentence": _("Register the group first that this change reaches: no group is registered yet."),
        "href": reverse("portfolio:add-group"),
        "action": _("Register a group"),
    }
    return render(request, "portfolio/nothing_yet.html", context, status=422 if request.POST else 200)


@require_POST
def withdraw_change(request: HttpRequest, pk: int) -> HttpResponse:
    by = actor_of(request)
    require(by, Action.PORTFOLIO_EDIT)
    found = OtherChange.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such change.", code="other_change_not_found")
    withdraw_other_change(by=by, change=found)
    messages.success(request, _("%(title)s is withdrawn.") % {"title": found.title})
    return redirect(CHANGE_LOAD)
