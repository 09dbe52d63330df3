"""The page of an initiative and its tabs, each under its own address, now or at a moment of the past."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from alignment_portal.audit.selectors import HistoryFilter, history
from alignment_portal.audit.words import in_words
from initiatives.web import running
from initiatives.web.drawing import chain_of
from initiatives.web.frame import address, link
from initiatives.web.gates_summary import gate_lines
from initiatives.web.looking import Look, first_moves, look_at
from initiatives.web.measuring import layers_of
from packs.selectors.packs import pack_tab

HISTORY_PAGE = 50


def _tab(look: Look, tab: str, **more: Any) -> HttpResponse:
    template = f"initiatives/tabs/{tab.replace('-', '_')}.html"
    return render(look.visit.request, template, {**look.frame(tab), **more})


@require_GET
def overview(request: HttpRequest, key: str) -> HttpResponse:
    """The answer first: verdict, three answers, next moves, what blocks where."""
    look = look_at(request, key)
    moves = look.moves()
    return _tab(
        look,
        "overview",
        answers=look.answers(),
        moves=moves,
        first=first_moves(moves),
        gates=[line for line in gate_lines(look) if line.open],
        dependencies=look.facts.dependencies,
        bottlenecks=look.facts.bottlenecks,
        target=look.explanation.target,
        proven=look.explanation.proven,
        worth_page=link("portfolio:worth", key),
    )


@require_GET
def chain(request: HttpRequest, key: str) -> HttpResponse:
    look = look_at(request, key)
    metrics: dict[str, list[Any]] = {}
    for metric in look.dossier.metrics:
        metrics.setdefault(metric.node or "", []).append(metric)
    nodes = look.dossier.outcome_chain.nodes
    steps = [
        (
            node,
            metrics.get(node.code, []),
            look.broken_at(f"/outcome_chain/nodes/{position}", f"#node-{node.code}"),
            [
                (arrow, _title_of(look, arrow.to))
                for arrow in look.dossier.outcome_chain.links
                if arrow.from_ == node.code
            ],
        )
        for position, node in enumerate(nodes)
    ]
    return _tab(look, "chain", chain=chain_of(look), steps=steps)


def _title_of(look: Look, code: str) -> str:
    return next((node.title for node in look.dossier.outcome_chain.nodes if node.code == code), code)


@require_GET
def measurement(request: HttpRequest, key: str) -> HttpResponse:
    look = look_at(request, key)
    return _tab(
        look, "measurement", layers=layers_of(look), metric_page=bool(link("metrics:metric", key, "x"))
    )


@require_GET
def risk(request: HttpRequest, key: str) -> HttpResponse:
    look = look_at(request, key)
    metrics = {metric.code: metric.title for metric in look.dossier.metrics}
    return _tab(
        look,
        "risk",
        deployments=running.deployments_of(look),
        metric_titles=metrics,
        incidents=look.facts.incidents,
    )


@require_GET
def operating_model(request: HttpRequest, key: str) -> HttpResponse:
    look = look_at(request, key)
    context = look.frame("operating-model")
    today = context["today"]
    raci = {str(row.activity): row for row in look.dossier.operating_model.raci}
    more = {
        "rota": running.rota_of(look, today),
        "weeks": running.weeks_from(today),
        "raci": [(activity, raci.get(activity)) for activity in running.ACTIVITIES],
    }
    return render(request, "initiatives/tabs/operating_model.html", {**context, **more})


@require_GET
def change(request: HttpRequest, key: str) -> HttpResponse:
    look = look_at(request, key)
    impact = look.dossier.change_impact
    assessed = {str(row.impact): row for row in impact.assessments}
    dimensions = {str(row.dimension): row for row in impact.before_after}
    answers = {row.group: row for row in impact.bad_day}
    return _tab(
        look,
        "change",
        impact=impact,
        groups=running.groups_of(look),
        balance=running.balance_of(look),
        group_names={group.code: group.name for group in impact.groups},
        metric_titles={metric.code: metric.title for metric in look.dossier.metrics},
        assessments=[(name, assessed.get(name)) for name in running.IMPACTS],
        dimensions=[(name, dimensions.get(name)) for name in running.DIMENSIONS],
        bad_days=[(group, answers.get(group.code)) for group in impact.groups],
    )


@require_GET
def alignment(request: HttpRequest, key: str) -> HttpResponse:
    look = look_at(request, key)
    return _tab(look, "alignment", review=look.facts.review, reviews=link("reviews:for-initiative", key))


@require_GET
def packs(request: HttpRequest, key: str) -> HttpResponse:
    look = look_at(request, key)
    return _tab(look, "packs", pack_tab=pack_tab(look.visit.by, look.visit.initiative))


@require_GET
def history_tab(request: HttpRequest, key: str) -> HttpResponse:
    """Who did what to this initiative, and the verdict as it was on any day."""
    look = look_at(request, key)
    before = request.GET.get("before", "")
    place = int(before) if before.isdecimal() and len(before) < 15 else None  # noqa: PLR2004 — more digits are no entry
    wanted = HistoryFilter(initiative=key, until=look.at, before=place)
    rows = list(history(wanted)[: HISTORY_PAGE + 1])
    older = (
        f"{address(key, 'history/')}?before={rows[HISTORY_PAGE - 1].seq}" if len(rows) > HISTORY_PAGE else ""
    )
    return _tab(look, "history", lines=in_words(rows[:HISTORY_PAGE]), older=older)
