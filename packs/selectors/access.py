"""Who may read a pack, have one built, and see who read it. Asked when it is listed, built, opened and downloaded."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action, may, require
from alignment_portal.accounts.roles import Role
from alignment_portal.refusals import Forbidden
from initiatives.models import Cluster, Initiative, InitiativeQuerySet, Membership
from initiatives.selectors import Standing, require_on, standing, standing_of
from packs.models import Audience, PackBuild
from packs.selectors.subjects import PORTFOLIO, Subject, initiatives_in

RESTRICTED = "restricted"
EXECUTIVES = frozenset({Role.EXECUTIVE, Role.AUDITOR})
STRANGER = Standing()


def may_read_initiative(by: Actor, initiative: Initiative) -> bool:
    """Whether the actor may read packs of it; a restricted paper is not for everybody who was invited to help."""
    return _may_read(by, initiative, standing(by, initiative))


def _may_read(by: Actor, initiative: Initiative, stands: Standing) -> bool:
    read = may(by, Action.PACK_READ, own=stands.own, invited=stands.invited)
    if initiative.classification != RESTRICTED:
        return read
    return read and may(by, Action.INITIATIVE_READ_RESTRICTED, own=stands.own, invited=stands.invited)


def may_build_of(by: Actor, initiative: Initiative) -> bool:
    stands = standing(by, initiative)
    return may(by, Action.PACK_BUILD, own=stands.own, invited=stands.invited) and _may_read(
        by, initiative, stands
    )


def is_in_audience(by: Actor, audience: str) -> bool:
    """Whether somebody belongs to those a pack is for, beside being allowed to read what it holds."""
    return audience != Audience.EXECUTIVES or by.is_system or bool(EXECUTIVES & by.roles)


def visible_packs(by: Actor) -> QuerySet[PackBuild]:
    """What a list may show: packs whose every initiative the actor may read, and whose audience they belong to."""
    require(by, Action.PACK_READ, own=True, invited=True)
    found = PackBuild.objects.visible_to(by).select_related("initiative", "cluster", "requested_by", "file")
    if not is_in_audience(by, Audience.EXECUTIVES):
        found = found.exclude(audience=Audience.EXECUTIVES)
    if not may(by, Action.PORTFOLIO_READ):
        found = found.exclude(subject=PORTFOLIO)
    if by.user_id is None or may(by, Action.INITIATIVE_READ_RESTRICTED):
        return found
    own = Membership.objects.filter(user_id=by.user_id, kind__in=Membership.OWN)
    others = Initiative.objects.filter(classification=RESTRICTED).exclude(pk__in=own.values("initiative"))
    return found.without(others)


def may_read(by: Actor, build: PackBuild) -> bool:
    """Whether the actor may read this very pack, asked anew."""
    return (
        may(by, Action.PACK_READ, own=True, invited=True) and visible_packs(by).filter(pk=build.pk).exists()
    )


def require_to_read(by: Actor, build: PackBuild) -> None:
    if not may_read(by, build):
        require(by, Action.PACK_READ, own=True, invited=True)
        raise Forbidden(f"{build.ref} is not for you: it is for {build.get_audience_display()}.")


def require_to_ask(by: Actor, subject: Subject, audience: str) -> None:
    """Refuse whoever may not have the pack of a subject built, or could not read it afterwards."""
    if subject.kind == "initiative":
        for initiative in initiatives_in(subject):
            require_on(by, Action.PACK_BUILD, initiative)
            require_on(by, Action.PACK_READ, initiative)
            if initiative.classification == RESTRICTED:
                require_on(by, Action.INITIATIVE_READ_RESTRICTED, initiative)
    else:
        _require_all(by, subject.kind, initiatives_in(subject))
    if not is_in_audience(by, audience):
        raise Forbidden(
            "A pack for executives and auditors only is asked for by one of them.", code="not_in_audience"
        )


def askable(by: Actor) -> list[tuple[str, str]]:
    """Papers of several initiatives the actor may ask for: the subject, and the title of the cluster. One query."""
    if not may(by, Action.PACK_BUILD, own=True):
        return []
    clusters = Cluster.objects.filter(Exists(_inside().current())).order_by("title")
    if may(by, Action.PACK_BUILD) and may(by, Action.PORTFOLIO_READ):
        return [(PORTFOLIO, ""), *((f"cluster:{one.code}", one.title) for one in clusters)]
    if by.user_id is None:
        return []
    own = Membership.objects.filter(user_id=by.user_id, kind__in=Membership.OWN)
    others = _inside().current().exclude(pk__in=own.values("initiative"))
    return [(f"cluster:{one.code}", one.title) for one in clusters.exclude(Exists(others))]


def _inside() -> InitiativeQuerySet:
    return Initiative.objects.filter(cluster=OuterRef("pk"))


def _require_all(by: Actor, kind: str, members: Iterable[Initiative]) -> None:
    require(by, Action.PACK_BUILD, own=True)
    if kind == PORTFOLIO:
        if not (may(by, Action.PACK_BUILD) and may(by, Action.PORTFOLIO_READ)):
            raise Forbidden(
                "Only an executive may have the pack of the portfolio built.", next_mover="executive"
            )
        return
    known = _standings(by)
    for initiative in members:
        stands = known.get(initiative.pk, STRANGER)
        if not (may(by, Action.PACK_BUILD, own=stands.own) and _may_read(by, initiative, stands)):
            raise Forbidden(
                "Only an executive, or a programme manager of every initiative in the cluster, may have its pack built.",
                next_mover="executive",
            )


def _standings(by: Actor) -> Mapping[UUID, Standing]:
    """How the actor belongs to each initiative they belong to. One query."""
    kinds: dict[UUID, set[str]] = {}
    if by.user_id is None:
        return {}
    for pk, kind in Membership.objects.filter(user_id=by.user_id).values_list("initiative", "kind"):
        kinds.setdefault(pk, set()).add(kind)
    return {pk: standing_of(found) for pk, found in kinds.items()}


def require_to_build(by: Actor, build: PackBuild) -> None:
    """Refuse whoever may not stop this build or have it built again."""
    if build.initiative is not None:
        require_on(by, Action.PACK_BUILD, build.initiative)
        return
    members = Initiative.objects.filter(pk__in=build.members.values("initiative"))
    _require_all(by, PORTFOLIO if build.subject == PORTFOLIO else "cluster", members)


def may_build(by: Actor, build: PackBuild) -> bool:
    try:
        require_to_build(by, build)
    except Forbidden:
        return False
    return may_read(by, build)


def may_see_readers(by: Actor) -> bool:
    """Whether the actor may know who read a pack they may read themselves."""
    return may(by, Action.HISTORY_READ)
