"""The gates in Chromium: files dropped and sent one by one, a decision made, and no barrier on any page."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings

from gates.models import Evidence
from tests.gates.policy import adopt
from tests.gates.scene import CSV, LEARNING, answered, offered, saved
from tests.people import browser, everybody

pytestmark = pytest.mark.browser
SERIOUS = {"serious", "critical"}
ROOT = "/initiatives/AI-0001"
GATE = f"{ROOT}/gates/data_rights/"
PAGES = (
    "/",
    f"{ROOT}/gates/",
    GATE,
    f"{ROOT}/gates/operation/",
    f"{GATE}evidence/?question=DR-01",
    f"{ROOT}/status/",
    f"{ROOT}/verdict/",
    "/settings/policy/",
)


@pytest.fixture
def portal(transactional_db, live_server, context, settings, tmp_path):
    """A running portal with one initiative; `portal(who)` is a page on which that person is signed in."""
    settings.MEDIA_ROOT = tmp_path
    everybody()
    adopt()
    initiative = saved(**LEARNING)
    answered(initiative, "GC-01")
    offered(initiative, kind="document", title="Clearance memo")

    def page_of(who):
        sign_in(context, live_server.url, who)
        page = context.new_page()
        page.home = live_server.url
        return page

    return page_of


def sign_in(context, url, who):
    cookie = browser(who).cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url}])


def test_files_are_sent_one_by_one_and_a_refused_one_says_why(portal):
    page = portal("programme_manager")
    page.goto(page.home + GATE)
    page.get_by_role("link", name="Supply evidence").first.click()
    page.get_by_label("What kind of evidence is it?").wait_for()
    page.locator("[data-upload-input]").set_input_files(
        [
            {"name": "rights.csv", "mimeType": "text/csv", "buffer": CSV},
            {"name": "memo.pdf", "mimeType": "application/pdf", "buffer": b"MZ a program"},
        ]
    )
    page.get_by_label("What does it show?").fill("The data may be used.")
    page.get_by_role("button", name="Send for review").click()
    page.locator('.upload-file[data-state="sent"]').wait_for()
    refused = page.locator('.upload-file[data-state="refused"]')
    refused.wait_for()
    assert "This is a program, not a record." in refused.inner_text()
    assert page.locator('.upload-file[data-state="sent"] .upload-name').inner_text() == "rights.csv"
    assert list(Evidence.objects.filter(form="file").values_list("filename", "title")) == [
        ("rights.csv", "rights")
    ]


def test_a_reviewer_accepts_from_home_and_the_gate_says_so(portal):
    page = portal("legal_assurer")
    page.goto(page.home + "/")
    page.get_by_role("link", name="Clearance memo").click()
    page.get_by_label("Yes, I accept it").check()
    page.get_by_label("Why?").fill("Read in full; signed by counsel.")
    page.get_by_role("button", name="Record the decision").click()
    page.get_by_text("Ready to endorse").wait_for()
    assert Evidence.objects.get(question="DR-01").review.reason == "Read in full; signed by counsel."


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_puts_a_serious_barrier_in_anybodys_way(portal, scheme):
    page = portal("programme_manager")
    page.emulate_media(color_scheme=scheme)
    found = []
    for path in PAGES:
        page.goto(page.home + path)
        faults = Axe().run(page).response["violations"]
        found += [
            (path, fault["id"], node["html"][:160])
            for fault in faults
            if fault["impact"] in SERIOUS
            for node in fault["nodes"]
        ]
    assert found == []


def test_no_page_is_wider_than_a_telephone(portal):
    page = portal("programme_manager")
    page.set_viewport_size({"width": 390, "height": 844})
    wide = []
    for path in PAGES:
        page.goto(page.home + path)
        if page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") > 0:
            wide.append(path)
    assert wide == []
