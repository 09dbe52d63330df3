"""Rows of the gates as they stand in the database, written past the services."""

import hashlib
from datetime import timedelta

import factory

from alignment_portal import clock
from gates.models import (
    Blob,
    Endorsement,
    Evaluation,
    Evidence,
    EvidenceReview,
    FindingSet,
    PolicyVersion,
    Waiver,
)
from initiatives.models import Initiative
from tests.factories.base import PortalFactory
from tests.people import person


class InitiativeFactory(PortalFactory):
    """A bare initiative: a row for records to point to, without a dossier."""

    class Meta:
        model = Initiative

    key = factory.Sequence(lambda number: f"AI-{number + 5000:04d}")
    title = "Limit decision support"
    archetype = "ml_decisioning"
    owner = factory.LazyFunction(lambda: person("programme_manager"))
    sponsor = factory.LazyFunction(lambda: person("executive"))
    fingerprint = "f" * 64


class BlobFactory(PortalFactory):
    class Meta:
        model = Blob

    sha256 = factory.Sequence(lambda number: hashlib.sha256(str(number).encode()).hexdigest())
    size = 10
    kind = "pdf"


class EvidenceFactory(PortalFactory):
    class Meta:
        model = Evidence

    ref = factory.Sequence(lambda number: f"EV-{number + 5000:04d}")
    initiative = factory.SubFactory(InitiativeFactory)
    question = "DR-01"
    form = "attestation"
    kind = "document"
    title = "Clearance"
    statement = "It is cleared."
    observed_on = factory.LazyFunction(lambda: clock.now().date())
    submitted_by = factory.LazyFunction(lambda: person("programme_manager"))


class ReviewFactory(PortalFactory):
    class Meta:
        model = EvidenceReview

    evidence = factory.SubFactory(EvidenceFactory)
    accepted = True
    reason = "It shows what it says."
    submitted_by = factory.SelfAttribute("evidence.submitted_by")
    by = factory.LazyFunction(lambda: person("legal_assurer"))


class EndorsementFactory(PortalFactory):
    class Meta:
        model = Endorsement

    ref = factory.Sequence(lambda number: f"EN-{number + 5000:04d}")
    initiative = factory.SubFactory(InitiativeFactory)
    gate = "data_rights"
    statement = "I stand behind it."
    seen = "0" * 64
    by = factory.LazyFunction(lambda: person("risk_executive"))


class WaiverFactory(PortalFactory):
    class Meta:
        model = Waiver

    ref = factory.Sequence(lambda number: f"WV-{number + 5000:04d}")
    initiative = factory.SubFactory(InitiativeFactory)
    rule = "ME-03"
    reason = "The trial is smaller than planned."
    compensating_control = "Results are shown as learning."
    horizon = "H1"
    until = factory.LazyFunction(lambda: clock.now().date() + timedelta(days=20))
    requested_by = factory.LazyFunction(lambda: person("programme_manager"))


class FindingSetFactory(PortalFactory):
    class Meta:
        model = FindingSet
        django_get_or_create = ("sha256",)

    sha256 = "a" * 64
    body = "[]"


class EvaluationFactory(PortalFactory):
    """A verdict on the initiative as it stands, under the policy in force."""

    class Meta:
        model = Evaluation

    initiative = factory.SubFactory(InitiativeFactory)
    policy = factory.LazyFunction(lambda: PolicyVersion.objects.get(is_current=True))
    fingerprint = factory.SelfAttribute("initiative.fingerprint")
    inputs_rev = factory.LazyAttribute(
        lambda row: Initiative.objects.values_list("inputs_rev", flat=True).get(pk=row.initiative.pk)
    )
    facts_sha256 = "b" * 64
    level = "blocked"
    lane = "enhanced"
    status = "draft"
    findings = factory.SubFactory(FindingSetFactory)
    valid_until = factory.LazyFunction(lambda: clock.now() + timedelta(days=20))


def answered_gates(initiative, policy):
    """One accepted item and one endorsement for every gate of the policy that executives endorse."""
    for gate in policy.gates.all():
        question = gate.questions.first().question
        ReviewFactory(evidence=EvidenceFactory(initiative=initiative, question=question))
        EndorsementFactory(initiative=initiative, gate=gate.gate)
