import factory

from alignment_portal import clock
from packs.models import PackBuild, PackMember
from tests.factories.base import PortalFactory
from tests.factories.gates import InitiativeFactory


class PackMemberFactory(PortalFactory):
    """An initiative that a pack speaks of."""

    class Meta:
        model = PackMember


class PackBuildFactory(PortalFactory):
    """A build that waits, of a pack whose words nobody reads."""

    class Meta:
        model = PackBuild
        skip_postgeneration_save = True

    ref = factory.Sequence(lambda number: f"PK-{number + 5000:04d}")
    initiative = factory.SubFactory(InitiativeFactory)
    subject = factory.LazyAttribute(lambda build: f"initiative:{build.initiative.key}")
    number = 1
    key = factory.Sequence(lambda number: f"{number:064x}")
    fingerprint = factory.Sequence(lambda number: f"{number:064x}")
    content = "{}"
    dossier = "{}"
    verdict = "{}"
    as_of = factory.LazyFunction(clock.now)
    anchor_seq = 0
    anchor_hash = "0" * 64
    member = factory.RelatedFactory(
        PackMemberFactory, factory_related_name="build", initiative=factory.SelfAttribute("..initiative")
    )
