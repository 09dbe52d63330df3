"""Value and cost as ranges: stated by somebody, kept for ever, apart from evidence, and read by the what-if."""

import pytest

from alignment_portal.accounts.actors import SYSTEM
from alignment_portal.audit.models import Entry
from alignment_portal.refusals import Stale
from gates.selectors.judging import judge
from initiatives.models import Initiative, Status
from portfolio.models import Worth
from portfolio.selectors.whatif import facts_now
from portfolio.services.worths import state_worth
from tests.factories.many import many
from tests.factories.metrics import initiative
from tests.gates import policy
from tests.people import CAST, actor, api, browser, everybody

pytestmark = pytest.mark.django_db
PAGE, LIST = "/initiatives/AI-0001/worth/", "/portfolio/worth/"
REST = "/api/v1/initiatives/AI-0001/worth/"
TYPED = {
    "value_low": "100000",
    "value_likely": "520000",
    "value_high": "900000",
    "cost_low": "50000",
    "cost_likely": "80000",
    "cost_high": "120000",
    "currency": "eur",
    "owner": CAST["executive"].email,
    "basis": "The pilot of last year",
    "version": "0",
}
SENT = {
    "value": {"low": 100_000, "likely": 520_000, "high": 900_000},
    "cost": {"low": 50_000, "likely": 80_000, "high": 120_000},
    "owner": CAST["executive"].email,
    "basis": "The pilot of last year",
}


@pytest.fixture(autouse=True)
def subject(db):
    everybody()
    return initiative()


def said(row, likely=520_000.0, **changes):
    given = {
        "value": (0, likely, 9e6),
        "cost": (1, 2, 3),
        "owner": CAST["executive"].email,
        "basis": "A count",
    }
    return state_worth(initiative=row, **{"by": actor("programme_manager")} | given | changes)


def test_a_manager_states_it_on_its_page_and_everybody_who_sees_the_initiative_reads_it():
    answer = browser("programme_manager").post(PAGE, TYPED, follow=True)
    assert "Kept." in answer.content.decode()
    page = browser("auditor").get(PAGE)
    assert page.context["form"] is None
    assert [
        word in page.content.decode() for word in ("520,000 EUR", "100,000 to 900,000", "Eleanor Voss")
    ] == [True] * 3


def test_faults_stand_at_their_fields():
    page = browser("programme_manager").post(PAGE, {**TYPED, "value_low": "600000", "currency": "12€"})
    assert (page.status_code, set(page.context["form"].errors)) == (422, {"value_low", "currency"})


def test_who_states_upon_something_unseen_is_told_and_nothing_is_written(subject):
    said(subject)
    page = browser("programme_manager").post(PAGE, TYPED)
    assert (page.status_code, Worth.objects.count()) == (422, 1)
    with pytest.raises(Stale):
        said(subject, likely=3, expected=0)


def test_every_statement_stays_on_the_page_and_in_the_record(subject):
    said(subject)
    said(subject, likely=600_000.0)
    page = browser("executive").get(PAGE)
    assert [one.value_likely for one in page.context["earlier"]] == [520_000.0]
    assert Entry.objects.filter(action="portfolio.worth.stated").count() == 2


def test_a_hope_moves_no_verdict(subject):
    policy.adopt()
    before = judge("AI-0001")
    said(subject)
    after = judge("AI-0001")
    assert [(f.code, f.outcome) for f in before.findings] == [(f.code, f.outcome) for f in after.findings]


def test_a_what_if_takes_the_cost_of_delay_from_the_last_statement(subject):
    assert facts_now()["initiatives"]["AI-0001"]["cost_of_delay"] == 0
    said(subject)
    said(subject, likely=104_000.0)
    assert facts_now()["initiatives"]["AI-0001"]["cost_of_delay"] == 2_000


def test_the_list_has_the_dearest_first_and_the_silent_last_in_the_same_number_of_queries(
    subject, django_assert_num_queries
):
    said(subject)
    initiative("AI-0003")
    reader = browser("executive")
    reader.get(LIST)
    with django_assert_num_queries(7):
        reader.get(LIST)
    said(initiative("AI-0002"), likely=700_000.0)
    said(initiative("AI-0004"), currency="GBP", likely=1.0)
    with django_assert_num_queries(7):
        page = reader.get(LIST)
    assert [row["key"] for row in page.context["rows"]] == ["AI-0002", "AI-0001", "AI-0004", "AI-0003"]
    counted = page.context["sum"]
    assert (counted.currency, counted.value, counted.stated, counted.silent, counted.elsewhere) == (
        "EUR",
        1_220_000.0,
        2,
        1,
        1,
    )


def listed_as_meant(who):
    """Every initiative that counts with its last statement, in order, and the sum: read one by one."""
    rows = [row for row in Initiative.objects.visible_to(actor(who)) if row.status != Status.RETIRED]
    last = {row.key: row.worths.order_by("number").last() for row in rows}
    stated = [(key, worth) for key, worth in last.items() if worth]
    order = sorted(stated, key=lambda pair: (pair[1].currency, -pair[1].value_likely, pair[0]))
    told = [(key, worth.currency, worth.value_likely, worth.owner.name, worth.number) for key, worth in order]
    told += [(key, None, None, None, None) for key in sorted(last) if last[key] is None]
    used = [worth.currency for _, worth in stated]
    money = max(sorted(set(used)), key=used.count, default="EUR")
    ours = [worth for _, worth in stated if worth.currency == money]
    value, cost = sum(worth.value_likely for worth in ours), sum(worth.cost_likely for worth in ours)
    return told, (money, value, cost, len(ours), len(rows) - len(stated), len(stated) - len(ours))


def listed_as_told(who):
    reader, told, number, total = browser(who), [], 1, 1
    while len(told) < total:
        context = reader.get(LIST, {"page": number}).context
        for row in context["rows"]:
            names = ("currency", "value_likely", "owner_name", "number")
            told.append((row["key"], *(row["worth"][name] if row["worth"] else None for name in names)))
        number, total = number + 1, context["page"]["total"]
    one = context["sum"]
    return told, (one.currency, one.value, one.cost, one.stated, one.silent, one.elsewhere)


@pytest.mark.parametrize("size", [7, 50])
def test_of_many_each_page_and_the_sum_are_those_of_all_read_one_by_one(size, subject, monkeypatch):
    monkeypatch.setattr("portfolio.web.paging.A_PAGE", size)
    draw = many(60, first=2)
    for about in Initiative.objects.exclude(status=Status.RETIRED).order_by("key")[::2]:
        for _ in range(draw.randrange(3)):
            money = draw.choice(["EUR", "CHF", "CHF"])
            said(about, by=SYSTEM, likely=draw.randrange(1, 6) * 1000.0, currency=money)
    for who in ("executive", "programme_manager", "other_manager"):
        assert listed_as_told(who) == listed_as_meant(who)


def test_a_program_states_reads_and_follows_it():
    caller = api("programme_manager")
    assert caller.get(REST).status_code == 404
    made = caller.put(REST, SENT, format="json")
    assert (made.status_code, made.json()["version"], made.headers["ETag"]) == (201, 1, '"1"')
    assert caller.put(REST, SENT, format="json").status_code == 428
    more = {**SENT, "basis": "A count and a price"}
    assert caller.put(REST, more, format="json", headers={"If-Match": '"7"'}).status_code == 412
    again = caller.put(REST, more, format="json", headers={"If-Match": '"1"'})
    assert (again.status_code, again.json()["version"]) == (200, 2)
    assert caller.get(REST).json() == again.json()
    assert [row["version"] for row in caller.get(f"{REST}statements/").json()["results"]] == [2, 1]
    listed = api("auditor").get("/api/v1/portfolio/worths/").json()["results"]
    assert [(row["initiative"], row["value"]["likely"]) for row in listed] == [("AI-0001", 520_000.0)]


@pytest.mark.parametrize(
    ("who", "changes", "status"),
    [
        ("programme_manager", {"value": {"low": 3, "likely": 2, "high": 1}}, 400),
        ("programme_manager", {"owner": "nobody@example.org"}, 400),
        ("programme_manager", {"cost": {"low": -1, "likely": 2, "high": 3}}, 400),
        ("assurer", {}, 403),
        ("other_manager", {}, 404),
    ],
)
def test_what_is_wrong_or_not_theirs_is_refused(who, changes, status):
    assert api(who).put(REST, {**SENT, **changes}, format="json").status_code == status
