"""Lists that people arranged for themselves or for everybody."""

from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action, require
from alignment_portal.audit.chain import record
from alignment_portal.audit.guard import service
from alignment_portal.refusals import Conflict, Forbidden
from initiatives.actions import Actions
from initiatives.models import SavedView

MOST = 50


@service
def save_view(*, by: Actor, name: str, query: str, shared: bool = False) -> SavedView:
    """Keep a view under a name; saving it again under the same name replaces it."""
    require(by, Action.INITIATIVE_READ, own=True)
    mine = SavedView.objects.filter(owner_id=by.user_id)
    if mine.exclude(name=name).count() >= MOST:
        raise Conflict(f"You keep {MOST} views already; remove one first.", code="too_many_views")
    view, created = SavedView.objects.update_or_create(
        owner_id=by.user_id, name=name, defaults={"query": query, "shared": shared}
    )
    record(
        by=by,
        action=Actions.VIEW_SAVED,
        subject=f"view:{view.pk}",
        after={"name": name, "query": query, "shared": shared, "created": created},
    )
    return view


@service
def remove_view(*, by: Actor, view: SavedView) -> None:
    if view.owner_id != by.user_id:
        raise Forbidden("Only whoever saved this view may remove it.", code="owner_only")
    record(
        by=by,
        action=Actions.VIEW_REMOVED,
        subject=f"view:{view.pk}",
        before={"name": view.name, "query": view.query, "shared": view.shared},
    )
    view.delete()
