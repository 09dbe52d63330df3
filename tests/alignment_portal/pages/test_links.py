"""What a link of the portal says to a chat tool: no more than its token may read."""

import pytest

from packs.services.requests import request_pack
from tests import people
from tests.factories.reviews import review
from tests.gates import scene
from tests.people import actor

pytestmark = pytest.mark.django_db
UNFURL = "/api/v1/unfurl/"


def asked(who, url, *scopes):
    return people.api(who, *scopes).get(UNFURL, {"url": url})


def test_an_initiative_says_title_verdict_and_status():
    scene.saved()
    body = asked("executive", "http://localhost:8000/initiatives/AI-0001/gates/?tab=1#top").json()
    assert body == {
        "url": "http://localhost:8000/initiatives/AI-0001/gates/?tab=1#top",
        "kind": "initiative",
        "key": "AI-0001",
        "title": "Support assistant",
        "verdict": None,
        "status": "draft",
        "summary": "Not judged yet.",
    }


def test_a_review_and_a_pack_say_what_they_are():
    found = review()
    assert asked("executive", f"/reviews/{found.ref}/").json()["status"] == "meeting"
    build = request_pack(by=actor("executive"), subject="initiative:AI-0001").build
    body = asked("executive", f"/packs/{build.ref}/").json()
    assert (body["kind"], body["title"], body["status"]) == ("pack", "Support assistant", "queued")


def test_what_one_may_not_read_is_not_found():
    scene.saved()
    assert asked("other_manager", "/initiatives/AI-0001/").status_code == 404
    assert asked("executive", "/initiatives/AI-0001/", "write").status_code == 403
    assert people.api().get(UNFURL, {"url": "/initiatives/AI-0001/"}).status_code == 401


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("https://elsewhere.example/initiatives/AI-0001/", 400),
        ("//169.254.169.254/initiatives/AI-0001/", 400),
        ("/settings/people/", 404),
        ("/nowhere/at/all", 404),
        ("http://[", 400),
        ("", 400),
    ],
)
def test_anything_else_is_refused_in_words(url, status):
    assert asked("executive", url).status_code == status
