"""The list of initiatives, its saved views and its exports."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.models import User
from alignment_portal.accounts.permissions import Action, may
from alignment_portal.http.requests import actor_of
from initiatives.models import Cluster, SavedView, Status
from initiatives.selectors import visible_initiatives
from initiatives.services.saved_views import remove_view, save_view
from initiatives.web.exports import as_csv, as_xlsx
from initiatives.web.forms import SavedViewForm
from initiatives.web.table import COLUMNS, LEVELS, UNJUDGED, Wanted, table_page, wanted_from
from initiatives.web.words import choices_for, word

_EXPORTS = {"csv": as_csv, "xlsx": as_xlsx}
ARCHETYPES = (
    "genai_customer_facing",
    "ml_decisioning",
    "agentic_automation",
    "internal_copilot",
    "forecasting",
)


@require_GET
def initiative_list(request: HttpRequest) -> HttpResponse:
    by = actor_of(request)
    wanted = wanted_from(request.GET)
    page = table_page(by, wanted)
    context = {
        "wanted": wanted,
        "rows": page.rows,
        "previous": _address(request, page.previous) if page.previous else "",
        "next": _address(request, page.next) if page.next else "",
        "columns": COLUMNS,
        "shown": {column.name for column in wanted.shown},
        "filters": _filters(by, wanted),
        "views": _views(by, request),
        "query": _kept(request.GET).urlencode(),
        "may_create": may(by, Action.INITIATIVE_CREATE),
        "may_change": may(by, Action.INITIATIVE_EDIT, own=True),
        "has_any": bool(page.rows) or visible_initiatives(by).exists(),
        "now": clock.now(),
    }
    return render(request, "initiatives/list.html", context)


def _kept(query: QueryDict) -> QueryDict:
    """The address without what belongs to one page or is empty."""
    kept = QueryDict(mutable=True)
    for name, values in query.lists():
        if name != "cursor" and any(values):
            kept.setlist(name, [value for value in values if value])
    return kept


def _address(request: HttpRequest, cursor: str) -> str:
    query = _kept(request.GET)
    query["cursor"] = cursor
    return f"?{query.urlencode()}"


def _filters(by: Actor, wanted: Wanted) -> list[dict[str, Any]]:
    """The filters with their choices; people and clusters are those of what the reader may see."""
    seen = visible_initiatives(by)
    owners = User.objects.filter(Exists(seen.filter(owner=OuterRef("pk"))))
    clusters = Cluster.objects.filter(Exists(seen.filter(cluster=OuterRef("pk"))))
    verdicts = [*((level, word(level)) for level in LEVELS), (UNJUDGED, _("Not judged yet"))]
    return [
        _filter(
            "status",
            _("Status"),
            [(value, str(label).capitalize()) for value, label in Status.choices],
            wanted.status,
        ),
        _filter("verdict", _("Verdict"), verdicts, wanted.verdict),
        _filter("archetype", _("Kind of AI"), choices_for(ARCHETYPES), wanted.archetype),
        _filter("horizon", _("Horizon"), [(value, value) for value in ("H1", "H2", "H3")], wanted.horizon),
        _filter("cluster", _("Cluster"), _named(clusters, "code", "title"), wanted.cluster),
        _filter("owner", _("Owner"), _named(owners, "email", "name"), wanted.owner),
    ]


def _named(rows: QuerySet[Any], code: str, name: str) -> list[tuple[str, str]]:
    return list(rows.order_by(name, code).values_list(code, name))


def _filter(name: str, label: str, choices: list[tuple[str, str]], given: tuple[str, ...]) -> dict[str, Any]:
    return {"name": name, "label": label, "choices": choices, "given": given}


def _views(by: Actor, request: HttpRequest) -> list[dict[str, Any]]:
    here = _kept(request.GET).urlencode()
    ready = [
        (_("All"), ""),
        (_("Mine"), urlencode({"owner": by.email})),
        (_("Blocked"), "verdict=blocked"),
        (_("Running"), "status=learning_only&status=aligned&status=scale_ready"),
    ]
    saved = SavedView.objects.filter(Q(owner_id=by.user_id) | Q(shared=True)).select_related("owner")
    found: list[dict[str, Any]] = [
        {
            "label": label,
            "url": f"/initiatives/?{query}" if query else "/initiatives/",
            "current": query == here,
        }
        for label, query in ready
    ]
    for view in saved:
        mine = view.owner_id == by.user_id
        found.append(
            {
                "label": view.name,
                "url": f"/initiatives/views/{view.pk}/",
                "current": view.query == here,
                "remove": f"/initiatives/views/{view.pk}/remove/" if mine else "",
                "by": "" if mine else view.owner.name,
            }
        )
    return found


@require_GET
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    if kind not in _EXPORTS:
        raise Http404(kind)
    by = actor_of(request)
    return _EXPORTS[kind](by, wanted_from(request.GET))


@require_POST
def keep_view(request: HttpRequest) -> HttpResponse:
    form = SavedViewForm(request.POST)
    query = _kept(QueryDict(request.POST.get("query", "")[:2000])).urlencode()
    if not form.is_valid():
        messages.error(request, _("Give the view a name of at most 80 characters."))
        return redirect(f"/initiatives/?{query}")
    view = save_view(by=actor_of(request), query=query, **form.cleaned_data)
    messages.success(request, _("The view “%(name)s” is saved.") % {"name": view.name})
    return redirect(f"/initiatives/?{query}")


def _readable(request: HttpRequest, view_id: int) -> SavedView:
    by = actor_of(request)
    return get_object_or_404(SavedView, Q(owner_id=by.user_id) | Q(shared=True), pk=view_id)


@require_GET
def saved_view(request: HttpRequest, view_id: int) -> HttpResponse:
    """A view under its own address, whatever it holds by now."""
    return redirect(f"/initiatives/?{_readable(request, view_id).query}")


@require_POST
def drop_view(request: HttpRequest, view_id: int) -> HttpResponse:
    view = _readable(request, view_id)
    remove_view(by=actor_of(request), view=view)
    messages.success(request, _("The view “%(name)s” is removed.") % {"name": view.name})
    return redirect("initiatives:list")
