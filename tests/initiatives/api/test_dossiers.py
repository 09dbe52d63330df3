import json

import jsonschema
import pytest

from alignment_portal import clock
from initiatives.models import Initiative
from tests.factories.initiatives import full_document, small_document
from tests.initiatives.cast import saved
from tests.people import api

pytestmark = pytest.mark.usefixtures("people")
ADDRESS = "/api/v1/initiatives/AI-0001/dossier/"


def put(document, who="programme_manager", address=ADDRESS, **headers):
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    return api(who).generic("PUT", address, raw, content_type="application/json", headers=headers)


def faults_of(answer):
    assert answer.headers["Content-Type"] == "application/problem+json"
    return {error["pointer"]: error["detail"] for error in answer.json()["errors"]}


def test_a_document_is_created_read_and_put_back_byte_for_byte():
    created = put(full_document())
    assert (created.status_code, created.json()["created"], created.json()["version"]) == (201, True, 1)
    read = api("programme_manager").get(ADDRESS)
    assert (read.status_code, read.headers["ETag"]) == (200, created.headers["ETag"])
    again = put(read.content)
    assert (again.status_code, again.json()["changed"], again.json()["version"]) == (200, False, 1)
    assert api("programme_manager").get(ADDRESS).content == read.content


def test_what_is_read_follows_the_published_schema():
    saved()
    schema = api().get("/api/v1/schema/dossier.json").json()
    jsonschema.Draft202012Validator(schema).validate(api("auditor").get(ADDRESS).json())


def test_a_change_names_the_version_it_changes():
    etag = put(full_document()).headers["ETag"]
    changed = full_document(title="Other")
    without = put(changed)
    assert (without.status_code, without.json()["code"]) == (428, "if_match_required")
    assert put(changed, **{"If-Match": etag}).json()["version"] == 2
    stale = put(full_document(title="Third"), **{"If-Match": etag})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    assert [blocker["pointer"] for blocker in stale.json()["blockers"]] == ["/initiative/title"]
    assert stale.json()["current"]["etag"] == f'"{Initiative.objects.get().fingerprint}"'


def test_a_star_changes_whatever_is_there():
    put(full_document())
    assert put(full_document(title="Other"), **{"If-Match": "*"}).json()["changed"] is True


def test_what_must_be_new_is_not_replaced():
    put(full_document())
    answer = put(full_document(title="Other"), **{"If-None-Match": "*"})
    assert (answer.status_code, answer.json()["code"]) == (409, "initiative_exists")


def test_a_version_of_what_does_not_exist_is_not_changed():
    assert put(full_document(), **{"If-Match": '"abc"'}).status_code == 412
    assert not Initiative.objects.exists()


def test_a_reader_who_has_it_already_is_told_so():
    etag = put(full_document()).headers["ETag"]
    assert api("programme_manager").get(ADDRESS, headers={"If-None-Match": etag}).status_code == 304


def test_a_dossier_is_read_as_it_was():
    etag = put(full_document()).headers["ETag"]
    moment = clock.now().isoformat()
    put(full_document(title="Other"), **{"If-Match": etag})
    assert (
        api("programme_manager").get(ADDRESS, {"at": moment}).json()["initiative"]["title"]
        == "Support assistant"
    )
    early = api("programme_manager").get(ADDRESS, {"at": "2020-01-01T00:00:00Z"})
    assert (early.status_code, early.json()["code"]) == (404, "dossier_not_found")


BAD = {
    "no JSON": (b"{", "", "This is not JSON"),
    "a list": (b"[]", "", "A dossier is one JSON object"),
    "twice": (b'{"schema": 1, "schema": "dossier/1"}', "/schema", "“schema” stands here more than once"),
    "another key": (
        json.dumps(small_document("AI-0002")).encode(),
        "/initiative/key",
        "The document is about AI-0002",
    ),
    "a stranger": (
        json.dumps(small_document(sponsor="nobody@example.org")).encode(),
        "/initiative/sponsor",
        "Nobody in the portal has the e-mail nobody@example.org.",
    ),
    "unknown field": (
        json.dumps(small_document(colour="red")).encode(),
        "/initiative/colour",
        "There is no field “colour” here.",
    ),
}


@pytest.mark.parametrize(("raw", "pointer", "sentence"), BAD.values(), ids=BAD)
def test_a_bad_document_is_a_problem_with_pointers(raw, pointer, sentence):
    answer = put(raw)
    assert answer.status_code == 400
    assert faults_of(answer)[pointer].startswith(sentence)
    assert not Initiative.objects.exists()


def test_every_fault_comes_at_once():
    document = full_document(title="")
    document["change_impact"]["groups"][0]["headcount"] = -3
    document["initiative"]["scope"]["volume_share_limit"] = 95
    document["outcome_chain"]["links"].append({"from": "cost", "to": "edits"})
    found = faults_of(put(document))
    assert [pointer for pointer in found if not pointer.startswith("/outcome_chain/links/")] == [
        "/initiative/scope/volume_share_limit",
        "/initiative/title",
        "/change_impact/groups/0/headcount",
    ]
    assert len(found) == 4


def test_a_huge_document_is_refused_before_it_is_read():
    answer = put(b'{"schema": "' + b"x" * 2_100_000 + b'"}')
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_only_json_is_read():
    answer = api("programme_manager").generic("PUT", ADDRESS, b"a: 1", content_type="application/yaml")
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_an_unknown_query_parameter_is_refused_by_name():
    saved()
    assert faults_of(api("auditor").get(ADDRESS, {"when": "now"})) == {
        "/when": "There is no field “when” here."
    }


@pytest.mark.parametrize("method", ["get", "put"])
def test_another_manager_learns_nothing(method):
    saved()
    client = api("other_manager")
    answer = client.get(ADDRESS) if method == "get" else put(full_document(title="Mine"), "other_manager")
    assert (answer.status_code, answer.json()["code"]) == (404, "initiative_not_found")


def test_who_only_reads_does_not_write():
    saved()
    answer = put(full_document(title="Other"), "auditor", **{"If-Match": "*"})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_a_token_without_the_scope_does_not_write():
    answer = api("programme_manager", "read").generic(
        "PUT", ADDRESS, json.dumps(full_document()).encode(), content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


def test_versions_are_listed_newest_first():
    etag = put(full_document()).headers["ETag"]
    put(full_document(title="Other"), **{"If-Match": etag})
    rows = api("auditor").get("/api/v1/initiatives/AI-0001/versions/").json()["results"]
    assert [(row["number"], row["recorded_by"]) for row in rows] == [(2, "Priya Nair"), (1, "Priya Nair")]
