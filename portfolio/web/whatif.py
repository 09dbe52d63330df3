"""What if we began less, added people, funded a dependency, changed the order, or dropped something?"""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action, may, require
from alignment_portal.http.forms import add_refusal
from alignment_portal.http.requests import actor_of
from alignment_portal.refusals import Conflict, Invalid, NotFound, Refusal
from initiatives.models import Initiative
from portfolio.models import Simulation
from portfolio.selectors.scenarios import Side, with_choice
from portfolio.selectors.whatif import on_the_way, registers_now
from portfolio.services.choosing import choose_scenario
from portfolio.services.simulating import cancel_simulation, request_simulation
from portfolio.web.outcome import outcome_of
from portfolio.web.register import crumbs_to, reader_of

WHAT_IF = "/portfolio/what-if/"
MOST_COMPARED = 4
SHOWN = 50


class ScenarioForm(forms.Form):
    """The levers, each as plain people would pull it; the service judges them."""

    title = forms.CharField(label=gettext_lazy("What do you want to know?"), max_length=200)
    rule = forms.ChoiceField(
        label=gettext_lazy("How is work begun?"),
        choices=[
            ("capped", gettext_lazy("At most so many initiatives at once, each person on one thing")),
            ("start_all", gettext_lazy("Everything at once, people share themselves")),
            ("register", gettext_lazy("Each function takes in what its cap allows")),
        ],
    )
    cap = forms.IntegerField(
        label=gettext_lazy("How many initiatives at once?"),
        required=False,
        min_value=1,
        max_value=1000,
        initial=4,
    )
    skip_blocked = forms.BooleanField(
        label=gettext_lazy("Give no place to an initiative that could only wait"), required=False
    )
    own = forms.MultipleChoiceField(
        label=gettext_lazy("Name an owner for"), required=False, widget=forms.CheckboxSelectMultiple
    )
    fund = forms.MultipleChoiceField(
        label=gettext_lazy("Fund now"), required=False, widget=forms.CheckboxSelectMultiple
    )
    drop = forms.MultipleChoiceField(
        label=gettext_lazy("Drop"), required=False, widget=forms.CheckboxSelectMultiple
    )
    order = forms.CharField(
        label=gettext_lazy("Which go first?"),
        required=False,
        max_length=4000,
        help_text=gettext_lazy(
            "Keys in order, such as AI-0003, AI-0001. The rest follow by cost of delay over duration."
        ),
    )
    move = forms.CharField(
        label=gettext_lazy("What begins later?"),
        required=False,
        max_length=4000,
        help_text=gettext_lazy("One a line: the key and the first day, such as AI-0003 2027-01-04."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    runs = forms.IntegerField(
        label=gettext_lazy("How many runs?"), min_value=1, max_value=10_000, initial=1000,
        help_text=gettext_lazy("More runs, steadier ranges. 1,000 is plenty."),
    )  # fmt: skip
    seed = forms.IntegerField(
        label=gettext_lazy("Seed of chance"), min_value=0, max_value=2**31 - 1, initial=1,
        help_text=gettext_lazy("The same seed meets the same luck, so that scenarios can be compared."),
    )  # fmt: skip

    def __init__(
        self,
        *args: Any,
        registers: Mapping[str, Mapping[str, Any]],
        initiatives: Iterable[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        dependencies = registers["dependencies"]
        self._choose("own", [(code, row["title"]) for code, row in dependencies.items() if not row["owned"]])
        self._choose(
            "fund", [(code, row["title"]) for code, row in dependencies.items() if not row["funded"]]
        )
        self._choose("drop", [(key, f"{key} {title}") for key, title in initiatives])
        for code, row in registers["functions"].items():
            self.fields[f"people-{code}"] = forms.IntegerField(
                label=_("More people for %(title)s") % {"title": row["title"]},
                required=False, min_value=0, max_value=1000,
            )  # fmt: skip

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 — declared above
        field.choices = choices
        if not choices:
            del self.fields[name]

    def levers(self) -> dict[str, Any]:
        given = self.cleaned_data
        people = {
            name.removeprefix("people-"): more
            for name, more in given.items()
            if name.startswith("people-") and more
        }
        return {
            "rule": given["rule"],
            "cap": given["cap"] if given["rule"] == "capped" else None,
            "skip_blocked": given["skip_blocked"],
            "own": given.get("own", []),
            "fund": given.get("fund", []),
            "drop": given.get("drop", []),
            "order": given["order"].replace(",", " ").split(),
            "move": _moves(given["move"]),
            "people": people,
        }


def _moves(text: str) -> dict[str, str]:
    moves = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        key, _space, day = line.partition(" ")
        try:
            moves[key] = dt.date.fromisoformat(day.strip()).isoformat()
        except ValueError as error:
            sentence = _("“%(line)s” is not a key and a day such as AI-0003 2027-01-04.") % {"line": line}
            raise Invalid(sentence, pointer="/move", code="invalid") from error
    return moves


def _visible(by: Actor) -> set[str]:
    return set(Initiative.objects.visible_to(by).values_list("key", flat=True))


def found_simulation(ref: str) -> Simulation:
    found = with_choice(Simulation.objects.select_related("requested_by")).filter(ref=ref).first()
    if found is None:
        raise NotFound(f"There is no what-if {ref}.", code="simulation_not_found")
    return found


@require_GET
def what_ifs(request: HttpRequest) -> HttpResponse:
    """Every scenario that was asked, the newest first; some of them chosen for comparing."""
    by = reader_of(request)
    rows = with_choice(Simulation.objects.select_related("requested_by").defer("facts", "result"))[:SHOWN]
    context = {"crumbs": crumbs_to(), "simulations": rows, "may_run": may(by, Action.SCENARIO_RUN)}
    return render(request, "portfolio/what_ifs.html", context)


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The levers of a new scenario; an address may set some of them beforehand."""
    by = actor_of(request)
    require(by, Action.SCENARIO_RUN)
    droppable = on_the_way().visible_to(by).order_by("key").values_list("key", "title")[:SHOWN]
    known = {name: request.GET[name] for name in ("title", "move", "order") if name in request.GET}
    form = ScenarioForm(request.POST or None, registers=registers_now(), initiatives=droppable, initial=known)
    if form.is_valid():
        try:
            given = form.cleaned_data
            row = request_simulation(
                by=by, title=given["title"], levers=form.levers(), runs=given["runs"], seed=given["seed"]
            )
        except Invalid as refusal:
            add_refusal(form, refusal)
        else:
            return redirect(f"{WHAT_IF}{row.ref}/")
    context = {
        "crumbs": crumbs_to((_("What if"), WHAT_IF)),
        "title": _("Ask a what-if"),
        "form": form,
        "cancel": WHAT_IF,
    }
    return render(request, "portfolio/ask.html", context, status=422 if form.errors else 200)


@require_GET
def what_if(request: HttpRequest, ref: str) -> HttpResponse:
    """One scenario beside starting everything today: dates, cost of delay, where work waits, what to invest in."""
    by = reader_of(request)
    row = found_simulation(ref)
    context = {
        "crumbs": crumbs_to((_("What if"), WHAT_IF)),
        "row": row,
        "outcome": outcome_of(row, _visible(by)) if row.result else None,
        "may_run": may(by, Action.SCENARIO_RUN),
        "may_choose": may(by, Action.PORTFOLIO_EDIT),
    }
    return render(request, "portfolio/what_if.html", context)


@require_GET
def compare(request: HttpRequest) -> HttpResponse:
    """Scenarios side by side."""
    reader_of(request)
    refs = list(dict.fromkeys(request.GET.getlist("ref")))[:MOST_COMPARED]
    found = {row.ref: row for row in Simulation.objects.filter(ref__in=refs, state="done")}
    sides = [Side.of(found[ref]) for ref in refs if ref in found]
    context = {"crumbs": crumbs_to((_("What if"), WHAT_IF)), "sides": sides, "most": MOST_COMPARED}
    return render(request, "portfolio/compare.html", context)


@require_POST
def choose(request: HttpRequest, ref: str) -> HttpResponse:
    """Show it in the paper of the portfolio, or leave it out again."""
    by = actor_of(request)
    require(by, Action.PORTFOLIO_EDIT)
    shown = request.POST.get("shown") == "yes"
    try:
        choose_scenario(by=by, simulation=found_simulation(ref), shown=shown)
    except Conflict as refusal:
        messages.error(request, refusal.sentence)
    else:
        words = (
            _("The next portfolio pack shows it.") if shown else _("The next portfolio pack leaves it out.")
        )
        messages.success(request, words)
    return redirect(f"{WHAT_IF}{ref}/")


@require_POST
def cancel(request: HttpRequest, ref: str) -> HttpResponse:
    by = actor_of(request)
    require(by, Action.SCENARIO_RUN)
    try:
        cancel_simulation(by=by, simulation=found_simulation(ref))
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    return redirect(f"{WHAT_IF}{ref}/")
