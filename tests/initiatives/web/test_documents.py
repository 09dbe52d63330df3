"""Beginning an initiative, importing and exporting its dossier, and comparing versions."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from initiatives.models import Initiative
from initiatives.services.dossiers import change_section
from tests.factories.initiatives import full_document, small_document
from tests.initiatives.cast import actor, saved
from tests.people import browser

pytestmark = pytest.mark.django_db
IMPORT = "/initiatives/import/"


def upload(document):
    return {"file": SimpleUploadedFile("dossier.json", json.dumps(document).encode())}


def test_an_initiative_is_begun_by_its_first_answers(people):
    client = browser("programme_manager")
    answer = client.post(
        "/initiatives/new/", {"title": "Fraud triage", "archetype": "ml_decisioning", "horizon": "H1"}
    )
    row = Initiative.objects.get()
    assert answer.headers["Location"] == f"/initiatives/{row.key}/edit/"
    assert (row.title, row.owner.email) == ("Fraud triage", "priya@example.org")


def test_a_missing_answer_stands_at_its_field(people):
    answer = browser("programme_manager").post("/initiatives/new/", {"title": "", "horizon": "H1"})
    assert answer.status_code == 422
    assert answer.context["form"].errors == {
        "title": ["This must be answered."],
        "archetype": ["This must be answered."],
    }


def test_one_that_sounds_alike_is_begun_only_on_a_second_thought(people):
    saved(small_document(title="Support assistant"))
    client = browser("programme_manager")
    sent = {"title": "Support assistant Leeds", "archetype": "ml_decisioning", "horizon": "H1"}
    assert [row.key for row in client.post("/initiatives/new/", sent).context["similar"]] == ["AI-0001"]
    assert Initiative.objects.count() == 1
    client.post("/initiatives/new/", {**sent, "different": "on"})
    assert Initiative.objects.count() == 2


def test_an_import_first_says_what_it_would_change_and_then_does_it(people):
    saved()
    client = browser("programme_manager")
    changed = full_document(title="Another name")
    preview = client.post(IMPORT, upload(changed))
    assert [change.words for change in preview.context["changes"]] == [
        "Initiative, title: “Support assistant” → “Another name”"
    ]
    assert Initiative.objects.get().version == 1
    shown = preview.context["form"].initial["document"]
    client.post(IMPORT, {"document": shown, "expected": preview.context["expected"], "deed": "apply"})
    assert Initiative.objects.get().title == "Another name"


def test_an_import_that_somebody_overtook_is_refused(people):
    row = saved()
    client = browser("programme_manager")
    preview = client.post(IMPORT, upload(full_document(title="Mine")))
    change_section(
        by=actor("priya@example.org"),
        initiative=row,
        section="initiative/title",
        value="Theirs",
        expected_version=1,
    )
    shown = preview.context["form"].initial["document"]
    answer = client.post(
        IMPORT, {"document": shown, "expected": preview.context["expected"], "deed": "apply"}
    )
    assert answer.status_code == 422
    assert Initiative.objects.get().title == "Theirs"


def test_every_fault_of_a_document_is_listed_and_nothing_is_written(people):
    broken = full_document()
    broken["metrics"][0]["baseline"]["sample_size"] = -1
    broken["initiative"]["colour"] = "red"
    broken["initiative"]["sponsor"] = "not an e-mail"
    answer = browser("programme_manager").post(IMPORT, upload(broken))
    assert answer.status_code == 422
    assert [fault.pointer for fault in answer.context["faults"]] == [
        "/initiative/colour",
        "/initiative/sponsor",
        "/metrics/0/baseline/sample_size",
    ]
    assert Initiative.objects.count() == 0


@pytest.mark.parametrize("text", ["", "{", "[]", "\x00"])
def test_what_is_no_document_is_refused_in_a_sentence(people, text):
    answer = browser("programme_manager").post(IMPORT, {"document": text})
    assert answer.status_code == 422


def test_somebody_elses_key_is_only_said_to_be_taken(people):
    saved(full_document(title="A secret"))
    document = small_document()
    document["initiative"]["owner"] = "oskar@example.org"
    answer = browser("other_manager").post(IMPORT, upload(document))
    assert answer.status_code == 422
    assert b"A secret" not in answer.content


def test_importing_what_was_exported_changes_nothing(people):
    saved()
    client = browser("programme_manager")
    text = client.get("/initiatives/AI-0001/dossier/export/").content.decode()
    assert client.post(IMPORT, {"document": text}).context["changes"] == ()
    client.post(IMPORT, {"document": text, "expected": Initiative.objects.get().fingerprint, "deed": "apply"})
    assert Initiative.objects.get().version == 1


def test_two_versions_are_compared(people):
    row = saved()
    change_section(
        by=actor("priya@example.org"),
        initiative=row,
        section="initiative/title",
        value="New",
        expected_version=1,
    )
    page = browser("executive").get("/initiatives/AI-0001/dossier/", {"version": 2, "against": 1})
    assert [change.pointer for change, _ in page.context["changes"]] == ["/initiative/title"]
    assert browser("executive").get("/initiatives/AI-0001/dossier/", {"version": 9}).status_code == 404
    assert browser("other_manager").get("/initiatives/AI-0001/dossier/export/").status_code == 404


def test_only_programme_managers_begin_or_import(people):
    for path in ("/initiatives/new/", IMPORT):
        assert browser("executive").get(path).status_code == 403
        assert browser("executive").post(path, upload(small_document())).status_code == 403
