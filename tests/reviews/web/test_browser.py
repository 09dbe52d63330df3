"""An executive with a tablet gives every stance by keyboard alone."""

import pytest
from django.conf import settings

from reviews.models import Stance
from reviews.services.trade_offs import propose_trade_off
from tests.factories.reviews import review
from tests.people import actor, browser, everybody

FOCUSED = "document.activeElement.closest('label, a, button')?.innerText || document.activeElement.name || ''"


@pytest.fixture
def tablet(page, live_server):
    session = browser("executive").cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
    )
    page.set_viewport_size({"width": 1024, "height": 768})
    return page


def tab_to(page, words):
    for _ in range(60):
        page.keyboard.press("Tab")
        if words in page.evaluate(FOCUSED):
            return
    pytest.fail(f"The keyboard does not reach “{words}”.")


@pytest.mark.django_db(transaction=True)
def test_an_executive_gives_every_stance_by_keyboard(tablet, live_server):
    everybody()
    about = review(hours=1)
    propose_trade_off(by=actor("executive"), review=about, code="speed", choose="speed", accept="cost")
    tablet.goto(f"{live_server.url}/reviews/{about.ref}/")
    tab_to(tablet, "Give your stances")
    tablet.keyboard.press("Enter")
    tablet.wait_for_url("**/trade-offs/log-first/")
    tab_to(tablet, "Agree")
    tablet.keyboard.press("Space")
    tab_to(tablet, "Give my stance")
    tablet.keyboard.press("Enter")
    tablet.wait_for_url("**/trade-offs/speed/")
    tab_to(tablet, "Agree")
    tablet.keyboard.press("ArrowDown")
    tablet.keyboard.press("ArrowDown")
    tab_to(tablet, "reason")
    tablet.keyboard.type("We lose the summer.")
    tab_to(tablet, "Give my stance")
    tablet.keyboard.press("Enter")
    tablet.wait_for_url("**/parts/outcome_chain/")
    tablet.locator("[name=rating]").first.focus()
    tablet.keyboard.press("ArrowRight")
    tab_to(tablet, "Agree")
    tablet.keyboard.press("Space")
    tab_to(tablet, "Give my stance")
    tablet.keyboard.press("Enter")
    tablet.wait_for_url("**/parts/operating_model/")
    given = Stance.objects.order_by("id").values_list("answer", "reason", "rating")
    assert list(given) == [
        ("agree", "", None), ("disagree", "We lose the summer.", None), ("agree", "", 2),
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_what_is_tapped_to_give_a_stance_is_large_enough(tablet, live_server):
    everybody()
    about = review(hours=1)
    tablet.goto(f"{live_server.url}/reviews/{about.ref}/trade-offs/log-first/")
    targets = tablet.locator(".stance-choice, .stance-bar .button").all()
    assert len(targets) == 5
    assert [round(target.bounding_box()["height"]) >= 44 for target in targets] == [True] * 5
