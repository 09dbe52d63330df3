"""The roadmap in a real browser: dragging a card and choosing its quarter send the same question."""

import mimetypes
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from django.conf import settings

from alignment_portal import clock
from portfolio.selectors.roadmap import Quarter
from tests.factories.metrics import document_of, initiative
from tests.people import browser, everybody

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
HOME = "http://portal.test"


@pytest.fixture
def opened(page):
    """The page as an executive gets it, in a browser that keeps what it would send."""
    everybody()
    soon = Quarter.of(clock.now().date()).later(1)
    initiative(document=document_of("AI-0001", planned_launch_on=soon.begins_on.isoformat()))
    html = browser("executive").get("/portfolio/roadmap/").content.decode()
    sent = []

    def answer(route):
        path = route.request.url.removeprefix(HOME)
        if route.request.method == "POST":
            sent.append({name: values[0] for name, values in parse_qs(route.request.post_data).items()})
            route.fulfill(status=204)
        elif path.startswith("/static/"):
            file = Path(settings.BASE_DIR) / path.lstrip("/")
            kind = mimetypes.guess_type(file.name)[0] or "font/woff2"
            route.fulfill(body=file.read_bytes(), content_type=kind)
        else:
            route.fulfill(body=html, content_type="text/html")

    page.route(f"{HOME}/**", answer)
    page.goto(f"{HOME}/portfolio/roadmap/")
    return page, sent, soon


def test_a_card_dragged_to_another_quarter_asks_for_that_quarter(opened):
    page, sent, soon = opened
    page.drag_and_drop("[data-card] .cell-note", f'[data-quarter="{soon.later(1).code}"] h3')
    page.wait_for_timeout(300)
    assert [(one["initiative"], one["quarter"]) for one in sent] == [("AI-0001", soon.later(1).code)]


def test_a_card_dropped_where_it_was_asks_nothing(opened):
    page, sent, soon = opened
    page.drag_and_drop("[data-card] .cell-note", f'[data-quarter="{soon.code}"] h3')
    page.wait_for_timeout(300)
    assert sent == []


def test_the_same_is_asked_by_keyboard(opened):
    page, sent, soon = opened
    page.focus("[data-card='AI-0001'] summary")
    for key in ("Enter", "Tab", "ArrowDown", "Tab"):
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    assert [(one["initiative"], one["quarter"]) for one in sent] == [("AI-0001", soon.later(1).code)]
