"""A bottleneck with its queue, and each piece of work in it: start, block, finish, put back, except from the cap."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from alignment_portal import clock
from alignment_portal.accounts.permissions import Action, may, require, who_may
from alignment_portal.http.drawing.flows import Layer, cumulative_flow_svg
from alignment_portal.http.forms import add_refusal
from alignment_portal.http.requests import actor_of
from alignment_portal.refusals import Conflict, Invalid, NotFound, Refusal
from portfolio.models import WorkItem, WorkState
from portfolio.selectors import register
from portfolio.selectors.flow import Flow, capacity_days, flow_of, open_work, visible_work
from portfolio.services.closures import keep_closure, remove_closure
from portfolio.services.work import NEXT, except_from_cap, move_work
from portfolio.web.paging import page_of, paging
from portfolio.web.register import BOTTLENECKS, crumbs_to, found_bottleneck, reader_of
from portfolio.web.versions import bottleneck_changes

NEXT_DAYS = 30
QUEUE_SHOWN = 25


class MoveForm(forms.Form):
    to = forms.ChoiceField(label=gettext_lazy("What happens to it?"))
    reason = forms.CharField(
        label=gettext_lazy("Why?"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Needed when it is blocked or goes back into the queue."),
    )

    def __init__(self, *args: Any, state: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = {
            "started": _("Go on with it") if state == WorkState.BLOCKED else _("Start it"),
            "blocked": _("It is blocked"),
            "done": _("It is done"),
            "queued": _("Back into the queue"),
        }
        field = self.fields["to"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 — declared above
        field.choices = [(to, words[to]) for to in words if to in NEXT[WorkState(state)]]


class ExceptionForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why may this go before the rest?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    until = forms.DateField(
        label=gettext_lazy("Until when?"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("At most 90 days. After it the work counts against the cap again."),
    )


class ClosureForm(forms.Form):
    starts_on = forms.DateField(
        label=gettext_lazy("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    ends_on = forms.DateField(
        label=gettext_lazy("Until, that day included"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    reason = forms.CharField(label=gettext_lazy("Why is nobody there?"), max_length=200)


@require_GET
def bottleneck(request: HttpRequest, code: str) -> HttpResponse:
    """One function: what is in flight, what waits, how it flows, and how its cap came to be."""
    by = reader_of(request)
    found = found_bottleneck(code)
    in_flight, queue = open_work(by, found)
    begun, page = list(in_flight), page_of(request, queue, QUEUE_SHOWN)
    row = register.bottleneck_row(found)
    flow = flow_of(found, clock.now())
    today = clock.now().date()
    context = {
        "crumbs": crumbs_to((_("Bottlenecks"), BOTTLENECKS)),
        "row": row,
        "in_flight": begun,
        "queue": list(page.object_list),
        "page": paging(page),
        "unseen": row["open"] - len(begun) - page.paginator.count,
        "flow": flow,
        "flow_title": _flow_title(row["title"], flow),
        "flow_drawing": _flow_drawing(row["title"], flow),
        "flow_rows": [
            (date_format(week.ends_on, "j M Y"), week.queued, week.started, week.done) for week in flow.weeks
        ],
        "flow_head": (_("Week to"), _("Queued"), _("Begun"), _("Done")),
        "capacity": capacity_days(found, today, today + dt.timedelta(days=NEXT_DAYS)),
        "asked": sum(item.days_likely for item in begun)
        + (queue.aggregate(days=Sum("days_likely"))["days"] or 0.0),
        "closures": found.closures.filter(ends_on__gte=today),
        "today": today,
        "changes": bottleneck_changes(found),
        "may_edit": may(by, Action.PORTFOLIO_EDIT),
        "may_move": may(by, Action.WORK_MOVE),
        "who_may_move": who_may(Action.WORK_MOVE),
    }
    return render(request, "portfolio/bottleneck.html", context)


def _flow_title(title: str, flow: Flow) -> str:
    if not flow.done:
        return _("%(title)s has finished nothing in the last 26 weeks.") % {"title": title}
    return _(
        "%(title)s finished %(done)s in 26 weeks; half of them took at most %(days)s days from queue to done."
    ) % {
        "title": title,
        "done": flow.done,
        "days": f"{flow.lead_days:.0f}",
    }


def _flow_drawing(title: str, flow: Flow) -> str:
    layers = [
        Layer(_("queued"), [week.queued for week in flow.weeks]),
        Layer(_("begun"), [week.started for week in flow.weeks]),
        Layer(_("done"), [week.done for week in flow.weeks]),
    ]
    names = [date_format(week.ends_on, "j M") for week in flow.weeks]
    return cumulative_flow_svg(names, layers, title=_flow_title(title, flow))


def _item(request: HttpRequest, pk: int) -> WorkItem:
    by = reader_of(request)
    found = visible_work(by).filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such piece of work that you may see.", code="work_not_found")
    return found


def _back(item: WorkItem) -> str:
    return f"{BOTTLENECKS}{item.bottleneck.code}/"


@require_http_methods(["GET", "POST"])
def work(request: HttpRequest, pk: int) -> HttpResponse:
    """One piece of work: what happened to it, and what may happen next."""
    item, by = _item(request, pk), actor_of(request)
    form = MoveForm(request.POST or None, state=item.state)
    if request.method == "POST":
        require(by, Action.WORK_MOVE)
        if form.is_valid():
            try:
                move_work(by=by, item=item, to=form.cleaned_data["to"], reason=form.cleaned_data["reason"])
            except (Invalid, Conflict) as refusal:
                add_refusal(form, refusal)
            else:
                messages.success(request, _("Saved."))
                return redirect(_back(item))
    context = {
        "crumbs": crumbs_to((_("Bottlenecks"), BOTTLENECKS), (item.bottleneck.title, _back(item))),
        "item": item,
        "form": form,
        "cancel": _back(item),
        "moves": item.moves.select_related("by").order_by("-number"),
        "may_move": may(by, Action.WORK_MOVE) and bool(NEXT[WorkState(item.state)]),
        "may_except": may(by, Action.CAP_EXCEPT) and (item.is_in_flight or item.state == WorkState.QUEUED),
    }
    return render(request, "portfolio/work.html", context, status=422 if form.errors else 200)


@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """The button in the queue; a full function answers in words where the button was pressed."""
    item, by = _item(request, pk), actor_of(request)
    require(by, Action.WORK_MOVE)
    try:
        move_work(by=by, item=item, to=WorkState.STARTED)
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, _("%(title)s is begun.") % {"title": item.initiative.title})
    return redirect(_back(item))


@require_http_methods(["GET", "POST"])
def exception(request: HttpRequest, pk: int) -> HttpResponse:
    """An executive lets one piece of work go above the cap."""
    item, by = _item(request, pk), actor_of(request)
    require(by, Action.CAP_EXCEPT)
    form = ExceptionForm(request.POST or None)
    if form.is_valid():
        try:
            except_from_cap(by=by, item=item, **form.cleaned_data)
        except (Invalid, Conflict) as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("It may go above the cap, and everybody sees why and until when."))
            return redirect(_back(item))
    title = _("Let %(title)s go above the cap of %(pool)s") % {
        "title": item.initiative.title,
        "pool": item.bottleneck.title,
    }
    crumbs = crumbs_to((_("Bottlenecks"), BOTTLENECKS), (item.bottleneck.title, _back(item)))
    context = {"crumbs": crumbs, "title": title, "form": form, "cancel": _back(item)}
    return render(request, "portfolio/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def closures(request: HttpRequest, code: str) -> HttpResponse:
    """Days on which nobody of a function works: the calendar that capacity and what-if count with."""
    by = actor_of(request)
    require(by, Action.PORTFOLIO_EDIT)
    found = found_bottleneck(code)
    form = ClosureForm(request.POST or None)
    if form.is_valid():
        try:
            keep_closure(by=by, bottleneck=found, **form.cleaned_data)
        except (Invalid, Conflict) as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect(f"{BOTTLENECKS}{code}/")
    crumbs = crumbs_to((_("Bottlenecks"), BOTTLENECKS), (found.title, f"{BOTTLENECKS}{code}/"))
    title = _("When is %(title)s closed?") % {"title": found.title}
    context = {"crumbs": crumbs, "title": title, "form": form, "cancel": f"{BOTTLENECKS}{code}/"}
    return render(request, "portfolio/form.html", context, status=422 if form.errors else 200)


@require_POST
def drop_closure(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    by = actor_of(request)
    require(by, Action.PORTFOLIO_EDIT)
    remove_closure(by=by, bottleneck=found_bottleneck(code), closure=pk)
    return redirect(f"{BOTTLENECKS}{code}/")
