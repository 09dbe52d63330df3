"""The journey of the gates through REST only, and what each refusal says."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alignment_portal import clock
from gates.models import Evidence, EvidenceReview
from initiatives.models import Initiative
from tests.gates import policy
from tests.gates.scene import CSV, LEARNING, answered, endorsed, offered, saved, standing_at, submitted
from tests.people import api

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/initiatives/AI-0001/"


@pytest.fixture(autouse=True)
def small_policy(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    policy.adopt()


@pytest.fixture
def initiative():
    row = saved(**LEARNING)
    submitted(row)
    row.refresh_from_db()
    return row


def offer(**changes):
    return {
        "question": "DR-01",
        "form": "attestation",
        "kind": "document",
        "title": "Clearance memo",
        "statement": "The data may be used.",
        "observed_on": clock.now().date().isoformat(),
        **changes,
    }


def upload(content=CSV, name="sample.csv"):
    return SimpleUploadedFile(name, content, content_type="text/html")


def post(who, path, body, **headers):
    return api(who).post(f"{ROOT}{path}", body, format="json", headers=headers)


def multipart(who, body):
    return api(who).post(f"{ROOT}evidence/", body, format="multipart")


# --- the journey -------------------------------------------------------------------------------------------


def test_from_evidence_to_aligned_by_rest_alone(initiative):
    reviewers = {"DR-01": "legal_assurer", "GC-01": "assurer", "ME-01": "data_assurer"}
    for question, reviewer in reviewers.items():
        sent = post("programme_manager", "evidence/", offer(question=question))
        assert sent.status_code == 201
        ref = sent.data["results"][0]["ref"]
        reviewed = post(reviewer, f"evidence/{ref}/reviews/", {"accepted": True, "reason": "It shows it."})
        assert (reviewed.status_code, reviewed.data["state"]) == (201, "accepted")
    gates = {gate["code"]: gate for gate in api("executive").get(f"{ROOT}gates/").data["results"]}
    for code in ("data_rights", "governance"):
        assert gates[code]["state"] == "answered"
        body = {"seen": gates[code]["seen"], "statement": "I stand behind it."}
        assert post("risk_executive", f"gates/{code}/endorsements/", body).status_code == 201
    assert api("auditor").get(f"{ROOT}verdict/").data["verdict"] == "aligned"
    moved = post("executive", "status/", {"to": "aligned", "reason": "The package carries it."})
    assert (moved.status_code, moved.data["status"], moved.data["moved"]) == (200, "aligned", True)
    assert [move["to_status"] for move in api("auditor").get(f"{ROOT}status/moves/").data["results"]] == [
        "aligned",
        "in_review",
    ]


# --- verdict and status ------------------------------------------------------------------------------------


def test_the_verdict_explains_itself_and_can_be_asked_of_the_past(initiative):
    then = clock.now()
    answered(initiative, "DR-01")
    now = api("executive").get(f"{ROOT}verdict/")
    past = api("executive").get(f"{ROOT}verdict/", {"at": then.isoformat()})
    outcomes = [
        next(finding["outcome"] for finding in answer.data["findings"] if finding["code"] == "DR-01")
        for answer in (now, past)
    ]
    assert outcomes == ["pass", "fail"]
    assert (now.data["verdict"], now.data["next_verdict"]) == ("blocked", "learning_only")
    assert now.data["next_moves"][0]["person"]


def test_an_unchanged_verdict_is_answered_with_304(initiative):
    client = api("executive")
    tag = client.get(f"{ROOT}verdict/").headers["ETag"]
    assert client.get(f"{ROOT}verdict/", headers={"If-None-Match": tag}).status_code == 304
    answered(initiative, "DR-01")
    assert client.get(f"{ROOT}verdict/", headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("at", ["yesterday", "2999-01-01T00:00:00Z"])
def test_a_moment_that_is_none_is_refused(initiative, at):
    answer = api("executive").get(f"{ROOT}verdict/", {"at": at})
    assert (answer.status_code, answer.data["errors"][0]["pointer"]) == (400, "/at")


def test_a_forbidden_move_answers_409_with_the_blockers(initiative):
    answer = post("executive", "status/", {"to": "aligned", "reason": "Please."})
    assert (answer.status_code, answer.data["code"]) == (409, "verdict_forbids")
    assert [blocker["code"] for blocker in answer.data["blockers"]] == [
        "DR-01",
        "GC-01",
        "ME-01",
        "ME-12",
        "G0-01",
    ]
    assert Initiative.objects.get().status == "in_review"


def test_the_same_status_is_a_success_that_does_nothing(initiative):
    answer = post("executive", "status/", {"to": "in_review", "reason": ""})
    assert (answer.status_code, answer.data["moved"]) == (200, False)


def test_a_move_on_a_stale_reading_answers_412(initiative):
    answer = post("executive", "status/", {"to": "retired", "reason": "Over."}, **{"If-Match": '"draft-1"'})
    assert (answer.status_code, answer.data["code"]) == (412, "stale")


def test_an_unknown_field_is_refused_by_name(initiative):
    answer = post("executive", "status/", {"to": "retired", "reason": "Over.", "status": "scale_ready"})
    assert (answer.status_code, answer.data["errors"][0]["pointer"]) == (400, "/status")


def test_a_suspension_is_lifted_by_two_people():
    row = saved(
        **LEARNING,
    )
    standing_at("aligned", row)
    post("executive", "status/", {"to": "suspended", "reason": "A complaint."})
    asked = {
        "to": "aligned",
        "gate": "measurement",
        "root_cause": "A wrong feed.",
        "remedy": "The feed was mended.",
    }
    proposed = post("programme_manager", "reinstatements/", asked)
    assert proposed.status_code == 201
    path = f"reinstatements/{proposed.data['id']}/confirmation/"
    assert post("programme_manager", path, {"reason": "Fine."}).status_code == 403
    confirmed = post("executive", path, {"reason": "The cause is gone."})
    assert (confirmed.status_code, confirmed.data["status"]) == (200, "aligned")


# --- evidence ----------------------------------------------------------------------------------------------


def test_files_are_offered_as_multipart_and_served_to_be_saved_only(initiative):
    sent = multipart("contributor", offer(form="file", file=[upload(), upload(b"a\n1\n", "b \u202e.csv")]))
    assert (sent.status_code, [row["filename"] for row in sent.data["results"]]) == (
        201,
        ["sample.csv", "b .csv"],
    )
    answer = api("auditor").get(f"{ROOT}evidence/EV-0001/file/")
    assert b"".join(answer.streaming_content) == CSV
    assert {
        name: answer.headers[name]
        for name in ("Content-Type", "Content-Disposition", "X-Content-Type-Options")
    } == {
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Disposition": "attachment; filename*=UTF-8''sample.csv",
        "X-Content-Type-Options": "nosniff",
    }
    assert answer.headers["Content-Security-Policy"].startswith("sandbox;")


def test_a_refused_file_says_why_and_leaves_nothing(initiative):
    answer = multipart("contributor", offer(form="file", file=[upload(), upload(b"<svg/>", "x.csv")]))
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.data["errors"]] == ["/files/1"]
    assert Evidence.objects.count() == 0


def test_an_empty_file_is_refused_in_words(initiative):
    answer = multipart("contributor", offer(form="file", file=[upload(b"")]))
    assert (answer.status_code, answer.data["code"]) == (400, "file_empty")


def test_measured_values_come_as_json_or_as_a_form_field(initiative):
    measured = offer(form="measurement", measures={"recall": 0.994})
    assert post("contributor", "evidence/", measured).data["results"][0]["measures"] == {"recall": 0.994}
    form = offer(form="file", measures='{"items": 512}', file=[upload()], expires_on="")
    assert multipart("contributor", form).data["results"][0]["measures"] == {"items": 512}
    assert multipart("contributor", {**form, "measures": "{", "file": [upload()]}).status_code == 400
    assert post("contributor", "evidence/", {**measured, "measures": [1]}).status_code == 400


def test_the_same_key_submits_once(initiative):
    client, once = api("contributor"), {"Idempotency-Key": "k1"}

    def send(body):
        return client.post(f"{ROOT}evidence/", body, format="json", headers=once)

    assert [send(offer()).data["results"][0]["ref"] for _ in range(2)] == ["EV-0001", "EV-0001"]
    other = send(offer(title="Other"))
    assert (other.status_code, other.data["code"]) == (422, "idempotency_key_reused")


def test_a_correction_names_what_it_replaces(initiative):
    offered(initiative, kind="document")
    sent = post("contributor", "evidence/", offer(supersedes="EV-0001"))
    assert (sent.data["results"][0]["version"], sent.data["results"][0]["supersedes"]) == (2, "EV-0001")
    first = api("contributor").get(f"{ROOT}evidence/EV-0001/")
    assert (first.data["state"], first.data["superseded_by"]) == ("superseded", "EV-0002")
    assert post("contributor", "evidence/", offer(supersedes="EV-0009")).status_code == 400


def test_withdrawing_leaves_the_item_readable(initiative):
    offered(initiative, kind="document")
    gone = post("contributor", "evidence/EV-0001/withdrawal/", {"reason": "A draft."})
    assert (gone.status_code, gone.data["state"], gone.data["withdrawal"]["reason"]) == (
        201,
        "withdrawn",
        "A draft.",
    )


def test_a_submitter_cannot_review(initiative):
    offered(initiative, kind="document")
    answer = post("programme_manager", "evidence/EV-0001/reviews/", {"accepted": True, "reason": "Mine."})
    assert (answer.status_code, EvidenceReview.objects.count()) == (403, 0)


def test_lists_can_be_narrowed_to_a_question(initiative):
    offered(initiative, kind="document")
    offered(initiative, question="GC-01", kind="document")
    answer = api("auditor").get(f"{ROOT}evidence/", {"question": "GC-01"})
    assert [row["ref"] for row in answer.data["results"]] == ["EV-0002"]


@pytest.mark.parametrize(
    "path", ["evidence/", "waivers/", "status/moves/", "gates/", "gates/data_rights/endorsements/"]
)
def test_lists_need_the_same_queries_for_one_row_and_for_three(initiative, path):
    client = api("auditor")

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"{ROOT}{path}").status_code == 200
        return len(captured)

    rows(initiative, 1)
    client.get(f"{ROOT}{path}")
    one = queries()
    rows(initiative, 2)
    assert queries() == one


def rows(initiative, count):
    for _ in range(count):
        answered(initiative, "DR-01")
        endorsed(initiative, "data_rights", "risk_executive")


# --- endorsements ------------------------------------------------------------------------------------------


def test_endorsing_what_is_no_longer_there_answers_409_with_the_current_fingerprint(initiative):
    answered(initiative, "DR-01")
    answer = post(
        "risk_executive", "gates/data_rights/endorsements/", {"seen": "0" * 64, "statement": "Yes."}
    )
    assert (answer.status_code, answer.data["code"]) == (409, "evidence_changed")
    assert len(answer.data["blockers"][0]["current"]) == 64


# --- waivers -----------------------------------------------------------------------------------------------


def waiver(**changes):
    until = (clock.now().date() + timedelta(days=20)).isoformat()
    return {
        "rule": "ME-01",
        "reason": "Small.",
        "compensating_control": "Labelled.",
        "until": until,
        **changes,
    }


def test_a_waiver_is_asked_for_and_answered(initiative):
    asked = post("programme_manager", "waivers/", waiver())
    assert (asked.status_code, asked.data["state"]) == (201, "requested")
    assert post("executive", "waivers/WV-0001/acceptance/", {"reason": "Fine."}).status_code == 403
    answer = post("risk_executive", "waivers/WV-0001/acceptance/", {"reason": "Fine."})
    assert (answer.status_code, answer.data["state"]) == (201, "accepted")
    gone = post("risk_executive", "waivers/WV-0001/withdrawal/", {"reason": "No longer."})
    assert gone.data["state"] == "withdrawn"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"rule": "GC-01"}, 409, "not_waivable"),
        ({"rule": "XX-01"}, 400, "rule_unknown"),
        ({"until": "2020-01-01"}, 400, "waiver_too_long"),
        ({"until": "2099-01-01"}, 400, "waiver_too_long"),
        ({"renews": "WV-0009"}, 400, "waiver_not_found"),
        ({"reason": " "}, 400, "required"),
    ],
)
def test_a_waiver_outside_its_terms_is_refused(initiative, changes, status, code):
    answer = post("programme_manager", "waivers/", waiver(**changes))
    assert (answer.status_code, answer.data["code"]) == (status, code)


# --- who sees ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    ["verdict/", "status/", "gates/", "evidence/", "evidence/EV-0001/", "evidence/EV-0001/file/", "waivers/"],
)
def test_an_initiative_one_may_not_see_does_not_exist(initiative, path):
    offered(initiative, form="file", kind="document", file=upload())
    answer = api("other_manager").get(f"{ROOT}{path}")
    assert (answer.status_code, answer.data["code"]) == (404, "initiative_not_found")


def test_evidence_of_another_initiative_is_not_found_under_this_one(initiative):
    other = saved("AI-0002")
    offered(other, kind="document")
    assert api("auditor").get(f"{ROOT}evidence/EV-0001/").status_code == 404


@pytest.mark.parametrize(
    ("scope", "path", "body"),
    [
        ("write", "evidence/", offer()),
        ("evidence", "status/", {"to": "draft", "reason": "Back."}),
        ("read", "waivers/", waiver()),
    ],
)
def test_a_token_without_the_scope_changes_nothing(initiative, scope, path, body):
    answer = api("programme_manager", scope).post(f"{ROOT}{path}", body, format="json")
    assert (answer.status_code, answer.data["code"]) == (403, "scope_missing")
