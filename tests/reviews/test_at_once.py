"""Two dozen executives at once, through a real server: no stance is lost, none is seen early, the review ends once."""

import datetime as dt
import http.client
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from alignment_portal import clock
from alignment_portal.accounts.tokens import digest_of
from alignment_portal.audit.chain import verify_chain
from alignment_portal.audit.guard import writes_allowed
from reviews.models import Conclusion, Participant, Review, Stance
from reviews.services.opening import open_review
from tests.factories.accounts import ApiTokenFactory, RoleGrantFactory, UserFactory
from tests.factories.metrics import initiative
from tests.factories.reviews import ROLES, TRADE_OFF
from tests.people import actor, token

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PEOPLE = 24
CHANGES = ("agree", "disagree", "abstain", "agree")
SECRET = "only mine"


@pytest.fixture
def seated():
    """E-mails and tokens of two dozen executives, six a role, who take part in one review."""
    roles = sorted(ROLES.values())
    with writes_allowed():
        users = UserFactory.create_batch(PEOPLE)
        for number, user in enumerate(users):
            RoleGrantFactory(user=user, role="executive")
            plain = f"ap_{number:08x}_for-tests"
            scopes = ["read", "endorse"]
            ApiTokenFactory(user=user, prefix=f"{number:08x}", digest=digest_of(plain), scopes=scopes)
    review = open_review(
        by=actor("executive"),
        subject=initiative(),
        purpose="Agree on what we give up.",
        required_roles=roles,
        policy_version="2026.1",
        pre_read_at=clock.now() + dt.timedelta(hours=1),
        participants=[(user.email, roles[number % 4]) for number, user in enumerate(users)],
        send=True,
    )
    return review, {user.email: f"ap_{number:08x}_for-tests" for number, user in enumerate(users)}


class Caller:
    """A program with one token, calling a server that really listens."""

    def __init__(self, server, key):
        self.host, self.port = server.thread.host, server.thread.port
        self.headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def __call__(self, method, path, body=None):
        line = http.client.HTTPConnection(self.host, self.port, timeout=120)
        try:
            sent = None if body is None else json.dumps(body)
            line.request(method, f"/api/v1/reviews/{path}", sent, self.headers)
            answer = line.getresponse()
            return answer.status, json.loads(answer.read() or b"null")
        finally:
            line.close()


def everything_at(call, ref):
    """Every answer of a review in which a stance could show."""
    paths = ("", "stances/", "divergence/", "commitments/", "changes/", "participants/")
    return [call("GET", f"{ref}/{path}")[1] for path in paths]


def answer_and_look(server, key, ref):
    """Give a stance and change it; return the statuses, and what was seen in between."""
    call = Caller(server, key)
    statuses, seen = [], []
    for version, answer in enumerate(CHANGES):
        body = {"trade_off": TRADE_OFF, "answer": answer, "reason": f"{SECRET} {key} {version}"}
        statuses.append(call("POST", f"{ref}/stances/", body)[0])
        seen.append(json.dumps(call("GET", f"{ref}/stances/")[1]))
    return statuses, seen


def test_two_dozen_people_answer_at_once_and_the_review_ends_once(live_server, seated):
    review, keys = seated
    watchers = {who: Caller(live_server, token(who)) for who in ("administrator", "auditor")}
    with ThreadPoolExecutor(PEOPLE + len(watchers)) as pool:
        answering = {
            email: pool.submit(answer_and_look, live_server, key, review.ref) for email, key in keys.items()
        }
        watching = [pool.submit(everything_at, call, review.ref) for call in watchers.values() for _ in "ab"]
        found = {email: job.result() for email, job in answering.items()}
        watched = json.dumps([job.result() for job in watching])

    nothing_was_lost(review, found)
    nothing_was_seen(found, keys, watched)
    the_end_comes_once(live_server, review, keys)


def nothing_was_lost(review, found):
    assert {status for statuses, _ in found.values() for status in statuses} == {201}
    versions = Counter(Stance.objects.filter(review=review).values_list("user__email", "version"))
    expected = {(email, version): 1 for email in found for version in range(1, len(CHANGES) + 1)}
    assert versions == expected
    assert verify_chain().ok


def nothing_was_seen(found, keys, watched):
    assert SECRET not in watched
    for email, (_, seen) in found.items():
        others = {key for other, key in keys.items() if other != email}
        assert not [key for key in others if f"{SECRET} {key}" in "".join(seen)]


def the_end_comes_once(server, review, keys):
    def conclude(key):
        return Caller(server, key)("POST", f"{review.ref}/conclude/", {"outcome": "aligned"})

    with ThreadPoolExecutor(PEOPLE) as pool:
        answers = list(pool.map(conclude, keys.values()))
    assert Counter(status for status, _ in answers) == {200: 1, 409: PEOPLE - 1}
    assert {body["code"] for status, body in answers if status != 200} == {"review_concluded"}
    assert Conclusion.objects.filter(review=review).count() == 1
    assert Review.objects.get(pk=review.pk).concluded_at is not None
    assert Participant.objects.filter(review=review, left_at__isnull=True).count() == PEOPLE


def test_two_browsers_of_one_person_leave_every_version(live_server, seated):
    review, keys = seated
    key = next(iter(keys.values()))
    bodies = [{"trade_off": TRADE_OFF, "answer": "agree", "reason": f"Window {n}."} for n in range(8)]

    def give(body):
        return Caller(live_server, key)("POST", f"{review.ref}/stances/", body)[0]

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(give, bodies)) == {201}
    said = Stance.objects.filter(review=review).order_by("version")
    assert [row.version for row in said] == list(range(1, 9))
    assert {row.reason for row in said} == {body["reason"] for body in bodies}
