"""Many dossiers in one call: all or nothing, or each by itself; sent again, nothing changes."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alignment_portal.audit.models import Entry
from initiatives.models import Initiative
from tests import people
from tests.factories.metrics import document_of, initiative

pytestmark = pytest.mark.django_db
BULK = "/api/v1/initiatives/bulk/"


@pytest.fixture
def caller():
    people.everybody()
    return people.api("programme_manager")


def items(*keys, **changes):
    return [{"dossier": document_of(key, **changes)} for key in keys]


def outcomes(answer):
    return [row["outcome"] for row in answer.json()["results"]]


def test_all_are_created_and_sent_again_nothing_changes(caller):
    sent = {"items": items("AI-0002", "AI-0001")}
    first, second = caller.post(BULK, sent), caller.post(BULK, sent)
    assert [row["key"] for row in first.json()["results"]] == ["AI-0002", "AI-0001"]
    assert (outcomes(first), outcomes(second)) == (["created"] * 2, ["unchanged"] * 2)
    assert (second.json()["saved"], second.json()["refused"]) == (2, 0)


def test_one_wrong_document_saves_none_and_every_fault_is_named(caller):
    wrong = items("AI-0001", "AI-0002")
    wrong[1]["dossier"]["initiative"]["horizon"] = "H9"
    answer = caller.post(BULK, {"items": wrong})
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/items/1/dossier/initiative/horizon"]
    assert Initiative.objects.count() == 0


def test_a_refusal_in_the_middle_takes_back_what_was_saved_before(caller):
    sent = items("AI-0001", "AI-0002")
    sent[1]["fingerprint"] = "0" * 64
    assert caller.post(BULK, {"items": sent}).status_code == 412
    assert Initiative.objects.count() == 0


def test_one_by_one_the_good_ones_are_saved_and_the_others_say_why(caller):
    sent = items("AI-0001", "AI-0002", "AI-0003")
    sent[0]["dossier"]["initiative"]["title"] = 3
    sent[1]["fingerprint"] = "0" * 64
    answer = caller.post(BULK, {"items": sent, "all_or_nothing": False})
    assert outcomes(answer) == ["refused", "refused", "created"]
    first, second, _ = answer.json()["results"]
    assert first["problem"]["errors"][0]["pointer"] == "/items/0/dossier/initiative/title"
    assert (first["key"], second["problem"]["status"]) == ("AI-0001", 412)
    assert list(Initiative.objects.values_list("key", flat=True)) == ["AI-0003"]


def test_a_key_that_stands_twice_is_refused(caller):
    answer = caller.post(BULK, {"items": items("AI-0001", "AI-0001")})
    assert {error["code"] for error in answer.json()["errors"]} == {"twice"}


def test_what_is_somebody_else_s_stays_hidden_and_unchanged(caller):
    initiative("AI-0001")
    stranger = people.api("other_manager")
    answer = stranger.post(BULK, {"items": items("AI-0001", title="Taken over"), "all_or_nothing": False})
    assert answer.json()["results"][0]["problem"]["code"] == "initiative_not_found"
    assert Initiative.objects.get().title != "Taken over"


def test_the_same_key_again_answers_the_same_and_does_nothing(caller):
    sent = {"items": items("AI-0001")}
    answers = [caller.post(BULK, sent, headers={"Idempotency-Key": "nightly-1"}) for _ in range(2)]
    assert [outcomes(answer) for answer in answers] == [["created"], ["created"]]
    assert answers[1].headers["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize(
    "sent",
    [[], {}, {"items": []}, {"items": [{}]}, {"items": [{"dossier": None}]}, {"items": [{"dossier": 3}]}],
)
def test_nonsense_is_refused_in_words(caller, sent):
    answer = caller.post(BULK, sent)
    assert answer.status_code == 400
    assert answer.json()["detail"]


def test_one_by_one_a_key_that_stands_twice_is_saved_from_neither(caller):
    sent = items("AI-0001", "AI-0002", "AI-0001")
    answer = caller.post(BULK, {"items": sent, "all_or_nothing": False})
    assert outcomes(answer) == ["refused", "created", "refused"]
    assert answer.json()["results"][2]["problem"]["errors"][0]["pointer"] == "/items/2/dossier/initiative/key"


@pytest.mark.parametrize("together", [True, False])
def test_a_dry_run_says_what_would_become_of_each_and_changes_nothing(caller, together):
    caller.post(BULK, {"items": items("AI-0001")})
    entries = Entry.objects.count()
    sent = {"items": items("AI-0001", "AI-0002"), "all_or_nothing": together, "dry_run": True}
    answer = caller.post(BULK, sent)
    assert (outcomes(answer), answer.json()["committed"]) == (["unchanged", "created"], False)
    assert (Initiative.objects.count(), Entry.objects.count()) == (1, entries)
    assert caller.post(BULK, {**sent, "dry_run": False}).json()["committed"] is True
    assert Initiative.objects.count() == 2


def test_a_dry_run_that_is_asked_in_the_address_is_refused_and_not_done(caller):
    answer = caller.post(f"{BULK}?dry_run=true", {"items": items("AI-0001")})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "misplaced")
    assert Initiative.objects.count() == 0


def test_more_than_a_hundred_are_refused(caller):
    assert caller.post(BULK, {"items": [{"dossier": {}}] * 101}).status_code == 400


# --- reading less, more, or nothing ------------------------------------------------------------------------


def test_only_the_fields_asked_for_are_answered_also_on_the_next_page(caller):
    caller.post(BULK, {"items": items("AI-0001", "AI-0002")})
    page = caller.get("/api/v1/initiatives/?fields=key,title&limit=1").json()
    assert [sorted(row) for row in page["results"]] == [["key", "title"]]
    following = caller.get(page["next"]).json()
    assert [(sorted(row), row["key"]) for row in following["results"]] == [(["key", "title"], "AI-0002")]
    one = caller.get("/api/v1/initiatives/AI-0001/?fields=status")
    assert one.json() == {"status": "draft"}
    assert one.headers["ETag"]


@pytest.mark.parametrize(
    "address", ["/api/v1/initiatives/", "/api/v1/initiatives/AI-0001/", "/api/v1/history/"]
)
def test_head_answers_as_get_does_without_what_it_holds(caller, address):
    caller.post(BULK, {"items": items("AI-0001")})
    full, bare = caller.get(address), caller.head(address)
    assert (bare.status_code, bare.content) == (full.status_code, b"")
    names = ("ETag", "Content-Type", "RateLimit-Limit")
    assert [bare.headers.get(name) for name in names] == [full.headers.get(name) for name in names]
    assert bare.headers["Content-Length"] == str(len(full.content))
    if full.status_code == 200:
        assert caller.head(address, headers={"If-None-Match": full.headers["ETag"]}).status_code == 304
        assert caller.get(address, headers={"If-None-Match": "*"}).status_code == 304


def test_names_that_stand_several_times_count_together(caller):
    caller.post(BULK, {"items": items("AI-0001")})
    listed = caller.get("/api/v1/initiatives/?fields=key&fields=title,expanded&expand=dossier&expand=verdict")
    (row,) = listed.json()["results"]
    assert (sorted(row), sorted(row["expanded"])) == (["expanded", "key", "title"], ["dossier", "verdict"])
    one = caller.get("/api/v1/initiatives/AI-0001/?expand=dossier&expand=verdict&fields=expanded").json()
    assert sorted(one["expanded"]) == ["dossier", "verdict"]
    assert caller.get("/api/v1/initiatives/?status=draft&status=aligned").json()["results"] != []
    twice = caller.get("/api/v1/initiatives/?limit=1&limit=2")
    assert (twice.status_code, twice.json()["errors"][0]["pointer"]) == (400, "/limit")


@pytest.mark.parametrize("fields", ["", "nothing", "key,,title", "Key", "key;drop", ",".join("a" * 60)])
def test_fields_that_are_none_are_refused_with_a_pointer(caller, fields):
    caller.post(BULK, {"items": items("AI-0001")})
    answer = caller.get("/api/v1/initiatives/", {"fields": fields})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/fields")


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/initiatives/",
        "/api/v1/initiatives/AI-0001/",
        "/api/v1/initiatives/AI-0001/evidence/",
        "/api/v1/initiatives/AI-0001/gates/",
        "/api/v1/portfolio/summary/",
        "/api/v1/reviews/",
        "/api/v1/events/",
    ],
)
def test_whoever_has_it_already_is_answered_with_nothing(caller, address):
    caller.post(BULK, {"items": items("AI-0001")})
    tag = caller.get(address).headers["ETag"]
    again = caller.get(address, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert caller.get(address, headers={"If-None-Match": '"another"'}).status_code == 200


def test_a_change_changes_the_tag_of_the_list(caller):
    caller.post(BULK, {"items": items("AI-0001")})
    tag = caller.get("/api/v1/initiatives/").headers["ETag"]
    caller.post(BULK, {"items": items("AI-0001", title="Another title")})
    assert caller.get("/api/v1/initiatives/", headers={"If-None-Match": tag}).status_code == 200


def test_dossier_and_verdict_come_along_when_asked_for(caller):
    caller.post(BULK, {"items": items("AI-0001")})
    one = caller.get("/api/v1/initiatives/AI-0001/?expand=dossier,verdict").json()["expanded"]
    assert one["dossier"]["initiative"]["key"] == "AI-0001"
    assert one["verdict"]["verdict"] == caller.get("/api/v1/initiatives/AI-0001/verdict/").json()["verdict"]
    assert caller.get("/api/v1/initiatives/?expand=nothing").status_code == 400


def test_a_page_that_is_expanded_takes_the_same_queries_for_more_rows(caller):
    counts = []
    for keys in (("AI-0001",), ("AI-0002", "AI-0003")):
        caller.post(BULK, {"items": items(*keys)})
        with CaptureQueriesContext(connection) as queries:
            rows = caller.get("/api/v1/initiatives/?expand=dossier,verdict").json()["results"]
        assert all(set(row["expanded"]) == {"dossier", "verdict"} for row in rows)
        counts.append(len(queries))
    assert counts[0] == counts[1]
