"""Wrong tokens are counted by the address they come from; good ones are not made to wait."""

from datetime import timedelta

import pytest

from alignment_portal import clock
from alignment_portal.accounts.models import SignInAttempt
from alignment_portal.audit.guard import writes_allowed
from tests import people

pytestmark = pytest.mark.django_db
LIMIT = 20


@pytest.fixture(autouse=True)
def two_attempts(settings):
    settings.SIGN_IN_ATTEMPTS = LIMIT // 10


def ask(token="ap_00000000_wrong", address="192.0.2.7"):
    client = people.api()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client.get("/api/v1/initiatives/", REMOTE_ADDR=address)


def used_up(address="192.0.2.7"):
    return [ask(f"ap_{number:08x}_wrong", address).status_code for number in range(LIMIT)]


def test_too_many_wrong_tokens_from_one_address_have_to_wait():
    assert used_up() == [401] * LIMIT
    answer = ask()
    assert (answer.status_code, answer.json()["code"]) == (429, "throttled")
    assert answer.json()["detail"] == (
        "Too many wrong tokens came from this address. Wait before you try another."
    )
    assert 14 * 60 < int(answer.headers["Retry-After"]) <= 15 * 60 + 1


def test_whoever_waits_writes_nothing_more():
    used_up()
    ask()
    assert SignInAttempt.objects.count() == LIMIT


def test_a_good_token_and_another_address_are_not_made_to_wait():
    used_up()
    assert ask(people.token("auditor")).status_code == 200
    assert ask(address="192.0.2.8").status_code == 401


def test_what_is_not_even_a_token_counts_as_well(client):
    for _ in range(LIMIT):
        assert ask("nonsense and more").status_code == 401
    assert ask("nonsense").status_code == 429


def test_an_ended_token_counts_as_wrong():
    plain = people.token("auditor")
    with writes_allowed():
        people.person("auditor").tokens.update(revoked_at=clock.now())
    for _ in range(LIMIT):
        assert ask(plain).status_code == 401
    assert ask(plain).status_code == 429


def test_the_pause_ends_and_signing_in_is_counted_apart():
    used_up()
    answer = people.browser().get("/sign-in/", REMOTE_ADDR="192.0.2.7")
    assert answer.status_code == 200
    with writes_allowed():
        SignInAttempt.objects.update(at=clock.wall() - timedelta(minutes=16))
    assert ask().status_code == 401


def test_the_count_gives_no_address_away():
    ask()
    assert {len(digest) for digest in SignInAttempt.objects.values_list("digest", flat=True)} == {64}
