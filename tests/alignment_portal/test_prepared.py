"""What is prepared once is asked anew each time, and never answered from what was asked before."""

import threading
from datetime import UTC, datetime, timedelta, timezone

import orjson
import pytest
from django.db import connection, connections
from django.db.models import QuerySet

from alignment_portal import clock
from alignment_portal.accounts.models import ApiToken, User
from alignment_portal.accounts.tokens import token_of
from alignment_portal.audit.guard import writes_allowed
from alignment_portal.prepared import Prepared, PreparedAmong
from gates.models import Waiver
from initiatives.api.initiatives import JSON
from initiatives.models import Initiative
from tests import people
from tests.factories.gates import WaiverFactory
from tests.factories.metrics import initiative

pytestmark = pytest.mark.django_db


@pytest.fixture
def by_email():
    return Prepared(lambda email: User.objects.filter(email=email).values_list("name", "date_joined"))


def test_each_value_has_its_own_answer_as_the_orm_gives_it(by_email):
    ann, ben = people.person("auditor"), people.person("executive")
    assert by_email.rows(ann.email) == [(ann.name, ann.date_joined)]
    assert by_email.rows(ben.email) == [(ben.name, ben.date_joined)]
    assert by_email.rows("nobody@example.org") == []


def test_its_sql_is_made_once_and_its_rows_are_read_each_time(by_email, monkeypatch):
    ann = people.person("auditor")
    made = []
    get_compiler = type(QuerySet().query).get_compiler
    monkeypatch.setattr(
        "django.db.models.sql.query.Query.get_compiler",
        lambda self, *args, **more: made.append(self) or get_compiler(self, *args, **more),
    )
    by_email.rows(ann.email)
    first = len(made)
    with writes_allowed(), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET name = 'Another' WHERE email = %s", [ann.email])
    assert [name for name, _ in by_email.rows(ann.email)] == ["Another"]
    assert 0 < len(made) == first


def test_texts_days_and_moments_stand_each_in_their_place():
    waiver = WaiverFactory()
    asked = Prepared(
        lambda day, rule, at: Waiver.objects.filter(
            requested_at__lte=at, until__gte=day, rule=rule
        ).values_list("ref", "until")
    )
    day, at = waiver.until, waiver.requested_at
    second, one_day = timedelta(microseconds=1), timedelta(days=1)
    assert asked.rows(day, waiver.rule, at) == [(waiver.ref, day)]
    assert asked.rows(day - one_day, waiver.rule, at.astimezone(timezone(timedelta(hours=5)))) != []
    assert asked.rows(day + one_day, waiver.rule, at) == []
    assert asked.rows(day, "XX-01", at) == []
    assert asked.rows(day, waiver.rule, at - second) == []


@pytest.mark.parametrize(
    "question",
    [
        lambda at: User.objects.filter(date_joined__date=at.date()).values_list("email"),
        lambda at: User.objects.filter(date_joined__gt=at - timedelta(days=1)).values_list("email"),
        lambda at: User.objects.filter(name=f"the {at}").values_list("email"),
        lambda at: User.objects.order_by("email").values_list("email")[: at.year],
    ],
    ids=["its day", "the day before", "a text", "a number"],
)
def test_what_is_made_of_a_value_would_be_kept_and_is_refused(question):
    with pytest.raises(ValueError, match=r"makes of a value|depends on a value"):
        Prepared(question).rows(clock.now())


@pytest.mark.parametrize("number", range(10))
def test_any_number_of_values_are_asked_of_together(number, django_assert_num_queries):
    everybody = [people.person(role).email for role in ("auditor", "executive", "assurer", "contributor")]
    everybody += [f"nobody-{place}@example.org" for place in range(6)]
    among = PreparedAmong(
        lambda emails, at: User.objects.filter(email__in=emails, date_joined__lte=at).values_list("email")
    )
    with django_assert_num_queries(min(number, 1)):
        found = among.rows(everybody[:number], clock.now())
    assert sorted(found) == [(email,) for email in sorted(everybody[: min(number, 4)])]
    assert among.rows(everybody[:number], datetime(2001, 1, 1, tzinfo=UTC)) == []


ODD_MOMENTS = [
    datetime(2026, 6, 30, 12, tzinfo=UTC),
    datetime(2026, 6, 30, 12, 0, 0, 1, tzinfo=UTC),
    datetime(2026, 6, 30, 23, 59, 59, 999_990, tzinfo=UTC),
    datetime(2026, 1, 1, 3, 30, tzinfo=timezone(timedelta(hours=5, minutes=45))),
    datetime(1, 1, 1, tzinfo=UTC),
    None,
]


@pytest.mark.parametrize("moment", ODD_MOMENTS, ids=str)
def test_a_moment_left_as_it_is_kept_is_written_as_the_one_of_the_orm(moment):
    made = initiative("AI-0001")
    with writes_allowed():
        Initiative.objects.filter(pk=made.pk).update(judged_at=moment)

    def question(key):
        return Initiative.objects.filter(key=key).values_list("owner_id", "judged_at")

    left = Prepared(question, moments_as_kept=True).rows("AI-0001")
    assert left[0][0] == made.owner_id  # everything else is made what it is
    written = orjson.dumps([tuple(row) for row in left], option=JSON)
    assert written == orjson.dumps([tuple(row) for row in question(made.key)], option=JSON)


def test_the_list_writes_moments_alike_however_it_is_asked_for():
    for number, moment in enumerate(ODD_MOMENTS):
        made = initiative(f"AI-{number:04}")
        with writes_allowed():
            Initiative.objects.filter(pk=made.pk).update(
                judged_at=moment, next_since=moment, changed_at=moment or ODD_MOMENTS[1]
            )
    reader = people.api("executive", "read")
    by_key = reader.get("/api/v1/initiatives/?order=key").json()["results"]
    from_the_end = reader.get("/api/v1/initiatives/?order=-key").json()["results"]
    assert len(by_key) == len(ODD_MOMENTS)
    assert by_key == from_the_end[::-1]


def test_a_token_is_known_with_its_person_and_their_roles_in_one_query(django_assert_num_queries):
    plain = people.token("assurer", "read")
    token_of(plain)
    with django_assert_num_queries(1):
        token = token_of(plain)
        held = [(grant.role, grant.function) for grant in token.user.current_grants()]
    assert token == ApiToken.objects.get()
    assert (token.scopes, token.user) == (["read"], people.person("assurer"))
    assert held == [("assurer", "")]
    assert token.user.pk == people.person("assurer").pk


def test_a_role_that_was_taken_back_is_not_held_any_longer():
    person, plain = people.person("administrator"), people.token("administrator")
    grant = person.grants.get()
    with writes_allowed():
        person.grants.update(revoked_at=grant.granted_at)
    assert token_of(plain).user.current_grants() == []
    with writes_allowed():
        person.grants.create(role="auditor")
    assert [grant.role for grant in token_of(plain).user.current_grants()] == ["auditor"]


@pytest.mark.parametrize("wrong", ["", "ap_", "ap__", "ap_0\x00_a", "ap_\x1avalue\x1a_x", "xx_00000000_x"])
def test_what_is_no_token_opens_nothing(wrong):
    people.token("administrator")
    assert token_of(wrong) is None


@pytest.mark.django_db(transaction=True)
def test_each_thread_prepares_for_its_own_connection(by_email):
    ann, found = people.person("auditor"), []

    def ask():
        found.append(by_email.rows(ann.email))
        connections.close_all()

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert found == [by_email.rows(ann.email)]


@pytest.mark.django_db(transaction=True)
def test_a_token_is_known_in_every_thread():
    plain, found = people.token("auditor"), []

    def ask():
        found.append(token_of(plain))
        connections.close_all()

    for _ in range(2):
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    assert [token.prefix for token in found] == [plain.split("_")[1]] * 2


def test_a_page_of_the_list_takes_two_queries_however_it_is_asked_for(django_assert_num_queries):
    for number in range(5, 0, -1):
        initiative(f"AI-{number:04}")
    reader = people.api("executive", "read")
    rows = []
    address = "/api/v1/initiatives/?limit=2"
    reader.get(address)
    while address:
        with django_assert_num_queries(2):
            page = reader.get(address).json()
        rows += page["results"]
        address = page["next"]
    by_title = reader.get("/api/v1/initiatives/?order=title&limit=200").json()["results"]
    assert [row["key"] for row in rows] == sorted(row["key"] for row in by_title)
    assert sorted(rows, key=str) == sorted(by_title, key=str)
