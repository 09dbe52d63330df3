import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from packs.services.holding import claim
from tests.factories.packs import PackBuildFactory
from tests.packs.conftest import SUBJECT
from tests.packs.papers import text_of
from tests.people import browser


def page(who, address, status=200):
    answer = browser(who).get(address)
    assert answer.status_code == status
    return answer.content.decode()


def test_asking_on_the_page_leads_to_the_pack(initiative):
    answer = browser("executive").post("/packs/", {"subject": SUBJECT})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/packs/PK-0001/")


def test_the_pack_is_read_on_screen_in_the_order_of_the_paper(ready):
    told = page("executive", "/packs/PK-0001/")
    anchors = [
        "summary",
        "chain",
        "measurement",
        "gates",
        "risk",
        "operating-model",
        "change",
        "alignment",
        "limits",
        "appendix",
    ]
    places = [
        told.index(f'<section class="pack-{"summary" if anchor == "summary" else "section"}" id="{anchor}"')
        for anchor in anchors
    ]
    assert places == sorted(places)
    assert all(f'href="#{anchor}"' in told for anchor in anchors)
    assert "style=" not in told.partition("<article")[2].partition("</article>")[0].replace("stroke-", "")


def test_progress_polls_while_it_is_built_and_rests_after(queued):
    claim(queued.pk)
    assert 'hx-trigger="load delay:1s"' in page("executive", "/packs/PK-0001/progress/")
    assert browser("executive").post("/packs/PK-0001/cancel/").status_code == 302
    told = page("executive", "/packs/PK-0001/progress/")
    assert "hx-trigger" not in told
    assert 'action="/packs/PK-0001/retry/"' in told


def test_a_reader_who_may_not_build_gets_no_buttons(queued):
    told = page("auditor", "/packs/PK-0001/progress/")
    assert "/cancel/" not in told


def test_a_download_carries_the_reader_and_is_never_shown_inline(ready):
    answer = browser("executive").get("/packs/PK-0001/pdf/")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="PK-0001-AI-0001-v1.pdf"'
    assert answer.headers["Content-Type"] == "application/pdf"
    assert "Copy for Eleanor Voss" in text_of(answer.content, 1)


def test_what_is_not_ready_has_no_pdf(queued):
    page("executive", "/packs/PK-0001/pdf/", status=409)


@pytest.mark.parametrize("place", ["", "progress/", "pdf/"])
def test_for_a_stranger_there_is_no_such_pack(ready, place):
    page("other_manager", f"/packs/PK-0001/{place}", status=404)
    assert "PK-0001" not in page("other_manager", "/packs/")


def test_a_fingerprint_is_checked_by_its_address(ready):
    assert "Genuine and current" in page("executive", f"/packs/verify/{ready.fingerprint[:16]}/")
    told = page("other_manager", f"/packs/verify/{ready.fingerprint[:16]}/")
    assert "Genuine and current" in told
    assert "You are not among those this pack is for" in told
    assert ready.initiative.title not in told


def test_an_uploaded_copy_is_checked(ready):
    client = browser("executive")
    copy = client.get("/packs/PK-0001/pdf/").content
    answer = client.post("/packs/verify/", {"file": SimpleUploadedFile("a.pdf", copy, "application/pdf")})
    assert "Taken by Eleanor Voss" in answer.content.decode()
    answer = client.post(
        "/packs/verify/", {"file": SimpleUploadedFile("a.pdf", copy + b" ", "application/pdf")}
    )
    assert "Not genuine" in answer.content.decode()


def test_nothing_to_check_is_said_at_the_field(initiative):
    answer = browser("executive").post("/packs/verify/", {})
    assert answer.status_code == 422
    assert "Enter a fingerprint or choose a PDF." in answer.content.decode()


def test_the_list_takes_the_same_queries_for_one_pack_and_for_three(ready, django_assert_num_queries):
    client = browser("executive")
    with django_assert_num_queries(6):
        client.get("/packs/")
    PackBuildFactory.create_batch(2)
    with django_assert_num_queries(6):
        client.get("/packs/")


def test_the_paper_of_the_portfolio_is_asked_for_on_the_page_and_read_there(initiative):
    assert 'value="portfolio"' in page("executive", "/packs/")
    assert 'value="portfolio"' not in page("programme_manager", "/packs/")
    answer = browser("executive").post("/packs/", {"subject": "portfolio", "audience": "executives"})
    assert answer.headers["Location"] == "/packs/PK-0001/"
    told = page("executive", "/packs/PK-0001/")
    places = [
        told.index(f'id="{anchor}"')
        for anchor in ("summary", "initiatives", "flow", "page-AI-0001", "versions")
    ]
    assert places == sorted(places)
    assert "Executives and auditors only" in told
    page("assurer", "/packs/PK-0001/", status=404)


def test_who_read_a_pack_is_told_to_those_who_may_know(ready):
    page("programme_manager", "/packs/PK-0001/")
    browser("executive").get("/packs/PK-0001/pdf/")
    told = page("auditor", "/packs/PK-0001/readers/")
    assert ("Priya Nair" in told, "Took a copy" in told) == (True, True)
    page("programme_manager", "/packs/PK-0001/readers/", status=403)
    assert "/readers/" not in page("programme_manager", "/packs/PK-0001/")
