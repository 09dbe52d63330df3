"""Papers of many initiatives: judging them takes longer than anybody waits for a page, so a job does it."""

from datetime import timedelta

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.models import User
from alignment_portal.audit.guard import service
from alignment_portal.outbox.events import announce
from alignment_portal.refusals import Refusal
from packs.models import Audience, OrderState, PackBuild, PackOrder
from packs.selectors.access import require_to_ask
from packs.selectors.packs import told_of
from packs.selectors.subjects import cluster_or_404, initiatives_in, keys_in, subject_of
from packs.services.requests import request_pack

GIVEN_UP_AFTER = timedelta(hours=1)  # an order still without answer; asking again is a new one
AT_ONCE = 100  # initiatives that are judged while the caller waits: about a second


def ask_for_pack(*, by: Actor, subject: str, audience: str = Audience.READERS) -> PackBuild | PackOrder:
    """The pack of a subject as it stands; of more than ``AT_ONCE`` initiatives an order that a job answers."""
    about = subject_of(subject)
    if by.user_id is None or initiatives_in(about).count() <= AT_ONCE:
        return request_pack(by=by, subject=subject, audience=audience).build
    if about.kind == "cluster":
        cluster_or_404(by, about.code)
    require_to_ask(by, about, audience)
    keys_in(about)
    return _order(by=by, subject=subject, audience=audience)


@service
def _order(*, by: Actor, subject: str, audience: str) -> PackOrder:
    """Asking again for what is being written already is the same order."""
    assert by.user_id is not None  # noqa: S101 — the portal itself never orders
    User.objects.select_for_update().get(pk=by.user_id)  # two clicks of one person take turns
    recent = PackOrder.objects.filter(
        by_id=by.user_id,
        subject=subject,
        audience=audience,
        answered_at__isnull=True,
        at__gt=clock.now() - GIVEN_UP_AFTER,
    )
    waiting = recent.order_by("-pk").first()
    if waiting is not None and told_of(waiting).state == OrderState.WAITING:
        return waiting
    order = PackOrder.objects.create(subject=subject, audience=audience, by_id=by.user_id, at=clock.now())
    announce("packs.ordered", order=order.pk)
    return order


def answer_order(order: int) -> PackOrder | None:
    """Write the pack that was ordered, with the rights its orderer has now; None when there is nothing to answer."""
    row = PackOrder.objects.select_related("by").filter(pk=order, answered_at__isnull=True).first()
    if row is None:
        return None
    try:
        build = request_pack(by=Actor.of(row.by), subject=row.subject, audience=row.audience).build
    except Refusal as refusal:
        return _answer(row, refusal=str(refusal))
    return _answer(row, build=build)


@service
def _answer(row: PackOrder, *, build: PackBuild | None = None, refusal: str = "") -> PackOrder:
    PackOrder.objects.filter(pk=row.pk, answered_at__isnull=True).update(
        build=build, refusal=refusal, answered_at=clock.now()
    )
    row.refresh_from_db()
    return row
