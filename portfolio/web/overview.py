"""The portfolio on one page: what may scale, what is blocked, what everybody waits for, who absorbs the change."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from alignment_portal import clock
from alignment_portal.accounts.permissions import Action, may, require
from alignment_portal.http.drawing.grids import Bar, bars_svg
from alignment_portal.http.requests import actor_of
from portfolio.selectors.causes import load_rows
from portfolio.selectors.change_load import Asked
from portfolio.selectors.register import bottleneck_table, dependency_rows
from portfolio.web.counting import LONGEST_LIST, Tally, blocked, learning, list_url, tally
from portfolio.web.ranking import ranked
from portfolio.web.saturation_chart import heat_of
from reviews.selectors.promises import kept_by_function, overdue_commitments


@require_GET
def portfolio(request: HttpRequest) -> HttpResponse:
    by = actor_of(request)
    require(by, Action.PORTFOLIO_READ)
    counted = tally(by)
    queues = bottleneck_table()
    waiting, learners = blocked(by), learning(by)
    dependencies = [row for row in ranked(dependency_rows(by)) if not row["settled"]]
    context = {
        "tally": counted,
        "answer": _answer(counted),
        "blocked": waiting[:LONGEST_LIST],
        "more_blocked": list_url("blocked") if len(waiting) > LONGEST_LIST else "",
        "queues": queues,
        "queue_title": _queue_title(queues),
        "queue_drawing": bars_svg(
            [Bar(row["title"], row["in_flight"], row["cap"]) for row in queues], title=_queue_title(queues)
        ),
        "queue_rows": [(row["title"], row["in_flight"], row["cap"]) for row in queues],
        "dependencies": dependencies[:LONGEST_LIST],
        "all_dependencies": len(dependencies) > LONGEST_LIST,
        "heat": heat_of(load_rows(Asked()), clock.now().date()),
        "learning": learners[:LONGEST_LIST],
        "more_learning": list_url("learning_only") if len(learners) > LONGEST_LIST else "",
        "today": clock.now().date(),
        "may_edit": may(by, Action.PORTFOLIO_EDIT),
        "overdue": overdue_commitments(by),
        "kept": kept_by_function(by),
    }
    return render(request, "portfolio/portfolio.html", context)


def _answer(counted: Tally) -> str:
    """The whole portfolio in a sentence."""
    total = counted.total.count
    words: dict[str, Any] = {
        "total": total,
        "ready": counted.of("scale_ready"),
        "blocked": counted.of("blocked"),
    }
    head = (
        ngettext(
            "%(ready)s of %(total)s initiative may scale",
            "%(ready)s of %(total)s initiatives may scale",
            total,
        )
        % words
    )
    tail = (
        ngettext("%(blocked)s is blocked.", "%(blocked)s are blocked.", counted.of("blocked")) % words
        if counted.of("blocked")
        else _("none is blocked.")
    )
    return f"{head}; {tail}"


def _queue_title(queues: list[dict[str, Any]]) -> str:
    over = [row["title"] for row in queues if row["in_flight"] > row["cap"]]
    if over:
        return _("Over their cap: %(names)s.") % {"names": ", ".join(over)}
    return _("Every shared function is within its cap.")
