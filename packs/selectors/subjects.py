"""What a pack can be about, and which initiatives it speaks of."""

from dataclasses import dataclass
from typing import Literal, get_args

from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import sees_everything
from alignment_portal.refusals import Conflict, Invalid, NotFound
from initiatives.models import Cluster, Initiative, InitiativeQuerySet
from packs.models import PackBuild, PackBuildQuerySet

Kind = Literal["initiative", "cluster", "portfolio"]
PORTFOLIO = "portfolio"
PORTFOLIO_TITLE = "AI portfolio"


@dataclass(frozen=True)
class Subject:
    kind: Kind
    code: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.code}" if self.code else self.kind


def subject_of(text: str) -> Subject:
    """`initiative:KEY`, `cluster:CODE` or `portfolio`; refuses everything else in one sentence."""
    kind, colon, code = text.partition(":")
    if kind == PORTFOLIO and not colon:
        return Subject("portfolio")
    if kind in get_args(Kind) and kind != PORTFOLIO and code:
        return Subject("cluster" if kind == "cluster" else "initiative", code)
    raise Invalid(
        "Name the subject as initiative:KEY, cluster:CODE or portfolio, for example initiative:AI-0001.",
        pointer="/subject",
        code="subject_unknown",
    )


def cluster_or_404(by: Actor, code: str) -> Cluster:
    """A cluster of which the actor may see an initiative; another does not exist for them."""
    found = Cluster.objects.filter(code=code).first()
    seen = Initiative.objects.visible_to(by).filter(cluster__code=code)
    if found is None or not (sees_everything(by) or seen.exists()):
        raise NotFound(f"There is no cluster {code} that you may see.", code="cluster_not_found")
    return found


def title_of(subject: Subject) -> str:
    """What people call the subject: its own title, or that of the portfolio."""
    if subject.kind == "cluster":
        return Cluster.objects.get(code=subject.code).title
    return PORTFOLIO_TITLE if subject.kind == "portfolio" else Initiative.objects.get(key=subject.code).title


def initiatives_in(subject: Subject) -> InitiativeQuerySet:
    """The initiatives that a pack of the subject would speak of now; retired ones only on their own."""
    if subject.kind == "initiative":
        return Initiative.objects.filter(key=subject.code)
    current = Initiative.objects.current()
    return current if subject.kind == "portfolio" else current.filter(cluster__code=subject.code)


def keys_in(subject: Subject) -> list[str]:
    """Their keys; refuses a cluster or portfolio with none, since its paper would say nothing."""
    keys = list(initiatives_in(subject).order_by("key").values_list("key", flat=True))
    if keys:
        return keys
    if subject.kind == "cluster":
        raise Conflict(
            f"No current initiative belongs to the cluster {subject.code}, so there is nothing to put into a pack. "
            "Name the cluster in the dossier of an initiative first.",
            code="cluster_empty",
        )
    raise Conflict(
        "The portfolio holds no initiative yet, so there is nothing to put into a pack.",
        code="portfolio_empty",
    )


def packs_that_speak_of(key: str) -> list[PackBuild]:
    """The newest ready pack of each subject and audience that speaks of an initiative, or now ought to."""
    initiative = Initiative.objects.filter(key=key).select_related("cluster").first()
    if initiative is None:
        return []
    ready = PackBuild.objects.ready()
    inside = set(ready.filter(members__initiative=initiative).values_list("subject", flat=True))
    wanted = {PORTFOLIO} | ({f"cluster:{initiative.cluster.code}"} if initiative.cluster else set())
    return _newest(ready.filter(subject__in=inside | wanted))


def papers_of_several() -> list[PackBuild]:
    """The newest ready pack of the portfolio and of each cluster, for each audience."""
    return _newest(PackBuild.objects.ready().filter(initiative=None))


def _newest(builds: PackBuildQuerySet) -> list[PackBuild]:
    newest: dict[tuple[str, str], PackBuild] = {}
    for build in builds.order_by("number"):
        newest[build.subject, build.audience] = build
    return list(newest.values())
