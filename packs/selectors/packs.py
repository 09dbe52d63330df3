"""Packs that somebody may read, their earlier versions, and what changed between two of them."""

from dataclasses import dataclass
from datetime import UTC

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from alignment_portal.accounts.actors import Actor
from alignment_portal.outbox.models import Job, JobState
from alignment_portal.refusals import NotFound
from initiatives.models import Initiative
from packs.content.parts import PackContent, decode
from packs.content.since import Since, decode_since, since
from packs.content.words import day
from packs.models import Audience, OrderState, PackBuild, PackOrder, State
from packs.selectors.access import may_build_of, may_read_initiative, visible_packs


def pack_or_404(by: Actor, ref: str) -> PackBuild:
    """A pack that the actor may read. One they may not see does not exist for them."""
    found = visible_packs(by).filter(ref=ref).first()
    if found is None:
        raise NotFound(f"There is no pack {ref} that you may see.", code="pack_not_found")
    return found


def order_or_404(by: Actor, number: int) -> PackOrder:
    """An order of one's own; those of others do not exist for the actor."""
    found = PackOrder.objects.select_related("build").filter(pk=number, by=by.user_id).first()
    if found is None:
        raise NotFound(f"You have no order number {number}.", code="order_not_found")
    return found


@dataclass(frozen=True)
class Told:
    """How far an order has come, and why there is no pack where there is none."""

    state: OrderState
    refusal: str


def told_of(order: PackOrder) -> Told:
    """An order whose job was given up will not be answered any more: it is refused too. One query while it waits."""
    given_up = Job.objects.filter(
        event__name="packs.ordered",
        event__payload__order=order.pk,
        state__in=(JobState.FAILED, JobState.CANCELLED),
    )
    if order.answer == OrderState.WAITING and given_up.exists():
        return Told(OrderState.REFUSED, str(_("It could not be written. Administrators see why under Jobs.")))
    return Told(order.answer, order.refusal)


def packs_of(by: Actor, subject: str) -> QuerySet[PackBuild]:
    """All packs of a subject that the actor may read, newest first."""
    return visible_packs(by).filter(subject=subject).order_by("-number")


def content_of(build: PackBuild) -> PackContent:
    return decode(build.content)


def latest_of(subject: str, audience: str = Audience.READERS) -> PackBuild | None:
    """The newest ready pack of a subject for an audience."""
    found = PackBuild.objects.ready().filter(subject=subject, audience=audience)
    return found.select_related("initiative", "cluster").order_by("-number").first()


def since_of(build: PackBuild) -> Since:
    """What changed since the pack before, as it was kept with this one; compared now for packs older than that."""
    if build.changes:
        return decode_since(build.changes)
    earlier = PackBuild.objects.ready().filter(
        subject=build.subject, audience=build.audience, number__lt=build.number
    )
    return compared(earlier.order_by("-number").first(), content_of(build))


def compared(before: PackBuild | None, after: PackContent) -> Since:
    if before is None:
        return Since()
    when = day(before.as_of.astimezone(UTC).date())
    return since(content_of(before), after, ref=before.ref, number=before.number, day=when)


def places_in_queue() -> dict[int, int]:
    """The place of each build that waits: 1 for the next one."""
    waiting = PackBuild.objects.filter(state=State.QUEUED).order_by("id").values_list("id", flat=True)
    return {pk: place for place, pk in enumerate(waiting, start=1)}


@dataclass(frozen=True)
class PackTab:
    """What the tab of an initiative shows: its packs, newest first, and whether the reader may ask for one."""

    builds: tuple[PackBuild, ...]
    may_build: bool
    subject: str


def pack_tab(by: Actor, initiative: Initiative) -> PackTab:
    """For templates/packs/tab.html. Empty for whoever may not read the packs of this initiative."""
    subject = f"initiative:{initiative.key}"
    return PackTab(
        builds=tuple(packs_of(by, subject)[:50]) if may_read_initiative(by, initiative) else (),
        may_build=may_build_of(by, initiative),
        subject=subject,
    )
