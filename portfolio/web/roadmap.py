"""The roadmap: three horizons by quarter, what each initiative waits for; moving one asks a what-if and changes no fact."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from alignment_portal import clock
from alignment_portal.accounts.permissions import Action, may, require
from alignment_portal.http.requests import actor_of
from alignment_portal.refusals import Invalid
from initiatives.models import Initiative
from portfolio.models import JobState, Simulation
from portfolio.selectors.roadmap import Planned, Quarter, Standing, cards_of, quarters_from, standing_of
from portfolio.services.simulating import request_simulation
from portfolio.web.counting import list_url
from portfolio.web.register import crumbs_to, reader_of
from portfolio.web.whatif import found_simulation

ROADMAP = "/portfolio/roadmap/"
QUARTERS = 6
MOST_CARDS = 12  # of one horizon in one quarter; the list has the rest
MOST_OFFERED = 20
HORIZONS = (
    ("H1", gettext_lazy("Prove"), gettext_lazy("limited scope")),
    ("H2", gettext_lazy("Extend"), gettext_lazy("more coverage")),
    ("H3", gettext_lazy("Scale"), gettext_lazy("full scale")),
)


class MoveForm(forms.Form):
    initiative = forms.CharField(max_length=20)
    quarter = forms.RegexField(r"^\d{4}-Q[1-4]\Z")
    scenario = forms.CharField(max_length=20, required=False)


@dataclass(frozen=True)
class Place:
    """The cards of one horizon in one quarter; `more` are counted and not shown."""

    name: str
    code: str
    cards: tuple[Planned, ...]
    more: int


@dataclass(frozen=True)
class Lane:
    code: str
    name: str
    scope: str
    places: tuple[Place, ...]
    count: int
    url: str


def _lanes(standing: Standing, quarters: list[Quarter], cards: Mapping[str, Planned]) -> list[Lane]:
    lanes = []
    for code, name, scope in HORIZONS:
        count, places = 0, []
        for place, (title, quarter) in enumerate(_names(quarters)):
            ours = standing.counts.get((code, place), 0)
            count += ours
            if quarter or ours:
                shown = tuple(cards[one.key] for one in standing.first.get((code, place), ()))
                places.append(Place(title, quarter, shown, max(0, ours - len(shown))))
        lanes.append(Lane(code, str(name), str(scope), tuple(places), count, list_url(horizon=code)))
    return lanes


def _names(quarters: list[Quarter]) -> list[tuple[str, str]]:
    """Name and code of each place of a lane, in the order of their numbers.

    What has no date stands beside what is past, and not at the far end, where a narrow window would hide it.
    """
    coming = [(str(quarter), quarter.code) for quarter in quarters]
    return [(_("Before"), ""), (_("No date"), ""), *coming, (_("Later"), "")]


@require_GET
def roadmap(request: HttpRequest) -> HttpResponse:
    """By planned launch as the dossiers have it, or as one what-if would."""
    by = reader_of(request)
    ref = request.GET.get("scenario", "")
    scenario = found_simulation(ref) if ref else None
    quarters = quarters_from(clock.now().date(), QUARTERS)
    standing = standing_of(by, quarters, MOST_CARDS, scenario)
    cards = {card.key: card for card in cards_of(standing.shown, scenario)}
    offered = Simulation.objects.exclude(state__in=[JobState.FAILED, JobState.CANCELLED])
    context = {
        "crumbs": crumbs_to(),
        "lanes": _lanes(standing, quarters, cards),
        "any": bool(standing.counts),
        "quarters": [(quarter.code, str(quarter)) for quarter in quarters],
        "scenario": scenario,
        "scenarios": offered.only("ref", "title")[:MOST_OFFERED],
        "moved": [card for card in cards.values() if card.moved],
        "may_run": may(by, Action.SCENARIO_RUN),
    }
    return render(request, "portfolio/roadmap.html", context)


@require_POST
def move(request: HttpRequest) -> HttpResponse:
    """Ask what moving one launch would do: a new what-if on top of the one that is shown. No fact changes."""
    by = actor_of(request)
    require(by, Action.SCENARIO_RUN)
    form = MoveForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose an initiative and a quarter."))
        return redirect(ROADMAP)
    key, given = form.cleaned_data["initiative"], form.cleaned_data
    base = found_simulation(given["scenario"]) if given["scenario"] else None
    back = f"{ROADMAP}?scenario={base.ref}" if base else ROADMAP
    if not Initiative.objects.visible_to(by).filter(key=key).exists():
        messages.error(request, _("There is no initiative %(key)s that you may see.") % {"key": key})
        return redirect(back)
    year, _q, number = given["quarter"].partition("-Q")
    quarter = Quarter(int(year), int(number))
    try:
        row = request_simulation(
            by=by,
            title=_title(base, key, quarter),
            levers=_levers(base, key, quarter),
            runs=base.runs if base else 1000,
            seed=base.seed if base else 1,
        )
    except Invalid as refusal:
        messages.error(request, refusal.sentence)
        return redirect(back)
    messages.success(
        request,
        _("%(ref)s asks what it would be like with %(key)s in %(quarter)s. No plan was changed.")
        % {"ref": row.ref, "key": key, "quarter": quarter},
    )
    return redirect(f"{ROADMAP}?scenario={row.ref}")


def _title(base: Simulation | None, key: str, quarter: Quarter) -> str:
    words = {"key": key, "quarter": quarter}
    if base is None:
        return _("%(key)s launched in %(quarter)s") % words
    return _("As %(ref)s, and %(key)s launched in %(quarter)s") % {**words, "ref": base.ref}


def _levers(base: Simulation | None, key: str, quarter: Quarter) -> Mapping[str, Any]:
    """Those of the scenario that is shown, with this one launch moved."""
    levers: dict[str, Any] = dict(base.levers) if base else {"rule": "register"}
    levers["launch"] = {**levers.get("launch", {}), key: quarter.begins_on.isoformat()}
    levers["move"] = {name: day for name, day in levers.get("move", {}).items() if name != key}
    return levers
