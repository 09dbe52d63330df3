"""Offering, reviewing, withdrawing and fetching evidence through the pages."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from alignment_portal import clock
from gates.models import Evidence, EvidenceReview, EvidenceWithdrawal
from tests.gates.scene import CSV, answered, offered, upload
from tests.people import browser

ROOT = "/initiatives/AI-0001"
GATE = f"{ROOT}/gates/data_rights/"
OFFER = f"{GATE}evidence/"


def said(**changes):
    return {
        "question": "DR-01",
        "form": "file",
        "kind": "document",
        "statement": "The data may be used.",
        "title": "",
        "link": "",
        "observed_on": clock.now().date().isoformat(),
        **changes,
    }


def csv(name="rights.csv", content=CSV):
    return SimpleUploadedFile(name, content, content_type="text/html")


def test_several_files_sent_at_once_become_an_item_each(initiative):
    answer = browser("programme_manager").post(
        OFFER, said(title="Rights", files=[csv("a.csv"), csv("b.csv")])
    )
    assert answer.headers["Location"] == f"{GATE}#question-DR-01"
    kept = Evidence.objects.order_by("pk").values_list("filename", "title", "form")
    assert list(kept) == [("a.csv", "Rights", "file"), ("b.csv", "Rights", "file")]


def test_a_file_without_a_title_is_called_by_its_name(initiative):
    browser("contributor").post(OFFER, said(files=csv("data rights.csv")))
    assert Evidence.objects.get().title == "data rights"


def test_a_script_sends_one_file_and_reads_json(initiative):
    answer = browser("programme_manager").post(
        OFFER, said(files=csv()), headers={"accept": "application/json", "x-requested-with": "upload"}
    )
    assert (answer.status_code, answer.json()) == (201, {"evidence": [Evidence.objects.get().ref]})


def test_a_refused_file_says_why_and_keeps_the_words(initiative):
    data = said(statement="Cleared by counsel.", files=[csv(), csv("run.pdf", b"MZ not a document")])
    answer = browser("programme_manager").post(OFFER, data)
    assert answer.status_code == 422
    assert answer.context["form"]["statement"].value() == "Cleared by counsel."
    assert len(answer.context["form"].errors["file"]) == 1
    assert answer.context["form"].errors["file"][0].startswith("run.pdf: This is a program, not a record.")
    assert Evidence.objects.count() == 0


def test_a_refused_file_tells_a_script_the_same(initiative):
    answer = browser("programme_manager").post(
        OFFER, said(files=csv("empty.csv", b"")), headers={"x-requested-with": "upload"}
    )
    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"pointer": "/file", "detail": "empty.csv: This file is empty.", "code": "invalid"}
    ]


def test_a_file_is_asked_for_when_none_is_sent(initiative):
    answer = browser("programme_manager").post(OFFER, said())
    assert (answer.status_code, answer.context["form"].errors["file"]) == (422, ["Add the file."])


def test_a_link_that_is_no_address_is_refused_at_its_field(initiative):
    answer = browser("programme_manager").post(
        OFFER, said(form="link", title="Register", link="javascript:1")
    )
    assert answer.status_code == 422
    assert answer.context["form"].errors["link"] == [
        "Write a whole address that begins with https:// or http://."
    ]


def test_a_link_is_kept_without_a_file(initiative):
    browser("programme_manager").post(
        OFFER, said(form="link", title="Register", link="https://records.example/7")
    )
    assert Evidence.objects.values_list("form", "link").get() == ("link", "https://records.example/7")


def test_a_new_version_begins_with_what_was_said_before(initiative):
    first = offered(initiative, kind="document")
    form = browser("programme_manager").get(f"{OFFER}?question=DR-01&supersedes={first.ref}").context["form"]
    assert (form["title"].value(), form["supersedes"].value()) == (first.title, first.ref)


def test_a_new_version_replaces_the_item(initiative):
    first = answered(initiative, "DR-01")
    browser("programme_manager").post(OFFER, said(supersedes=first.ref, files=csv()))
    assert Evidence.objects.get(supersedes=first).version == 2


def test_an_item_replaced_meanwhile_is_not_replaced_again(initiative):
    first = offered(initiative, kind="document")
    offered(initiative, kind="document", supersedes=first)
    answer = browser("programme_manager").post(OFFER, said(supersedes=first.ref, files=csv()))
    assert answer.status_code == 409
    assert "was replaced by" in answer.context["form"].errors["__all__"][0]


@pytest.mark.parametrize("who", ["assurer", "executive", "auditor"])
def test_who_may_not_submit_is_refused(initiative, who):
    assert browser(who).get(f"{OFFER}?question=DR-01").status_code == 403
    assert browser(who).post(OFFER, said(files=csv())).status_code == 403
    assert Evidence.objects.count() == 0


def test_a_question_of_another_gate_is_not_found(initiative):
    assert browser("programme_manager").get(f"{OFFER}?question=GC-01").status_code == 404


# --- reviewing ---------------------------------------------------------------------------------------------


def review(item, decision="accept", reason="Read in full."):
    return {f"review-{item.ref}-decision": decision, f"review-{item.ref}-reason": reason}


def test_a_reviewer_accepts_with_a_reason(initiative):
    item = offered(initiative, kind="document")
    answer = browser("legal_assurer").post(f"{ROOT}/evidence/{item.ref}/review/", review(item))
    assert answer.headers["Location"] == f"{GATE}#{item.ref}"
    assert EvidenceReview.objects.values_list("accepted", "reason").get() == (True, "Read in full.")


def test_a_decision_without_a_reason_comes_back_with_what_was_chosen(initiative):
    item = offered(initiative, kind="document")
    answer = browser("legal_assurer").post(f"{ROOT}/evidence/{item.ref}/review/", review(item, "reject", ""))
    form = answer.context["questions"][0].items[0].review_form
    assert (answer.status_code, form["decision"].value(), list(form.errors)) == (422, "reject", ["reason"])
    assert EvidenceReview.objects.count() == 0


@pytest.mark.parametrize("who", ["security_assurer", "executive", "auditor", "programme_manager"])
def test_others_may_not_review(initiative, who):
    item = offered(initiative, kind="document")
    answer = browser(who).post(f"{ROOT}/evidence/{item.ref}/review/", review(item))
    assert (answer.status_code, EvidenceReview.objects.count()) == (403, 0)


def test_what_was_decided_is_not_decided_again(initiative):
    item = answered(initiative, "DR-01")
    answer = browser("data_assurer").post(f"{ROOT}/evidence/{item.ref}/review/", review(item, "reject"))
    assert answer.status_code == 409
    assert EvidenceReview.objects.get().accepted is True


def test_an_item_is_withdrawn_with_a_reason_and_stays_readable(initiative):
    item = offered(initiative, kind="document")
    data = {f"withdraw-{item.ref}-reason": "The wrong file."}
    browser("contributor").post(f"{ROOT}/evidence/{item.ref}/withdraw/", data)
    assert EvidenceWithdrawal.objects.get().reason == "The wrong file."
    [past] = browser("auditor").get(GATE).context["questions"][0].past
    assert (past.row.ref, past.state) == (item.ref, "withdrawn")


# --- fetching ----------------------------------------------------------------------------------------------


def test_a_file_is_saved_and_never_shown(initiative):
    item = offered(initiative, form="file", kind="document", file=upload(b"<b>a,b</b>\n1,2\n", "rights.csv"))
    answer = browser("auditor").get(f"{ROOT}/evidence/{item.ref}/file/")
    assert b"".join(answer.streaming_content) == b"<b>a,b</b>\n1,2\n"
    assert {
        name: answer.headers[name]
        for name in ("Content-Type", "Content-Disposition", "X-Content-Type-Options")
    } == {
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Disposition": "attachment; filename*=UTF-8''rights.csv",
        "X-Content-Type-Options": "nosniff",
    }


def test_a_file_of_an_initiative_of_others_is_not_found(initiative):
    item = offered(initiative, form="file", kind="document", file=upload())
    assert browser("other_manager").get(f"{ROOT}/evidence/{item.ref}/file/").status_code == 404
