"""One version of an initiative has many answers, and the tag of each lets a change of that version through, and of no other."""

import itertools

import pytest

from tests.factories.initiatives import full_document
from tests.initiatives.cast import saved
from tests.people import api

pytestmark = pytest.mark.usefixtures("people")
ONE = "/api/v1/initiatives/AI-0001/"
COUNT = itertools.count()  # so that no change says what is there already
READS = (
    "",
    "?fields=title,version",
    "?expand=verdict",
    "?expand=dossier,verdict",
    "?expand=dossier&fields=title,expanded",
    "dossier/",
    "dossier/?fields=initiative",
    "deployments/",
    "deployments/leeds/",
    "deployments/leeds/?fields=code",
)


def change_title(client, tag):
    return client.patch(ONE, {"title": f"Other {next(COUNT)}"}, headers={"If-Match": tag})


def put_document(client, tag):
    document = client.get(f"{ONE}dossier/").json()
    document["initiative"]["summary"] = f"A summary of {next(COUNT)} versions."
    return client.put(f"{ONE}dossier/", document, format="json", headers={"If-Match": tag})


def change_deployment(client, tag):
    return client.patch(
        f"{ONE}deployments/leeds/", {"title": f"Leeds {next(COUNT)}"}, headers={"If-Match": tag}
    )


WRITES = (change_title, put_document, change_deployment)


@pytest.fixture
def client():
    saved(document=full_document())
    return api("programme_manager")


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("read", READS)
def test_the_tag_of_any_answer_lets_a_change_of_that_version_through_once(client, read, write):
    tag = client.get(f"{ONE}{read}").headers["ETag"]
    answer = write(client, tag)
    assert answer.status_code == 200, answer.content
    assert client.get(ONE).json()["version"] == 2
    assert [again(client, tag).status_code for again in WRITES] == [412, 412, 412]
    assert client.get(ONE).json()["version"] == 2


@pytest.mark.parametrize("write", WRITES)
def test_of_several_tags_one_must_be_of_the_version_that_is_there(client, write):
    old = client.get(f"{ONE}?expand=verdict").headers["ETag"]
    change_title(client, old)
    assert write(client, f'{old}, W/"abc", "1"').status_code == 412
    now = client.get(f"{ONE}?expand=dossier").headers["ETag"]
    assert write(client, f"{old}, {now}").status_code == 200
    assert client.get(ONE).json()["version"] == 3


@pytest.mark.parametrize("read", ["", "?expand=verdict", "?expand=dossier"])
def test_answers_that_differ_have_tags_that_differ(client, read):
    tags = {
        client.get(f"{ONE}{other}").headers["ETag"] for other in ("", "?expand=verdict", "?expand=dossier")
    }
    assert len(tags) == 3
    tag = client.get(f"{ONE}{read}").headers["ETag"]
    assert client.get(f"{ONE}{read}", headers={"If-None-Match": tag}).status_code == 304
