import pytest

from initiatives.models import Initiative
from initiatives.services.dossiers import save_dossier
from initiatives.services.judgements import note_judgement
from tests.factories.initiatives import OWNER, small_document
from tests.initiatives.cast import DEPUTY, STRANGER, actor, saved
from tests.people import api

pytestmark = pytest.mark.usefixtures("people")
LIST = "/api/v1/initiatives/"
ONE = f"{LIST}AI-0001/"


def several(number=5):
    archetypes = ("forecasting", "ml_decisioning")
    for place in range(1, number + 1):
        document = small_document(
            f"AI-{place:04d}", title=f"Title {9 - place}", archetype=archetypes[place % 2], horizon="H1"
        )
        save_dossier(by=actor(OWNER), document=document)


def keys(answer):
    assert answer.status_code == 200, answer.content
    return [row["key"] for row in answer.json()["results"]]


def faults_of(answer):
    assert answer.status_code == 400
    return {error["pointer"]: error["detail"] for error in answer.json()["errors"]}


@pytest.mark.parametrize("number", [1, 4])
def test_the_list_costs_the_same_however_long(number, django_assert_num_queries):
    several(number)
    client = api("auditor")
    client.get(LIST)
    with django_assert_num_queries(2):  # token with person and roles, list
        assert len(keys(client.get(LIST))) == number


def test_a_row_says_where_the_initiative_stands():
    note_judgement(
        initiative=saved(),
        level="blocked",
        at="2026-06-15T12:00:00Z",
        reason="Nobody is on call",
        gate="ownership",
        mover="Callum Reid",
        deed="Publish the rota",
    )
    (row,) = api("auditor").get(LIST).json()["results"]
    assert row["judged"] == {
        "level": "blocked",
        "at": "2026-06-15T12:00:00Z",
        "reason": "Nobody is on call",
        "gate": "ownership",
    }
    assert row["next_move"] == {"person": "Callum Reid", "deed": "Publish the rota", "since": None}
    assert (row["owner"]["email"], row["cluster"], row["status"]) == (OWNER, "contact-centre", "draft")


@pytest.mark.parametrize(
    "order", ["key", "-key", "title", "-title", "status", "changed", "-changed", "verdict"]
)
def test_pages_hold_every_row_once_in_order_and_lead_back(order):
    several(5)
    client = api("auditor")
    whole = keys(client.get(LIST, {"order": order}))
    first = client.get(LIST, {"order": order, "limit": 2})
    second = client.get(first.json()["next"])
    third = client.get(second.json()["next"])
    assert keys(first) + keys(second) + keys(third) == whole
    assert (first.json()["previous"], third.json()["next"]) == (None, None)
    assert keys(client.get(third.json()["previous"])) == keys(second)
    assert keys(client.get(second.json()["previous"])) == keys(first)
    assert 'rel="next"' in first.headers["Link"]


FILTERS = {
    "archetype=forecasting": ["AI-0002", "AI-0004"],
    "archetype=forecasting,ml_decisioning": ["AI-0001", "AI-0002", "AI-0003", "AI-0004"],
    "status=draft": ["AI-0001", "AI-0002", "AI-0003", "AI-0004"],
    "status=retired": [],
    "verdict=aligned": [],
    "horizon=H2": [],
    "cluster=none": [],
    "owner=priya@example.org": ["AI-0001", "AI-0002", "AI-0003", "AI-0004"],
    "owner=me": [],
    "q=title 7": ["AI-0002"],
    "q=AI-0003": ["AI-0003"],
    "q=nothing": [],
}


@pytest.mark.parametrize(("query", "expected"), FILTERS.items(), ids=FILTERS)
def test_the_list_is_narrowed(query, expected):
    several(4)
    name, _, value = query.partition("=")
    assert keys(api("auditor").get(LIST, {name: value})) == expected


WRONG_QUERIES = {
    "colour": ("red", "There is no field “colour” here."),
    "status": (
        "gone",
        "“gone” is none of draft, in_review, learning_only, aligned, scale_ready, suspended, retired.",
    ),
    "order": ("colour", '"colour" is not a valid choice.'),
    "limit": ("1000", "Ensure this value is less than or equal to 200."),
    "cursor": ("nonsense", "This cursor does not belong to this list. Begin again without one."),
}


@pytest.mark.parametrize(("name", "wrong"), WRONG_QUERIES.items(), ids=WRONG_QUERIES)
def test_a_wrong_question_is_answered_with_its_fault(name, wrong):
    value, sentence = wrong
    assert faults_of(api("auditor").get(LIST, {name: value})) == {f"/{name}": sentence}


@pytest.mark.parametrize("cursor", ["WzFd", "WyJhZnRlciIsICJrZXkiLCAieCJd", "bnVsbA==", "é"])
def test_a_cursor_made_up_is_refused(cursor):
    assert list(faults_of(api("auditor").get(LIST, {"cursor": cursor}))) == ["/cursor"]


def test_everybody_sees_what_is_theirs():
    saved()
    save_dossier(by=actor(STRANGER), document=small_document("AI-0002", owner=STRANGER))
    seen = {
        who: keys(api(who).get(LIST))
        for who in ("programme_manager", "other_manager", "contributor", "auditor")
    }
    assert seen == {
        "programme_manager": ["AI-0001"],
        "other_manager": ["AI-0002"],
        "contributor": ["AI-0001"],
        "auditor": ["AI-0001", "AI-0002"],
    }


def test_search_tells_a_stranger_nothing():
    saved()
    assert keys(api("other_manager").get(LIST, {"q": "Support"})) == []


def test_an_initiative_is_registered_with_a_title_and_an_archetype():
    answer = api("programme_manager").post(LIST, {"title": "Support help", "archetype": "internal_copilot"})
    assert (answer.status_code, answer.json()["key"], answer.json()["owner"]["email"]) == (
        201,
        "AI-0001",
        OWNER,
    )
    assert answer.headers["Location"] == ONE


def test_what_is_wrong_with_a_registration_is_told_at_its_fields():
    answer = api("programme_manager").post(LIST, {"archetype": "magic", "colour": "red", "by": 1})
    assert sorted(faults_of(answer)) == ["/archetype", "/by", "/colour", "/title"]


@pytest.mark.parametrize("body", ["[]", "1", '"x"', "null"])
def test_a_registration_is_one_object(body):
    answer = api("programme_manager").generic("POST", LIST, body, content_type="application/json")
    assert answer.status_code == 400


def test_similar_initiatives_are_pointed_out():
    saved()
    answer = api("programme_manager").post(
        LIST, {"title": "Support assistant two", "archetype": "forecasting"}
    )
    assert answer.json()["similar"] == [{"key": "AI-0001", "title": "Support assistant"}]


def test_the_same_registration_sent_twice_registers_once():
    client = api("programme_manager")
    body = {"title": "Once", "archetype": "forecasting"}
    answers = [client.post(LIST, body, headers={"Idempotency-Key": "k1"}) for _ in range(2)]
    assert [answer.json()["key"] for answer in answers] == ["AI-0001", "AI-0001"]
    assert Initiative.objects.count() == 1


def test_one_initiative_is_read_and_changed():
    saved()
    client = api("programme_manager")
    read = client.get(ONE)
    assert (read.json()["title"], read.json()["team"]) == ("Support assistant", ["callum@example.org"])
    changed = client.patch(
        ONE, {"title": "Other", "scope": {"people_affected": 7}}, headers={"If-Match": read.headers["ETag"]}
    )
    assert (changed.status_code, changed.json()["title"], changed.json()["version"]) == (200, "Other", 2)
    assert changed.json()["scope"]["people_affected"] == 7
    assert changed.json()["scope"]["categories"] == ["returns"]


def test_a_change_without_or_with_an_old_version_is_refused():
    saved()
    client = api("programme_manager")
    etag = client.get(ONE).headers["ETag"]
    assert client.patch(ONE, {"title": "Other"}).status_code == 428
    assert client.patch(ONE, {"title": "Other"}, headers={"If-Match": etag}).status_code == 200
    stale = client.patch(ONE, {"title": "Third"}, headers={"If-Match": etag})
    assert (stale.status_code, stale.json()["current"]["body"]["title"]) == (412, "Other")


def test_a_verdict_noted_meanwhile_does_not_stand_in_the_way():
    initiative = saved()
    client = api("programme_manager")
    etag = client.get(ONE).headers["ETag"]
    note_judgement(initiative=initiative, level="blocked", at="2026-06-15T12:00:00Z")
    assert client.get(ONE, headers={"If-None-Match": etag}).status_code == 200
    assert client.patch(ONE, {"title": "Other"}, headers={"If-Match": etag}).status_code == 200


@pytest.mark.parametrize("field", ["status", "fingerprint", "judged", "version", "created_at", "inputs_rev"])
def test_what_only_the_portal_writes_is_refused_by_name(field):
    saved()
    answer = api("programme_manager").patch(ONE, {field: "x"}, headers={"If-Match": "*"})
    assert list(faults_of(answer)) == [f"/{field}"]


def test_a_key_is_not_changed():
    saved()
    answer = api("programme_manager").patch(ONE, {"key": "AI-0009"}, headers={"If-Match": "*"})
    assert faults_of(answer) == {"/key": "The key of an initiative never changes."}


@pytest.mark.parametrize(
    "path", ["", "dossier/", "versions/", "invitations/", "deployments/", "deployments/leeds/", "incidents/"]
)
def test_nothing_below_an_initiative_is_there_for_a_stranger(path):
    saved()
    assert api("other_manager").get(f"{ONE}{path}").status_code == 404
    assert api("auditor").get(f"{ONE}{path}").status_code == 200


def test_somebody_is_asked_to_help_and_then_sees_it():
    saved()
    answer = api("programme_manager").post(f"{ONE}invitations/", {"email": STRANGER})
    assert (answer.status_code, answer.json()["kind"]) == (201, "invited")
    assert keys(api("other_manager").get(LIST)) == ["AI-0001"]
    kinds = {
        (row["email"], row["kind"]) for row in api("auditor").get(f"{ONE}invitations/").json()["results"]
    }
    assert {(STRANGER, "invited"), (OWNER, "owner"), (DEPUTY, "named")} <= kinds


def test_a_token_that_only_writes_registers_and_does_not_read():
    client = api("programme_manager", "write")
    answer = client.post(LIST, {"title": "Once", "archetype": "forecasting"})
    assert (answer.status_code, answer.json()["key"]) == (201, "AI-0001")
    assert client.get(LIST).json()["code"] == "scope_missing"
