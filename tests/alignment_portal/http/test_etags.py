import pytest

from tests import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return people.person("executive")


@pytest.fixture
def client():
    return people.api("administrator")


def patch(client, person, **headers):
    return client.patch(f"/api/v1/people/{person.pk}/", {"title": "Chair"}, headers=headers)


def test_a_read_names_its_version(client, person):
    assert client.get(f"/api/v1/people/{person.pk}/").headers["ETag"] == '"1"'


def test_a_reader_who_has_it_already_is_told_so(client, person):
    answer = client.get(f"/api/v1/people/{person.pk}/", headers={"If-None-Match": 'W/"1"'})
    assert (answer.status_code, answer.headers["ETag"], answer.content) == (304, '"1"', b"")


def test_a_change_of_the_current_version_is_made(client, person):
    answer = patch(client, person, **{"If-Match": '"1"'})
    assert (answer.status_code, answer.headers["ETag"], answer.json()["title"]) == (200, '"2"', "Chair")


def test_the_tag_of_a_read_of_some_fields_names_the_version_as_well(client, person):
    tag = client.get(f"/api/v1/people/{person.pk}/?fields=name,title").headers["ETag"]
    assert patch(client, person, **{"If-Match": tag}).status_code == 200
    assert patch(client, person, **{"If-Match": tag}).status_code == 412


def test_a_tag_of_something_else_is_refused_and_the_right_one_told(client, person):
    answer = patch(client, person, **{"If-Match": client.get("/api/v1/people/").headers["ETag"]})
    assert (answer.status_code, answer.json()["current"]["etag"]) == (412, '"1"')
    assert "or the ETag is none of this" in answer.json()["detail"]


def test_a_change_without_a_version_is_refused(client, person):
    answer = patch(client, person)
    assert (answer.status_code, answer.json()["code"]) == (428, "if_match_required")


def test_a_change_of_an_old_version_is_refused_with_the_current_one(client, person):
    patch(client, person, **{"If-Match": '"1"'})
    answer = patch(client, person, **{"If-Match": '"1"'})
    current = answer.json()["current"]
    assert (answer.status_code, current["etag"], current["body"]["title"]) == (412, '"2"', "Chair")
