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
from portfolio.selectors.unblocking import ORDERS, Awaited, Drawn, Waits, drawn_of, waits_of
from portfolio.web.register import DEPENDENCIES, crumbs_to, reader_of

MOST_AWAITED, MOST_WAITING = 12, 30
STATES, FUNDINGS = dict(DependencyState.choices), dict(Funding.choices)


@require_GET
def dependency_map(request: HttpRequest) -> HttpResponse:
    by = reader_of(request)
    asked = request.GET.get("by", "")
    order = asked if asked in ORDERS else ORDERS[0]
    waits = waits_of(by, by=order, named=False)
    awaited = [row for row in waits.rows if not row.settled and row.count][:MOST_AWAITED]
    drawn = drawn_of(by, waits, awaited=[row.code for row in awaited], most=MOST_WAITING)
    context = {
        "crumbs": crumbs_to((_("Shared dependencies"), DEPENDENCIES)),
        "rows": waits.rows,
        "order": order,
        "currency": waits.currency,
        "title": _title(waits, drawn),
        "drawing": _drawing(waits, awaited, drawn) if awaited else "",
        "needs": [(row.title, _lacks(row), _waiting(row, drawn)) for row in awaited],
        "head": [_("Shared dependency"), _("It lacks"), _("Waiting")],
        "undrawn": drawn.waiting - len(drawn.waiters),
        "today": clock.now().date(),
        "may_edit": may(by, Action.PORTFOLIO_EDIT),
    }
    return render(request, "portfolio/map.html", context)


def _waiting(row: Awaited, drawn: Drawn) -> str:
    """Those that are drawn, by key, and how many more there are."""
    keys = sorted(key for key, codes in drawn.codes.items() if row.code in codes)
    more = row.count - len(keys)
    if not more:
        return ", ".join(keys)
    return _("%(keys)s and %(more)s more") % {"keys": ", ".join(keys), "more": more}


def _title(waits: Waits, drawn: Drawn) -> str:
    still = [row for row in waits.rows if row.count and not row.settled]
    if not still:
        return _("No initiative waits for a shared dependency.")
    lacking = sum(row.lacking > 0 for row in still)
    head = ngettext(
        "%(count)s initiative waits for something shared",
        "%(count)s initiatives wait for something shared",
        drawn.waiting,
    ) % {"count": drawn.waiting}
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


def _drawing(waits: Waits, awaited: list[Awaited], drawn: Drawn) -> str:
    return waits_svg(
        [_awaited(row) for row in awaited],
        [
            Stop(one.key, one.title, one.key, reverse("initiatives:overview", args=[one.key]))
            for one in drawn.waiters
        ],
        [
            (f"dependency {row.code}", key)
            for row in awaited
            for key, codes in sorted(drawn.codes.items())
            if row.code in codes
        ],
        heads=(_("Waited for"), _("Waiting")),
        alternative=_title(waits, drawn),
    )


def _awaited(row: Awaited) -> Stop:
    note = _lacks(row) if row.lacking or not row.registered else f"{row.owner_name}, {STATES[row.state]}"
    href = reverse("portfolio:dependency", args=[row.code]) if row.registered else ""
    return Stop(f"dependency {row.code}", row.title, note, href, broken=row.lacking > 0)
