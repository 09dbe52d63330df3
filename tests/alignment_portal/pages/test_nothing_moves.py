"""Pages that arrive slowly, in Chromium: nothing that can be seen already moves for what comes later."""

import pytest
from django.conf import settings

from tests.initiatives.cast import open_people, saved
from tests.people import browser

pytestmark = pytest.mark.browser
PAGES = (
    "/",
    "/initiatives/",
    "/initiatives/AI-0001/",
    "/initiatives/AI-0001/measurement/",
    "/portfolio/",
    "/reviews/",
    "/packs/",
)
# SOURCE: the Layout Instability API; every shift counts that the reader did not cause.
LISTEN = """
(() => {
  window.moved = [];
  new PerformanceObserver((list) => {
    for (const shift of list.getEntries()) {
      if (!shift.hadRecentInput) window.moved.push(...shift.sources.map((source) => source.node?.nodeName ?? "?"));
    }
  }).observe({ type: "layout-shift", buffered: true });
})();
"""
SLOW = {"offline": False, "latency": 40, "downloadThroughput": 250_000, "uploadThroughput": 250_000}


def moved(context, address, width):
    """What moves while the page loads slowly, with nothing of it kept from before."""
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 900})
    page.add_init_script(LISTEN)
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    network.send("Network.emulateNetworkConditions", SLOW)
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.evaluate("() => document.fonts.ready")
    found = page.evaluate("() => window.moved")
    page.close()
    return found


@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_moves_while_a_page_arrives(transactional_db, live_server, context, width):
    open_people()
    saved()
    cookie = browser("programme_manager").cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    found = {path: moved(context, live_server.url + path, width) for path in PAGES}
    assert not {path: nodes for path, nodes in found.items() if nodes}


@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_moves_on_the_page_for_signing_in(transactional_db, live_server, context, width):
    assert moved(context, f"{live_server.url}/sign-in/", width) == []
