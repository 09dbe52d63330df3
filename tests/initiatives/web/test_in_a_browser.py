"""The pages of initiatives in Chromium: written into, listed without reloading, and free of barriers."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings

from initiatives.models import Draft, Initiative
from tests.factories.initiatives import small_document
from tests.initiatives.cast import open_people, saved
from tests.people import browser

pytestmark = pytest.mark.browser
SERIOUS = {"serious", "critical"}
PAGES = (
    "/initiatives/",
    "/initiatives/AI-0001/",
    "/initiatives/AI-0001/chain/",
    "/initiatives/AI-0001/measurement/",
    "/initiatives/AI-0001/risk/",
    "/initiatives/AI-0001/operating-model/",
    "/initiatives/AI-0001/change/",
    "/initiatives/AI-0001/alignment/",
    "/initiatives/AI-0001/history/",
    "/initiatives/AI-0001/dossier/",
    "/initiatives/AI-0001/edit/",
    "/initiatives/AI-0001/edit/metrics/handling-time/comparison/",
    "/initiatives/AI-0001/edit/operating_model/",
    "/initiatives/new/",
    "/initiatives/import/",
)


@pytest.fixture
def portal(transactional_db, live_server, context):
    """A signed-in page of a running portal that holds one full dossier."""
    open_people()
    saved()
    cookie = browser("programme_manager").cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page = context.new_page()
    page.home = live_server.url
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_puts_a_serious_barrier_in_anybodys_way(portal, scheme):
    portal.emulate_media(color_scheme=scheme)
    found = []
    for path in PAGES:
        portal.goto(portal.home + path)
        faults = Axe().run(portal).response["violations"]
        found += [
            (path, fault["id"], node["html"][:160])
            for fault in faults
            if fault["impact"] in SERIOUS
            for node in fault["nodes"]
        ]
    assert found == []


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_no_page_is_wider_than_its_window(portal, width):
    portal.set_viewport_size({"width": width, "height": 800})
    wide = []
    for path in PAGES:
        portal.goto(portal.home + path)
        if portal.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") > 0:
            wide.append(path)
    assert wide == []


def test_the_verdict_and_the_next_moves_stand_above_the_fold_of_a_tablet(portal):
    portal.set_viewport_size({"width": 1024, "height": 768})
    portal.goto(f"{portal.home}/initiatives/AI-0001/")
    box = portal.locator(".next .move").nth(2).bounding_box()
    assert box["y"] + box["height"] < 768


def test_what_is_typed_is_kept_before_anybody_saves_it(portal):
    portal.goto(f"{portal.home}/initiatives/AI-0001/edit/metrics/handling-time/")
    with portal.expect_response("**/draft/**"):
        portal.get_by_label("What is it called?").fill("Handling time per ticket")
    portal.get_by_text("Saved ", exact=False).first.wait_for()
    assert Draft.objects.get().body["title"] == ["Handling time per ticket"]
    portal.reload()
    assert portal.get_by_label("What is it called?").input_value() == "Handling time per ticket"


def test_a_metric_is_changed_with_the_keyboard_alone(portal):
    portal.goto(f"{portal.home}/initiatives/AI-0001/edit/metrics/handling-time/")
    portal.get_by_label("What is it called?").fill("Time per ticket")
    portal.keyboard.press("Enter")
    portal.wait_for_url("**/edit/metrics/")
    portal.get_by_text("Saved.").wait_for()
    assert Initiative.objects.get(key="AI-0001").version == 2


def test_searching_keeps_the_page_and_writes_the_address(portal):
    saved(small_document("AI-0002", title="Fraud triage"))
    portal.goto(f"{portal.home}/initiatives/")
    with portal.expect_response("**/initiatives/?**"):
        portal.locator("#list-search").fill("fraud")
    portal.wait_for_url("**q=fraud**")
    assert portal.locator(".row-link").all_inner_texts() == ["Fraud triage"]
