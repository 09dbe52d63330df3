"""The same request sent again is answered again and not done again."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from alignment_portal.accounts.models import User
from alignment_portal.audit.models import Entry
from alignment_portal.http.models import IdempotencyKey
from tests import people

BODY = {"email": "ann@example.org", "name": "Ann"}


def post(client, body=BODY, key="k-1"):
    return client.post("/api/v1/people/", body, headers={"Idempotency-Key": key})


@pytest.mark.django_db
def test_the_second_answer_is_the_first():
    client = people.api("administrator")
    first, second = post(client), post(client)
    assert (second.status_code, second.json()) == (first.status_code, first.json()) == (201, first.json())
    assert second.headers["Location"] == first.headers["Location"]
    assert second.headers["Idempotency-Replayed"] == "true"
    assert Entry.objects.count() == 1


@pytest.mark.django_db
def test_a_key_is_for_one_body():
    client = people.api("administrator")
    post(client)
    answer = post(client, {**BODY, "name": "Bea"})
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.django_db
def test_keys_of_different_callers_are_apart():
    post(people.api("administrator"))
    answer = post(people.api("administrator"), {**BODY, "email": "bea@example.org"})
    assert answer.status_code == 201


@pytest.mark.django_db
def test_a_refused_request_may_be_mended_under_its_key():
    client = people.api("administrator")
    assert post(client, {**BODY, "email": "nonsense"}).status_code == 400
    assert IdempotencyKey.objects.count() == 0
    assert post(client).status_code == 201


@pytest.mark.django_db
def test_without_a_key_nothing_is_kept():
    people.api("administrator").post("/api/v1/people/", BODY)
    assert IdempotencyKey.objects.count() == 0


@pytest.mark.django_db
def test_an_overlong_key_is_refused():
    answer = post(people.api("administrator"), key="k" * 256)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_too_long")


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_make_one_row():
    plain = people.token("administrator")

    def send(_):
        try:
            client = people.api()
            client.credentials(HTTP_AUTHORIZATION=f"Bearer {plain}")
            return post(client)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(send, range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert User.objects.filter(email=BODY["email"]).count() == 1
    assert Entry.objects.count() == 1
