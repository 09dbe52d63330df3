"""Changing one thing of several initiatives: ticked, previewed, changed, taken back."""

import datetime as dt

import pytest

from alignment_portal import clock
from alignment_portal.refusals import Invalid
from initiatives.models import Initiative
from initiatives.selectors import load_dossiers
from initiatives.services.dossiers import change_section
from initiatives.services.together import AT_MOST, Change, change_together
from tests.factories.initiatives import small_document
from tests.initiatives.cast import OWNER, STRANGER, actor, saved
from tests.people import browser, person

pytestmark = pytest.mark.django_db
CHOOSE, PREVIEW, DONE, UNDO = (f"/initiatives/change/{part}" for part in ("", "preview/", "done/", "undo/"))
KEYS = ["AI-0001", "AI-0002"]


@pytest.fixture
def two(people):
    return [saved(small_document(key)) for key in KEYS]


def clusters():
    return {key: loaded.dossier.initiative.cluster for key, loaded in load_dossiers().items()}


def posted(client, **more):
    return client.post(PREVIEW, {"key": KEYS, "field": "cluster", "value": "claims", **more})


def confirmed(client, seen=("AI-0001:1", "AI-0002:1")):
    return posted(client, confirmed="yes", seen=list(seen))


def test_the_list_lets_those_tick_who_may_change(two):
    assert b'name="key" value="AI-0002"' in browser("programme_manager").get("/initiatives/").content
    assert b'name="key"' not in browser("executive").get("/initiatives/").content


def test_what_would_change_is_shown_before_anything_does(two):
    client = browser("programme_manager")
    assert [row.key for row in client.get(CHOOSE, {"key": KEYS}).context["rows"]] == KEYS
    asked = client.get(CHOOSE, {"key": KEYS, "field": "cluster"})
    assert asked.context["question"].name == "cluster"
    lines = posted(client).context["lines"]
    assert [(line.key, line.before, line.after, line.why_not) for line in lines] == [
        ("AI-0001", "–", "claims", ""),
        ("AI-0002", "–", "claims", ""),
    ]
    assert clusters() == {"AI-0001": None, "AI-0002": None}


def test_all_are_changed_and_taken_back(two):
    client = browser("programme_manager")
    assert confirmed(client).headers["Location"] == DONE
    assert clusters() == {"AI-0001": "claims", "AI-0002": "claims"}
    assert [row["key"] for row in client.get(DONE).context["rows"]] == KEYS
    assert client.post(UNDO).headers["Location"] == "/initiatives/"
    assert clusters() == {"AI-0001": None, "AI-0002": None}
    assert client.post(UNDO).status_code == 409


def test_after_a_quarter_of_an_hour_it_stays(two):
    client = browser("programme_manager")
    confirmed(client)
    with clock.at_moment(clock.now() + dt.timedelta(minutes=16)):
        assert client.get(DONE).context["is_open"] is False
        assert client.post(UNDO).status_code == 409
    assert clusters() == {"AI-0001": "claims", "AI-0002": "claims"}


def test_somebody_else_was_faster_so_nothing_is_changed(two):
    client = browser("programme_manager")
    change_section(
        by=actor(OWNER), initiative=two[1], section="initiative/cluster", value="other", expected_version=1
    )
    answer = confirmed(client)
    assert answer.status_code == 409
    assert "AI-0002" in answer.context["faults"][0].sentence
    assert clusters() == {"AI-0001": None, "AI-0002": "other"}


def test_what_is_not_ones_own_is_left_out_and_never_changed(people):
    for key in KEYS:
        saved(small_document(key))
    stranger = browser("other_manager")
    assert stranger.get(CHOOSE, {"key": KEYS}).context["rows"] == []
    with pytest.raises(Invalid) as refused:
        change_together(by=actor(STRANGER), field="cluster", changes=[Change("AI-0001", 1, "claims")])
    assert [fault.pointer for fault in refused.value.faults] == ["/AI-0001"]
    assert clusters() == {"AI-0001": None, "AI-0002": None}


def test_one_that_says_so_already_or_is_retired_stays(two):
    change_section(
        by=actor(OWNER), initiative=two[0], section="initiative/cluster", value="claims", expected_version=1
    )
    lines = posted(browser("programme_manager")).context["lines"]
    assert [line.why_not for line in lines] == ["Says so already.", ""]


@pytest.mark.parametrize(
    ("field", "value"),
    [("planned_launch_on", "the day after"), ("sponsor", "nobody@example.org"), ("classification", "secret")],
)
def test_a_wrong_value_is_refused_at_the_question(two, field, value):
    answer = browser("programme_manager").post(PREVIEW, {"key": KEYS, "field": field, "value": value})
    assert answer.status_code == 422
    assert answer.context["form"].errors["value"]


def test_only_the_named_fields_can_be_changed_together(two):
    answer = browser("programme_manager").post(PREVIEW, {"key": KEYS, "field": "title", "value": "Mine"})
    assert answer.status_code == 400
    assert set(Initiative.objects.values_list("title", flat=True)) == {"Support assistant"}


def test_more_than_the_most_are_refused(two):
    many = [f"AI-{number:04d}" for number in range(AT_MOST + 1)]
    assert browser("programme_manager").get(CHOOSE, {"key": many}).status_code == 400


def test_a_handed_over_initiative_is_not_taken_back(two):
    heir = person("other_manager").email
    client = browser("programme_manager")
    client.post(
        PREVIEW,
        {
            "key": KEYS,
            "field": "owner",
            "value": heir,
            "confirmed": "yes",
            "seen": ["AI-0001:1", "AI-0002:1"],
        },
    )
    assert {one.dossier.initiative.owner for one in load_dossiers().values()} == {heir}
    assert client.get(DONE).context["is_open"] is False
    assert client.post(UNDO).status_code == 409


@pytest.mark.parametrize("count", [1, 20])
def test_the_preview_takes_as_many_queries_for_one_as_for_many(people, django_assert_num_queries, count):
    keys = [f"AI-{number:04d}" for number in range(1, count + 1)]
    for key in keys:
        saved(small_document(key))
    client = browser("programme_manager")
    body = {"key": keys, "field": "cluster", "value": "claims"}
    client.post(PREVIEW, body)
    with django_assert_num_queries(11):
        assert len(client.post(PREVIEW, body).context["lines"]) == count
