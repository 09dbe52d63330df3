"""Packs that somebody may see, their earlier versions, and what changed between two of them."""

from dataclasses import dataclass

from django.db.models import QuerySet

from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action, may, require
from alignment_portal.refusals import NotFound
from initiatives.models import Initiative
from initiatives.selectors import require_on, standing
from packs.content.differences import SectionChange, what_changed
from packs.content.parts import PackContent, decode
from packs.models import PackBuild, State

RESTRICTED = "restricted"


def may_read_pack(by: Actor, initiative: Initiative) -> bool:
    """A restricted paper is not for everybody who was invited to help."""
    stands = standing(by, initiative)
    read = may(by, Action.PACK_READ, own=stands.own, invited=stands.invited)
    if initiative.classification != RESTRICTED:
        return read
    return read and may(by, Action.INITIATIVE_READ_RESTRICTED, own=stands.own, invited=stands.invited)


def may_build_pack(by: Actor, initiative: Initiative) -> bool:
    stands = standing(by, initiative)
    return may(by, Action.PACK_BUILD, own=stands.own, invited=stands.invited) and may_read_pack(
        by, initiative
    )


def require_to_read(by: Actor, initiative: Initiative) -> None:
    require_on(by, Action.PACK_READ, initiative)
    if initiative.classification == RESTRICTED:
        require_on(by, Action.INITIATIVE_READ_RESTRICTED, initiative)


def visible_packs(by: Actor) -> QuerySet[PackBuild]:
    """What a list may show; a restricted paper only to those who may read it."""
    require(by, Action.PACK_READ, own=True, invited=True)
    found = PackBuild.objects.visible_to(by).select_related("initiative", "requested_by", "file")
    if by.user_id is None or may(by, Action.INITIATIVE_READ_RESTRICTED):
        return found
    own = Initiative.objects.filter(
        memberships__user_id=by.user_id, memberships__kind__in=["owner", "sponsor", "team"]
    )
    return found.exclude(
        initiative__in=Initiative.objects.filter(classification=RESTRICTED).exclude(pk__in=own)
    )


def pack_or_404(by: Actor, ref: str) -> PackBuild:
    """A pack that the actor may read. One they may not see does not exist for them."""
    found = visible_packs(by).filter(ref=ref).first()
    if found is None:
        raise NotFound(f"There is no pack {ref} that you may see.", code="pack_not_found")
    return found


def packs_of(by: Actor, initiative: Initiative) -> QuerySet[PackBuild]:
    """All packs of an initiative, newest first."""
    return visible_packs(by).filter(initiative=initiative).order_by("-number")


def content_of(build: PackBuild) -> PackContent:
    return decode(build.content)


def previous_of(build: PackBuild) -> PackBuild | None:
    """The pack of the same subject that was ready before this one."""
    earlier = PackBuild.objects.ready().filter(subject=build.subject, number__lt=build.number)
    return earlier.order_by("-number").first()


def latest_of(subject: str) -> PackBuild | None:
    return PackBuild.objects.ready().filter(subject=subject).order_by("-number").first()


def changes_since(earlier: PackBuild, later: PackBuild) -> tuple[SectionChange, ...]:
    return what_changed(content_of(earlier), content_of(later))


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
    readable = may_read_pack(by, initiative)
    return PackTab(
        builds=tuple(packs_of(by, initiative)[:50]) if readable else (),
        may_build=may_build_pack(by, initiative),
        subject=f"initiative:{initiative.key}",
    )
