import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from packs.models import PackBuild, PackCopy
from tests.factories.packs import PackBuildFactory
from tests.packs.conftest import SUBJECT
from tests.people import api


def ask(client, subject=SUBJECT, **headers):
    return client.post("/api/v1/packs/", {"subject": subject}, format="json", headers=headers)


def test_asking_answers_202_and_where_to_follow(initiative):
    answer = ask(api("executive"))
    assert (answer.status_code, answer.headers["Location"]) == (202, "/api/v1/packs/PK-0001/")
    assert (answer.data["state"], answer.data["version"], answer.data["file"]) == ("queued", 1, None)


def test_the_same_request_under_its_key_is_answered_again(initiative):
    client = api("executive")
    first, second = ask(client, **{"Idempotency-Key": "a"}), ask(client, **{"Idempotency-Key": "a"})
    assert first.json() == second.json()
    assert second.headers["Idempotency-Replayed"] == "true"
    assert PackBuild.objects.count() == 1


def test_another_subject_is_a_problem_with_a_pointer(initiative):
    answer = ask(api("executive"), "team:northlight")
    assert answer.status_code == 400
    assert answer.data["errors"] == [
        {
            "pointer": "/subject",
            "detail": "Name the subject as initiative:KEY, cluster:CODE or portfolio, for example initiative:AI-0001.",
            "code": "subject_unknown",
        }
    ]


def test_an_unknown_field_is_refused_by_name(initiative):
    answer = api("executive").post("/api/v1/packs/", {"subject": SUBJECT, "colour": "red"}, format="json")
    assert [error["pointer"] for error in answer.data["errors"]] == ["/colour"]


def test_a_token_that_only_reads_builds_nothing(initiative):
    answer = ask(api("executive", "read"))
    assert (answer.status_code, answer.data["code"]) == (403, "scope_missing")


def test_one_pack_is_read_whole_and_not_sent_twice(ready):
    client = api("executive")
    answer = client.get("/api/v1/packs/PK-0001/")
    assert [one["code"] for one in answer.data["sections"]][:2] == ["chain", "measurement"]
    assert answer.data["file"]["href"] == "/api/v1/packs/PK-0001/pdf/"
    again = client.get("/api/v1/packs/PK-0001/", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_the_pdf_is_a_copy_that_is_kept_in_the_record(ready):
    body = api("executive").get("/api/v1/packs/PK-0001/pdf/").content
    assert PackCopy.objects.get().sha256 == hashlib.sha256(body).hexdigest()


def test_cancel_and_retry(queued):
    client = api("executive")
    assert client.post("/api/v1/packs/PK-0001/cancel/").data["state"] == "cancelled"
    again = client.post("/api/v1/packs/PK-0001/retry/")
    assert (again.status_code, again.data["state"]) == (202, "queued")


def test_what_is_ready_is_not_cancelled(ready):
    answer = api("executive").post("/api/v1/packs/PK-0001/cancel/")
    assert (answer.status_code, answer.data["detail"]) == (
        409,
        "PK-0001 is ready: there is nothing left to cancel.",
    )


def test_a_stranger_sees_no_pack(ready):
    client = api("other_manager")
    assert client.get("/api/v1/packs/").data["results"] == []
    assert [client.get(f"/api/v1/packs/PK-0001/{place}").status_code for place in ("", "pdf/")] == [404, 404]


def test_the_list_can_be_narrowed(ready):
    client = api("executive")
    found = [
        client.get(f"/api/v1/packs/?{query}").data["results"]
        for query in ("state=ready", "state=failed", "initiative=AI-0001")
    ]
    assert [len(rows) for rows in found] == [1, 0, 1]


def test_the_list_takes_the_same_queries_for_one_pack_and_for_three(queued, django_assert_num_queries):
    client = api("executive")
    client.get("/api/v1/packs/")
    with django_assert_num_queries(3):
        client.get("/api/v1/packs/")
    PackBuildFactory.create_batch(2)
    with django_assert_num_queries(3):
        client.get("/api/v1/packs/")


def test_the_paper_of_the_portfolio_is_asked_for_and_read_like_any_other(initiative):
    client = api("executive")
    answer = ask(client, "portfolio")
    assert (answer.status_code, answer.data["initiative"], answer.data["subject"]) == (202, None, "portfolio")
    read = client.get(answer.headers["Location"]).data
    assert [one["code"] for one in read["sections"]][:2] == ["initiatives", "flow"]
    assert (read["summary"], read["since"]["ref"]) == (None, "")
    assert read["overview"]["sentence"] == "The initiative may not scale yet; it is blocked."
    assert len(client.get("/api/v1/packs/?subject=portfolio").data["results"]) == 1


def test_a_cluster_nobody_knows_is_not_found(initiative):
    answer = ask(api("executive"), "cluster:nowhere")
    assert (answer.status_code, answer.data["code"]) == (404, "cluster_not_found")


def test_an_audience_nobody_knows_is_refused_at_its_field(initiative):
    sent = {"subject": SUBJECT, "audience": "friends"}
    answer = api("executive").post("/api/v1/packs/", sent, format="json")
    assert [error["pointer"] for error in answer.data["errors"]] == ["/audience"]


def test_a_pdf_or_its_fingerprint_is_verified(ready):
    client = api("executive")
    copy = client.get("/api/v1/packs/PK-0001/pdf/").content
    sent = {"file": SimpleUploadedFile("a.pdf", copy, "application/pdf")}
    by_file = client.post("/api/v1/packs/verify/", sent, format="multipart").data
    assert (by_file["state"], by_file["is_current"], by_file["copy_of"]) == ("genuine", True, "Eleanor Voss")
    sent = {"fingerprint": ready.fingerprint}
    told = api("other_manager").post("/api/v1/packs/verify/", sent, format="json").data
    assert (told["state"], told["may_read"], told["subject"], told["copy_of"]) == (
        "genuine",
        False,
        None,
        None,
    )


@pytest.mark.parametrize("sent", [{}, {"fingerprint": ""}, {"fingerprint": ["a"]}, {"file": "words"}])
def test_nothing_to_verify_is_a_problem(ready, sent):
    assert api("executive").post("/api/v1/packs/verify/", sent, format="json").status_code == 400


def test_who_read_a_pack_is_for_those_who_read_the_history(ready):
    api("programme_manager").get("/api/v1/packs/PK-0001/")
    found = api("auditor").get("/api/v1/packs/PK-0001/readers/").data
    assert [(one["name"], one["way"]) for one in found] == [("Priya Nair", "opened")]
    assert api("programme_manager").get("/api/v1/packs/PK-0001/readers/").status_code == 403
