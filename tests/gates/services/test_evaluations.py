from datetime import timedelta

import pytest
from django.core import mail

from alignment_portal import clock
from alignment_portal.audit.models import Entry
from alignment_portal.reactions import REACTIONS
from gates import tasks
from gates.models import Evaluation, FindingSet, Notice
from gates.selectors.facts import load_facts
from gates.selectors.judging import judge
from gates.services.evaluations import facts_digest
from gates.services.evidence import withdraw_evidence
from gates.services.notices import mail_due, mark_read
from gates.services.sweeps import evaluate_keys, tell_of_expiries
from initiatives.models import Initiative
from initiatives.services.operations import register_deployment
from tests.gates import policy
from tests.gates.scene import LEARNING, answered, judged, offered, saved, standing_at, submitted
from tests.people import actor, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_policy(db):
    policy.adopt()


@pytest.fixture
def initiative():
    row = saved(**LEARNING)
    submitted(row)
    row.refresh_from_db()
    return row


def open_deeds(initiative):
    notices = Notice.objects.filter(initiative=initiative, kind="next_move", settled_at__isnull=True)
    return sorted(notices.values_list("recipient__email", "sentence"))


# --- recording ---------------------------------------------------------------------------------------------


def test_a_verdict_is_recorded_with_what_it_was_made_from(initiative):
    evaluation = judged(initiative)
    assert (evaluation.level, evaluation.status, evaluation.policy.version) == ("blocked", "in_review", "9.1")
    assert (evaluation.fingerprint, evaluation.inputs_rev) == (initiative.fingerprint, initiative.inputs_rev)
    assert evaluation.facts_sha256 == facts_digest(load_facts(["AI-0001"])["AI-0001"])
    assert Entry.objects.filter(action="gates.evaluation.record").count() == 1


def test_the_lists_repeat_the_verdict(initiative):
    judged(initiative)
    assert (initiative.judged_level, bool(initiative.judged_reason)) == ("blocked", True)
    assert initiative.next_mover_name == "Priya Nair"


def test_judging_again_without_a_change_writes_nothing(initiative):
    first = judged(initiative)
    assert judged(initiative) == first
    assert (Evaluation.objects.count(), Notice.objects.filter(kind="next_move").count()) == (
        1,
        len(open_deeds(initiative)),
    )


def test_the_same_findings_are_kept_once(initiative):
    judged(initiative)
    withdraw_evidence(
        by=actor("programme_manager"), evidence=offered(initiative, kind="document"), reason="A slip."
    )
    judged(initiative)
    assert (Evaluation.objects.count(), FindingSet.objects.count()) == (2, 1)


def test_every_change_is_judged_after_it_was_saved(initiative):
    answered(initiative, "DR-01")
    for name in ("gates.evidence_changed", "gates.endorsement_changed", "initiatives.dossier_changed"):
        assert f"{tasks.__name__}.evaluate" in REACTIONS[name]
    assert tasks.evaluate(key=initiative.key, review="RV-0001") == "blocked"
    assert (
        Evaluation.objects.filter(initiative=initiative).first().inputs_rev
        == Initiative.objects.get().inputs_rev
    )


def test_breaches_are_spans_in_which_a_suspender_failed():
    row = saved(**LEARNING)
    document_live(row)
    items = standing_at("learning_only", row)
    withdraw_evidence(by=actor("programme_manager"), evidence=items["CO-01"], reason="A slip.")
    judged(row)
    answered(row, "CO-01")
    judged(row)
    (breach,) = load_facts([row.key])[row.key].breaches
    assert (breach.rules, breach.ended_at is None) == (("CO-01",), False)


def test_what_was_not_recorded_yet_before_anything_was_agreed_is_no_breach():
    row = saved(**LEARNING)
    document_live(row)
    assert [finding.code for finding in judge(row.key).failing("suspender")] == ["CO-01"]
    judged(row)
    assert load_facts([row.key])[row.key].breaches == ()


def document_live(row):
    register_deployment(
        by=actor("programme_manager"),
        initiative=row,
        deployment={"code": "leeds", "state": "live", "live_from": "2026-03-02"},
    )


def test_gates_whose_evidence_is_complete_wait_for_an_executive(initiative):
    answered(initiative, "DR-01")
    assert judged(initiative).awaiting_endorsement == ["data_rights"]


# --- telling -----------------------------------------------------------------------------------------------


def test_the_person_with_the_next_move_is_told_once(initiative):
    judged(initiative)
    first = open_deeds(initiative)
    assert [email for email, _ in first] == ["priya@example.org"] * len(first)
    assert mail_due() >= 1
    judged(initiative)
    assert mail_due() == 0
    mine = [letter for letter in mail.outbox if letter.to == ["priya@example.org"]]
    assert len(mine) == 1
    assert "AI-0001" in mine[0].body


def test_a_deed_that_is_done_is_settled_and_the_next_person_hears(initiative):
    offered(initiative, question="DR-01", kind="document")
    person("legal_assurer")
    judged(initiative)
    assert any(email == "ludovic@example.org" for email, _ in open_deeds(initiative))
    answered(initiative, "DR-01")
    judged(initiative)
    assert not any(email == "ludovic@example.org" for email, _ in open_deeds(initiative))


def test_authors_of_a_draft_get_no_letter():
    row = saved()
    judged(row)
    assert open_deeds(row)
    assert mail_due() == 0


def test_a_broken_mail_server_leaves_the_notice_to_be_sent_later(initiative, settings):
    judged(initiative)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert mail_due() == 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert mail_due() >= 1


def test_reading_marks_ones_own_notices_only(initiative):
    judged(initiative)
    assert mark_read(user_id=person("assurer").pk) == 0
    assert mark_read(user_id=person("programme_manager").pk) == len(open_deeds(initiative))


# --- time --------------------------------------------------------------------------------------------------


def test_the_hourly_round_records_only_what_time_has_changed():
    row = saved(**LEARNING)
    standing_at("aligned", row)
    saved("AI-0002")
    evaluate_keys()
    assert evaluate_keys() == 0
    with clock.at_moment(clock.now() + timedelta(days=200)):
        assert evaluate_keys() >= 1
    row.refresh_from_db()
    assert row.status == "suspended"


def test_warnings_come_at_thirty_fourteen_seven_and_one_days(initiative):
    answered(initiative, "GC-01")
    begun = clock.now()
    told = []
    for day in range(140, 182):
        with clock.at_moment(begun + timedelta(days=day)):
            if tell_of_expiries():
                told.append(day)
    # Observed the day before it was submitted, and fresh for 180 days.
    assert told == [179 - 30, 179 - 14, 179 - 7, 179 - 1]


def test_nobody_is_warned_who_has_acted_already(initiative):
    answered(initiative, "GC-01")
    with clock.at_moment(clock.now() + timedelta(days=160)):
        offered(initiative, question="GC-01", kind="document")
        assert tell_of_expiries() == 0
