"""Trying to get past the gates: through the ORM, querysets and raw SQL, on whichever database this run uses."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from alignment_portal import clock
from alignment_portal.audit import triggers
from alignment_portal.audit.guard import writes_allowed
from alignment_portal.refusals import refusal_of_guard
from gates.migrations._guards import KEPT
from gates.models import (
    EndorsedEvidence,
    EndorsementWithdrawal,
    Evaluation,
    EvidenceReview,
    EvidenceWithdrawal,
    PolicyVersion,
    Reinstatement,
    ReplayWindow,
    StatusMove,
    WaiverAnswer,
    WaiverWithdrawal,
)
from initiatives.models import Initiative
from tests.factories.gates import (
    BlobFactory,
    EndorsementFactory,
    EvaluationFactory,
    EvidenceFactory,
    FindingSetFactory,
    InitiativeFactory,
    ReviewFactory,
    WaiverFactory,
    answered_gates,
)
from tests.people import person

pytestmark = pytest.mark.django_db


def run(sql, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def refused(attempt):
    """The code of the guard that refused the attempt; nothing of it is left."""
    with pytest.raises(IntegrityError) as caught, writes_allowed(), transaction.atomic():
        attempt()
    refusal = refusal_of_guard(caught.value)
    return None if refusal is None else refusal.code


def write(row):
    with writes_allowed(), transaction.atomic():
        row.save(force_insert=True)
    return row


def move(initiative, to, *, by="executive", evaluation=None, **more):
    initiative.refresh_from_db()
    return StatusMove(
        initiative=initiative,
        number=1 + StatusMove.objects.filter(initiative=initiative).count(),
        from_status=initiative.status,
        to_status=to,
        by=None if by is None else person(by),
        reason="Because.",
        evaluation=evaluation,
        **more,
    )


def judged(initiative, level, **more):
    return EvaluationFactory(initiative=initiative, level=level, status=initiative.status, **more)


@pytest.fixture
def policy():
    return PolicyVersion.objects.get(is_current=True)


@pytest.fixture
def initiative(policy):
    """In review, every endorsed gate answered and endorsed, nothing judged yet."""
    row = InitiativeFactory()
    answered_gates(row, policy)
    write(move(row, "in_review", by="programme_manager"))
    row.refresh_from_db()
    return row


@pytest.fixture
def aligned(initiative):
    write(move(initiative, "aligned", evaluation=judged(initiative, "aligned")))
    initiative.refresh_from_db()
    return initiative


# --- status ------------------------------------------------------------------------------------------------


def test_a_move_on_a_current_verdict_changes_the_status(aligned):
    assert aligned.status == "aligned"
    assert aligned.verdict_evaluation_id == Evaluation.objects.get(initiative=aligned).pk


@pytest.mark.parametrize(
    "status", ["learning_only", "aligned", "scale_ready", "suspended", "retired", "draft"]
)
def test_raw_update_of_the_status_is_refused(initiative, status):
    evaluation = judged(initiative, "scale_ready")
    sql = "UPDATE initiatives_initiative SET status = %s, verdict_evaluation_id = %s WHERE key = %s"
    rests_on = evaluation.pk if status in {"learning_only", "aligned", "scale_ready"} else None
    assert refused(lambda: run(sql, status, rests_on, initiative.key)) == "status_guarded"


def test_saving_a_status_through_the_orm_is_refused(initiative):
    initiative.status, initiative.verdict_evaluation_id = "scale_ready", judged(initiative, "scale_ready").pk
    assert refused(initiative.save) == "status_guarded"


def test_a_queryset_update_of_the_status_is_refused(initiative):
    evaluation = judged(initiative, "scale_ready")
    rows = Initiative.objects.filter(pk=initiative.pk)
    attempt = lambda: rows.update(status="scale_ready", verdict_evaluation_id=evaluation.pk)  # noqa: E731 — one attempt
    assert refused(attempt) == "status_guarded"


def test_moving_the_date_of_a_status_is_refused(aligned):
    earlier = clock.now() - timedelta(days=400)
    attempt = lambda: Initiative.objects.filter(pk=aligned.pk).update(status_since=earlier)  # noqa: E731 — one attempt
    assert refused(attempt) == "status_guarded"


def test_resting_a_status_on_another_verdict_is_refused(aligned):
    other = judged(aligned, "scale_ready")
    sql = "UPDATE initiatives_initiative SET verdict_evaluation_id = %s WHERE key = %s"
    assert refused(lambda: run(sql, other.pk, aligned.key)) == "status_guarded"


def test_a_new_initiative_cannot_begin_scale_ready(initiative):
    evaluation = judged(initiative, "scale_ready")
    attempt = lambda: InitiativeFactory(status="scale_ready", verdict_evaluation_id=evaluation.pk)  # noqa: E731 — one attempt
    assert refused(attempt) == "status_guarded"


def test_replacing_an_initiative_row_is_refused(aligned):
    columns = [field.column for field in Initiative._meta.concrete_fields]
    names = ", ".join(f'"{column}"' for column in columns)
    kept = ", ".join("'draft'" if column == "status" else f'"{column}"' for column in columns)
    verb = "INSERT OR REPLACE" if connection.vendor == "sqlite" else "INSERT"
    sql = f"{verb} INTO initiatives_initiative ({names}) SELECT {kept} FROM initiatives_initiative WHERE key = %s"
    assert refused(lambda: run(sql, aligned.key)) == "status_guarded"


def test_a_move_that_the_table_does_not_know_is_refused(initiative):
    evaluation = judged(initiative, "scale_ready")
    assert (
        refused(lambda: write(move(initiative, "scale_ready", evaluation=evaluation))) == "move_not_allowed"
    )


def test_a_move_from_another_status_than_the_present_one_is_refused(initiative):
    row = move(initiative, "aligned", evaluation=judged(initiative, "aligned"))
    row.from_status = "learning_only"
    assert refused(lambda: write(row)) == "move_not_allowed"


def test_a_move_out_of_its_number_is_refused(initiative):
    row = move(initiative, "draft", by="programme_manager")
    row.number = 7
    assert refused(lambda: write(row)) == "move_not_allowed"


def test_a_move_without_a_verdict_is_refused(initiative):
    assert refused(lambda: write(move(initiative, "aligned"))) == "verdict_forbids"


def test_a_move_on_too_low_a_verdict_is_refused(initiative):
    evaluation = judged(initiative, "learning_only")
    assert refused(lambda: write(move(initiative, "aligned", evaluation=evaluation))) == "verdict_forbids"


def test_a_move_on_the_verdict_of_another_initiative_is_refused(initiative, policy):
    other = InitiativeFactory()
    answered_gates(other, policy)
    evaluation = judged(other, "scale_ready")
    assert refused(lambda: write(move(initiative, "aligned", evaluation=evaluation))) == "verdict_forbids"


def test_a_move_on_a_verdict_older_than_the_evidence_is_refused(initiative):
    evaluation = judged(initiative, "aligned")
    EvidenceFactory(initiative=initiative)
    assert refused(lambda: write(move(initiative, "aligned", evaluation=evaluation))) == "verdict_forbids"


def test_a_move_on_a_verdict_of_an_earlier_dossier_is_refused(initiative):
    evaluation = judged(initiative, "aligned")
    with writes_allowed():
        Initiative.objects.filter(pk=initiative.pk).update(fingerprint="e" * 64)
    assert refused(lambda: write(move(initiative, "aligned", evaluation=evaluation))) == "verdict_forbids"


def test_a_move_on_a_verdict_that_has_run_out_is_refused(initiative):
    now = clock.now()
    evaluation = judged(
        initiative, "aligned", at=now - timedelta(days=2), valid_until=now - timedelta(seconds=1)
    )
    assert refused(lambda: write(move(initiative, "aligned", evaluation=evaluation))) == "verdict_forbids"


def test_a_verdict_without_an_end_carries_a_move(initiative):
    evaluation = judged(initiative, "aligned", valid_until=None)
    assert write(move(initiative, "aligned", evaluation=evaluation)).pk


def test_a_person_cannot_make_the_portals_move(aligned):
    evaluation = judged(aligned, "learning_only")
    assert refused(lambda: write(move(aligned, "learning_only", evaluation=evaluation))) == "move_not_allowed"


def test_the_portal_lowers_a_status(aligned):
    write(move(aligned, "learning_only", by=None, evaluation=judged(aligned, "learning_only")))
    aligned.refresh_from_db()
    assert aligned.status == "learning_only"


def test_the_portal_cannot_raise_a_status(aligned):
    row = move(aligned, "scale_ready", by=None, evaluation=judged(aligned, "scale_ready"))
    assert refused(lambda: write(row)) == "move_not_allowed"


def test_retired_is_final(initiative):
    write(move(initiative, "retired"))
    for status in ("draft", "in_review", "suspended"):
        row = move(initiative, status)
        assert refused(lambda row=row: write(row)) == "move_not_allowed"


def test_one_person_cannot_lift_a_suspension(aligned):
    write(move(aligned, "suspended"))
    evaluation = judged(aligned, "aligned")
    proposal = write(
        Reinstatement(
            initiative=aligned,
            to_status="aligned",
            root_cause="A cause.",
            remedy="A remedy.",
            gate="operation",
            proposed_by=person("executive"),
        )
    )
    alone = move(aligned, "aligned", evaluation=evaluation, reinstatement=proposal)
    assert refused(lambda: write(alone)) == "two_people_needed"
    without = move(aligned, "aligned", by="risk_executive", evaluation=evaluation)
    assert refused(lambda: write(without)) == "two_people_needed"
    both = move(aligned, "aligned", by="risk_executive", evaluation=evaluation, reinstatement=proposal)
    assert write(both).pk


def test_a_late_policy_ends_older_verdicts(initiative, policy):
    evaluation = judged(initiative, "aligned")
    with writes_allowed():
        PolicyVersion.objects.filter(pk=policy.pk).update(is_current=False)
        PolicyVersion.objects.create(
            version="9", sha256="9" * 64, text="x", adopted_at=clock.now(), is_current=True
        )
    assert refused(lambda: write(move(initiative, "aligned", evaluation=evaluation))) == "verdict_forbids"


# --- verdicts ----------------------------------------------------------------------------------------------


def test_a_verdict_on_older_inputs_is_refused(initiative):
    stale = lambda: EvaluationFactory(initiative=initiative, inputs_rev=initiative.inputs_rev - 1)  # noqa: E731 — one attempt
    assert refused(stale) == "evaluation_outdated"


def test_a_verdict_on_another_dossier_is_refused(initiative):
    assert (
        refused(lambda: EvaluationFactory(initiative=initiative, fingerprint="0" * 64))
        == "evaluation_outdated"
    )


def test_a_verdict_under_a_policy_not_in_force_is_refused(initiative):
    with writes_allowed():
        other = PolicyVersion.objects.create(version="8", sha256="8" * 64, text="x")
    assert refused(lambda: EvaluationFactory(initiative=initiative, policy=other)) == "policy_not_in_force"


def test_a_faked_pass_without_evidence_is_refused():
    bare = InitiativeFactory()
    for level in ("learning_only", "aligned", "scale_ready"):
        assert refused(lambda level=level: judged(bare, level)) == "evaluation_backstop"
    assert judged(bare, "blocked").pk


def test_a_faked_pass_without_an_endorsement_is_refused(policy):
    bare = InitiativeFactory()
    for gate in policy.gates.all():
        ReviewFactory(evidence=EvidenceFactory(initiative=bare, question=gate.questions.first().question))
    bare.refresh_from_db()
    assert refused(lambda: judged(bare, "scale_ready")) == "evaluation_backstop"


# --- makers and checkers -----------------------------------------------------------------------------------


def test_nobody_accepts_what_they_submitted():
    item = EvidenceFactory(submitted_by=person("legal_assurer"))
    review = EvidenceReview(
        evidence=item, accepted=True, reason="Good.", submitted_by=item.submitted_by, by=item.submitted_by
    )
    with pytest.raises(IntegrityError), writes_allowed(), transaction.atomic():
        review.save(force_insert=True)


def test_nobody_accepts_a_later_version_of_what_they_submitted():
    first = EvidenceFactory(submitted_by=person("legal_assurer"))
    second = EvidenceFactory(
        initiative=first.initiative,
        first=first,
        supersedes=first,
        version=2,
        submitted_by=person("contributor"),
    )
    assert refused(lambda: ReviewFactory(evidence=second, by=person("legal_assurer"))) == "own_evidence"
    assert ReviewFactory(evidence=second, by=person("assurer")).pk


def test_a_review_cannot_name_another_submitter():
    item = EvidenceFactory()
    attempt = lambda: ReviewFactory(evidence=item, submitted_by=person("contributor"))  # noqa: E731 — one attempt
    assert refused(attempt) == "own_evidence"


def test_a_replaced_item_is_not_reviewed():
    first = EvidenceFactory()
    EvidenceFactory(initiative=first.initiative, first=first, supersedes=first, version=2)
    assert refused(lambda: ReviewFactory(evidence=first)) == "evidence_superseded"


def test_nobody_endorses_what_they_submitted():
    item = EvidenceFactory(submitted_by=person("risk_executive"))
    ReviewFactory(evidence=item)
    yes = EndorsementFactory(initiative=item.initiative)
    assert refused(lambda: write(EndorsedEvidence(endorsement=yes, evidence=item))) == "own_evidence"


def test_an_endorsement_rests_on_accepted_evidence_only():
    item = EvidenceFactory()
    yes = EndorsementFactory(initiative=item.initiative)
    assert refused(lambda: write(EndorsedEvidence(endorsement=yes, evidence=item))) == "evidence_not_accepted"


@pytest.mark.parametrize("who", ["programme_manager", "executive", "technology_executive"])
def test_asker_sponsor_and_submitter_cannot_answer_a_waiver(who):
    waiver = WaiverFactory()
    EvidenceFactory(
        initiative=waiver.initiative, question=waiver.rule, submitted_by=person("technology_executive")
    )
    answer = WaiverAnswer(
        waiver=waiver, accepted=True, reason="Fine.", requested_by=waiver.requested_by, by=person(who)
    )
    with pytest.raises(IntegrityError), writes_allowed(), transaction.atomic():
        answer.save(force_insert=True)


# --- terms -------------------------------------------------------------------------------------------------


def test_evidence_is_not_from_tomorrow():
    later = clock.now().date() + timedelta(days=3)
    assert refused(lambda: EvidenceFactory(observed_on=later)) == "in_the_future"


def test_a_version_follows_the_item_it_replaces():
    first = EvidenceFactory()
    astray = lambda: EvidenceFactory(first=first, supersedes=first, version=2)  # noqa: E731 — of another initiative
    assert refused(astray) == "evidence_lineage"


def test_a_waiver_lasts_thirty_days_at_most():
    today = clock.now().date()
    assert WaiverFactory(until=today + timedelta(days=30)).pk
    assert refused(lambda: WaiverFactory(until=today + timedelta(days=31))) == "waiver_too_long"


def test_a_waiver_is_renewed_once_and_for_the_same_rule():
    first = WaiverFactory()
    again = {"initiative": first.initiative, "renews": first, "renewals": 1}
    assert refused(lambda: WaiverFactory(**{**again, "rule": "ME-04"})) == "waiver_renewal"
    second = WaiverFactory(**again)
    third = {"initiative": first.initiative, "renews": second, "renewals": 2}
    with pytest.raises(IntegrityError), transaction.atomic():
        WaiverFactory(**third)


def test_an_adopted_policy_is_not_adopted_again(policy):
    later = clock.now() + timedelta(hours=1)
    rows = PolicyVersion.objects.filter(pk=policy.pk)
    assert refused(lambda: rows.update(adopted_at=later)) == "policy_adopted_once"
    assert refused(lambda: rows.update(text="weaker")) == "append_only"


def test_a_second_policy_in_force_cannot_be_inserted(policy):
    row = PolicyVersion(version="7", sha256="7" * 64, text="x", adopted_at=clock.now(), is_current=True)
    assert refused(lambda: write(row)) == "policy_in_force"


def test_a_past_is_not_loaded_into_a_portal_that_has_judged(aligned):
    assert refused(lambda: write(ReplayWindow())) == "replay_closed"


def test_a_replay_closes_once_and_for_good():
    write(ReplayWindow())
    rows = ReplayWindow.objects.all()
    with writes_allowed():
        rows.update(closed_at=clock.now())
    assert refused(lambda: rows.update(closed_at=None)) == "replay_closed"
    assert refused(lambda: write(ReplayWindow())) in {"replay_closed", "append_only"}


def test_while_a_past_is_loaded_a_verdict_need_only_have_been_valid_then(policy):
    write(ReplayWindow())
    then = clock.now() - timedelta(days=100)
    row = InitiativeFactory()
    answered_gates(row, policy)
    write(move(row, "in_review", by="programme_manager"))
    evaluation = judged(row, "aligned", at=then, valid_until=then + timedelta(days=9))
    late = move(row, "aligned", evaluation=evaluation, at=then + timedelta(days=10))
    assert refused(lambda: write(late)) == "verdict_forbids"
    assert write(move(row, "aligned", evaluation=evaluation, at=then + timedelta(days=8))).pk


# --- append-only -------------------------------------------------------------------------------------------


def one_of_each(initiative):
    """A row in every table that only grows, by table."""
    item = EvidenceFactory(initiative=initiative, form="file", blob=BlobFactory())
    ReviewFactory(evidence=item)
    yes = EndorsementFactory(initiative=initiative)
    waiver = WaiverFactory(initiative=initiative)
    FindingSetFactory()
    initiative.refresh_from_db()
    with writes_allowed():
        EndorsedEvidence.objects.create(endorsement=yes, evidence=item)
        EndorsementWithdrawal.objects.create(endorsement=yes, reason="No.", by=yes.by)
        gone = EvidenceFactory(initiative=initiative)
        EvidenceWithdrawal.objects.create(evidence=gone, reason="No.", by=gone.submitted_by)
        WaiverAnswer.objects.create(
            waiver=waiver,
            accepted=True,
            reason="Yes.",
            requested_by=waiver.requested_by,
            by=person("risk_executive"),
        )
        WaiverWithdrawal.objects.create(waiver=waiver, reason="No.", by=waiver.requested_by)
        Reinstatement.objects.create(
            initiative=initiative,
            to_status="aligned",
            root_cause="A cause.",
            remedy="A remedy.",
            gate="operation",
            proposed_by=person("programme_manager"),
        )
    initiative.refresh_from_db()
    judged(initiative, "blocked")


@pytest.mark.parametrize("table", sorted(KEPT))
def test_rows_that_only_grow_are_neither_changed_nor_removed(initiative, table):
    one_of_each(initiative)
    key = KEPT[table][0][0]
    assert refused(lambda: run(f"DELETE FROM {table}")) == "append_only"
    assert refused(lambda: run(f"UPDATE {table} SET {key} = {key}")) == "append_only"


@pytest.mark.sqlite
@pytest.mark.parametrize("table", sorted(KEPT))
def test_rows_that_only_grow_are_not_replaced(initiative, table):
    one_of_each(initiative)
    sql = f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} LIMIT 1"
    assert refused(lambda: run(sql)) in {"append_only", "evidence_superseded", "own_evidence"}


@pytest.mark.postgres
@pytest.mark.parametrize("table", sorted(KEPT))
def test_tables_that_only_grow_are_not_emptied(table):
    assert refused(lambda: run(f"TRUNCATE {table} CASCADE")) == "append_only"


# --- counting inputs ---------------------------------------------------------------------------------------


def counted(initiative):
    return Initiative.objects.values_list("inputs_rev", flat=True).get(pk=initiative.pk)


def test_every_change_that_is_judged_is_counted():
    initiative = InitiativeFactory()
    seen = [counted(initiative)]
    item = EvidenceFactory(initiative=initiative)
    seen.append(counted(initiative))
    ReviewFactory(evidence=item)
    seen.append(counted(initiative))
    EndorsementFactory(initiative=initiative)
    seen.append(counted(initiative))
    WaiverFactory(initiative=initiative)
    seen.append(counted(initiative))
    assert seen == [0, 1, 2, 3, 4]


def test_the_count_does_not_go_back():
    initiative = EvidenceFactory().initiative
    assert (
        refused(lambda: Initiative.objects.filter(pk=initiative.pk).update(inputs_rev=0)) == "inputs_guarded"
    )


def test_every_guard_is_in_its_place():
    assert triggers.faults() == []
    assert {guard.table for guard in triggers.registered()} >= set(KEPT)
