"""The dependency map: who waits for what, drawn, and beside it what each decision would free."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from alignment_portal import clock
from alignment_portal.accounts.permissions import Action, may
from alignment_portal.http.drawing.waits import Stop, waits_svg
from portfolio.models import DependencyState, Funding
from portfolio.selectors.unblocking import ORDERS, Awaited, Waits, waits_of
from portfolio.web.register import DEPENDENCIES, crumbs_to, reader_of

MOST_AWAITED, MOST_WAITING = 12, 30
STATES, FUNDINGS = dict(DependencyState.choices), dict(Funding.choices)


@require_GET
def dependency_map(request: HttpRequest) -> HttpResponse:
    by = reader_of(request)
    asked = request.GET.get("by", "")
    order = asked if asked in ORDERS else ORDERS[0]
    waits = waits_of(by, by=order)
    drawn = [row for row in waits.rows if not row.settled and row.waiting][:MOST_AWAITED]
    context = {
        "crumbs": crumbs_to((_("Shared dependencies"), DEPENDENCIES)),
        "rows": waits.rows,
        "order": order,
        "currency": waits.currency,
        "title": _title(waits),
        "drawing": _drawing(waits, drawn) if drawn else "",
        "needs": [(row.title, _lacks(row), ", ".join(row.waiting)) for row in drawn],
        "head": [_("Shared dependency"), _("It lacks"), _("Waiting")],
        "undrawn": _undrawn(waits, drawn),
        "today": clock.now().date(),
        "may_edit": may(by, Action.PORTFOLIO_EDIT),
    }
    return render(request, "portfolio/map.html", context)


def _title(waits: Waits) -> str:
    still = [row for row in waits.rows if row.waiting and not row.settled]
    if not still:
        return _("No initiative waits for a shared dependency.")
    lacking = sum(row.lacking > 0 for row in still)
    waiting = len({key for row in still for key in row.waiting})
    head = ngettext(
        "%(count)s initiative waits for something shared",
        "%(count)s initiatives wait for something shared",
        waiting,
    ) % {"count": waiting}
    if not lacking:
        return _("%(head)s; all of it is owned and funded.") % {"head": head}
    tail = ngettext(
        "%(count)s dependency lacks an owner or money.",
        "%(count)s dependencies lack an owner or money.",
        lacking,
    ) % {"count": lacking}
    return f"{head}; {tail}"


def _lacks(row: Awaited) -> str:
    if not row.registered:
        return _("Not in the register")
    found = [_("nobody owns it")] if row.unowned else []
    found += [str(FUNDINGS[row.funding])] if row.unfunded else []
    return ", ".join(found).capitalize() if found else _("Nothing")


def _shown(waits: Waits, drawn: list[Awaited]) -> list[str]:
    """Those that wait for most first, as many as fit."""
    counts: dict[str, int] = {}
    for row in drawn:
        for key in row.waiting:
            counts[key] = counts.get(key, 0) + 1
    return sorted(counts, key=lambda key: (-counts[key], key))[:MOST_WAITING]


def _undrawn(waits: Waits, drawn: list[Awaited]) -> int:
    every = {key for row in waits.rows if not row.settled for key in row.waiting}
    return len(every) - len(_shown(waits, drawn))


def _drawing(waits: Waits, drawn: list[Awaited]) -> str:
    shown = _shown(waits, drawn)
    return waits_svg(
        [_awaited(row) for row in drawn],
        [
            Stop(key, waits.initiatives[key].title, key, reverse("initiatives:overview", args=[key]))
            for key in shown
        ],
        [(f"dependency {row.code}", key) for row in drawn for key in row.waiting if key in shown],
        heads=(_("Waited for"), _("Waiting")),
        alternative=_title(waits),
    )


def _awaited(row: Awaited) -> Stop:
    note = _lacks(row) if row.lacking or not row.registered else f"{row.owner_name}, {STATES[row.state]}"
    href = reverse("portfolio:dependency", args=[row.code]) if row.registered else ""
    return Stop(f"dependency {row.code}", row.title, note, href, broken=row.lacking > 0)
