"""Every page of the portal is sent with a strict policy, and holds nothing that policy would have to make room for."""

import re
from html.parser import HTMLParser

import pytest
from django.urls import URLResolver, get_resolver

from tests import people
from tests.contract.world import filled

pytestmark = pytest.mark.django_db
PARAMETER = re.compile(r"([\w-]+)/<(?:(\w+):)?(\w+)>")
SAMPLES = {"uuid": "00000000-0000-4000-8000-000000000000", "int": "0", "path": "risk_posture"}
# What is not code, and is not run: the browser only keeps it for the scripts.
DATA = {"application/json"}
NOWHERE = {"'unsafe-inline'", "'unsafe-eval'", "'unsafe-hashes'", "*", "data:", "http:", "https:", "blob:"}
OUTSIDE = ("/sign-in/", "/sign-in/second-step/", "/nowhere/", "/api/v1/docs/", "/api/v1/initiatives/")


def routes(resolver=None, prefix="/"):
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry, route)
        elif "(?P" not in route:
            yield route


def address(route, world):
    """The route with what stands in the portal for each of its parameters."""

    def value(found):
        word, kind, _name = found.groups()
        known = {
            **world,
            "parts": "change_load",
            "edit": "risk_posture",
            "draft": "risk_posture",
            "rules": "PF-02",
        }
        known |= {"frameworks": "eu-ai-act", "policy": "2026.1", "admin": "0", "verify": "0" * 64}
        return f"{word}/{known.get(word, SAMPLES.get(kind, 'none'))}"

    filled_in = PARAMETER.sub(value, route)
    return re.sub(r"<(?:(\w+):)?\w+>", lambda found: SAMPLES.get(found[1] or "str", "none"), filled_in)


class Inline(HTMLParser):
    """What a strict policy would not run or show: collected with where it stands."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        held = dict(attributes)
        if tag == "style" or (tag == "script" and "src" not in held and held.get("type") not in DATA):
            self.found.append(f"<{tag}> in line {self.getpos()[0]}")
        for name, value in attributes:
            if (
                name == "style"
                or name.startswith("on")
                or (value or "").strip().lower().startswith("javascript:")
            ):
                self.found.append(f"{name}={value!r} in line {self.getpos()[0]}")


def inline(text):
    parser = Inline()
    parser.feed(text)
    return parser.found


def policy_faults(header):
    rules = {words[0]: set(words[1:]) for part in header.split(";") if (words := part.split())}
    demanded = (
        "default-src",
        "script-src",
        "style-src",
        "object-src",
        "base-uri",
        "form-action",
        "frame-ancestors",
    )
    faults = [f"no {name}" for name in demanded if name not in rules]
    for name, allowed in rules.items():
        wrong = allowed & (NOWHERE - {"data:"} if name == "img-src" else NOWHERE)
        faults.extend(f"{name} {word}" for word in sorted(wrong))
    return faults


def faults_of(path, answer):
    found = policy_faults(answer.headers.get("Content-Security-Policy", ""))
    if answer.headers.get("Content-Type", "").startswith("text/html") and not answer.streaming:
        found += inline(answer.content.decode())
    return [f"{path}: {fault}" for fault in found]


@pytest.mark.slow
def test_every_page_is_strict_and_holds_nothing_inline():
    world = filled()
    browser = people.browser("administrator")
    browser.raise_request_exception = False
    faults, statuses = [], {}
    for route in sorted(set(routes())):
        path = address(route, world)
        answer = browser.get(path)
        statuses[path] = answer.status_code
        faults += faults_of(path, answer)
    shown = [path for path, status in statuses.items() if status == 200]
    assert faults == []
    assert len(shown) >= 150, f"too few pages were shown to judge by: {statuses}"
    left_out = {"/api/v1/scim/v2/Me": 501}  # as SCIM wants it said
    assert {path: status for path, status in statuses.items() if status >= 500} == left_out


def test_what_strangers_see_is_as_strict():
    browser = people.browser()
    assert [fault for path in OUTSIDE for fault in faults_of(path, browser.get(path))] == []


def test_the_walk_would_find_what_it_looks_for():
    assert (
        len(
            inline(
                "<p style='x'>a</p><script>b</script><style>c</style><a onclick=d href='javascript:e'>f</a>"
            )
        )
        == 5
    )
    assert inline("<script src='/a.js'></script><script type='application/json'>{}</script>") == []
    assert (
        policy_faults("default-src 'self'; script-src 'self' 'unsafe-inline'")[-1]
        == "script-src 'unsafe-inline'"
    )
