"""Who waits for what, what each decision would free, and in which order that is shown."""

import pytest

from alignment_portal.accounts.actors import SYSTEM
from initiatives.models import Initiative, Status
from portfolio.models import SharedDependency
from portfolio.selectors.unblocking import SETTLED, Drawn, drawn_of, waits_of
from portfolio.services.register import change_dependency
from portfolio.services.worths import state_worth
from tests.factories.many import many
from tests.factories.metrics import document_of, initiative
from tests.factories.portfolio import dependency
from tests.people import CAST, actor, api, browser, everybody

pytestmark = pytest.mark.django_db
MAP, REST = "/portfolio/map/", "/api/v1/portfolio/unblocking/"
OWNER = CAST["executive"].email


@pytest.fixture(autouse=True)
def people(db):
    return everybody()


def waiting_for(key, *codes, worth=None):
    """An initiative that needs these dependencies and states a likely value."""
    document = document_of(key)
    needed = document["dependencies"][0]
    document["dependencies"] = [{**needed, "code": code} for code in codes]
    row = initiative(document=document)
    if worth:
        value = (worth / 2, worth, worth * 2)
        state_worth(
            by=actor("programme_manager"),
            initiative=row,
            value=value,
            cost=(1, 2, 3),
            owner=OWNER,
            basis="A count",
        )
    return row


@pytest.fixture
def four(people):
    """Owned and funded, unfunded, one nobody owns, one that no register knows."""
    funded = dependency("harness", title="Evaluation harness", owner=OWNER, funding="funded")
    dependency("log", title="Decision log", owner=OWNER)
    dependency("rights", title="Data rights")
    waiting_for("AI-0001", "harness", "log", worth=52_000.0)
    waiting_for("AI-0002", "harness", "rights", worth=520_000.0)
    waiting_for("AI-0003", "harness", "log", "lake")
    return funded


def test_what_lacks_most_comes_first_then_what_frees_most(four):
    waits = waits_of(actor("executive"))
    assert [(row.code, row.lacking, row.waiting) for row in waits.rows] == [
        ("rights", 2, ("AI-0002",)),
        ("lake", 2, ("AI-0003",)),
        ("log", 1, ("AI-0001", "AI-0003")),
        ("harness", 0, ("AI-0001", "AI-0002", "AI-0003")),
    ]
    assert [row.registered for row in waits.rows] == [True, False, True, True]


def test_value_and_cost_of_delay_add_up_over_those_that_wait(four):
    freed = {row.code: row.freed for row in waits_of(actor("executive")).rows}
    harness = freed["harness"]
    assert (harness.low, harness.likely, harness.high) == (286_000, 572_000, 1_144_000)
    assert (harness.cost_of_delay, harness.stated) == (11_000, 2)
    assert (freed["lake"].likely, freed["lake"].stated) == (0, 0)


def test_the_order_within_is_chosen(four):
    change_dependency(by=actor("executive"), dependency=four, changes={"funding": "requested"})
    orders = {
        by: [row.code for row in waits_of(actor("executive"), by=by).rows] for by in ("number", "value")
    }
    assert orders == {
        "number": ["rights", "lake", "harness", "log"],
        "value": ["rights", "lake", "harness", "log"],
    }
    waiting_for("AI-0004", "log", worth=9_000_000.0)
    assert [row.code for row in waits_of(actor("executive"), by="cost_of_delay").rows][2:] == [
        "log",
        "harness",
    ]


def test_once_delivered_nobody_waits_and_it_comes_last(four):
    change_dependency(by=actor("executive"), dependency=four, changes={"state": "delivered"})
    rows = waits_of(actor("executive")).rows
    assert (rows[-1].code, rows[-1].settled, rows[-1].lacking) == ("harness", True, 0)
    page = browser("executive").get(MAP)
    assert "Evaluation harness" not in page.context["drawing"]


def test_the_map_is_drawn_with_names_links_and_a_twin(four):
    page = browser("executive").get(MAP)
    drawing = page.context["drawing"]
    assert 'href="/portfolio/dependencies/rights/"' in drawing
    assert 'href="/initiatives/AI-0003/"' in drawing
    assert (
        page.context["title"]
        == "3 initiatives wait for something shared; 3 dependencies lack an owner or money."
    )
    assert ("Data rights", "Nobody owns it, unfunded", "AI-0002") in page.context["needs"]


def test_the_page_takes_the_same_number_of_queries_whatever_waits(django_assert_num_queries):
    dependency("rights")
    waiting_for("AI-0001", "rights")
    reader = browser("executive")
    reader.get(MAP)
    with django_assert_num_queries(10):
        reader.get(MAP)
    for number in range(2, 6):
        waiting_for(f"AI-000{number}", "rights", "log", worth=10.0)
    with django_assert_num_queries(10):
        reader.get(MAP)


def test_a_large_map_says_what_it_leaves_out(people):
    dependency("rights")
    for number in range(1, 33):
        waiting_for(f"AI-{number:04}", "rights")
    page = browser("executive").get(MAP)
    assert page.context["undrawn"] == 2
    assert "2 more initiatives wait" in page.content.decode()


def map_as_meant(who, most):
    """Read one by one: how many wait for each code and what they state, whom the map draws, and how many wait."""
    rows = [row for row in Initiative.objects.visible_to(actor(who)) if row.status != Status.RETIRED]
    needs = {row.key: sorted(need.code for need in row.dependency_rows.all()) for row in rows}
    last = {row.key: row.worths.order_by("number").last() for row in rows}
    settled = set(SharedDependency.objects.filter(state__in=SETTLED).values_list("code", flat=True))
    waiting = [key for key, codes in needs.items() if set(codes) - settled]
    told = {}
    for code in sorted({code for codes in needs.values() for code in codes}):
        keys = [key for key, codes in needs.items() if code in codes]
        stated = [last[key] for key in keys if last[key] and last[key].currency == "EUR"]
        told[code] = (len(keys), 0 if code in settled else sum(worth.value_likely for worth in stated))
    drawn = sorted(waiting, key=lambda key: (-len(set(needs[key]) - settled), key))[:most]
    return told, drawn, {key: tuple(set(needs[key]) - settled) for key in drawn}, len(waiting)


def map_as_told(who, most):
    waits = waits_of(actor(who), named=False)
    awaited = [row.code for row in waits.rows if not row.settled and row.count]
    drawn = drawn_of(actor(who), waits, awaited=awaited, most=most)
    codes = {key: tuple(sorted(found)) for key, found in drawn.codes.items()}
    told = {row.code: (row.count, row.freed.likely) for row in waits.rows if row.count}
    return told, [one.key for one in drawn.waiters], codes, drawn.waiting


@pytest.mark.parametrize("few", [0, 2000])
@pytest.mark.parametrize("most", [1, 7, 30, 500])
def test_of_many_those_that_wait_for_most_are_drawn_and_all_are_counted(few, most, monkeypatch):
    monkeypatch.setattr("portfolio.selectors.unblocking.FEW", few)
    draw = many(90)
    for about in Initiative.objects.exclude(status=Status.RETIRED).order_by("key")[::2]:
        for _ in range(draw.randrange(3)):
            state_worth(
                by=SYSTEM, initiative=about, value=(-1e6, draw.randrange(-9, 99) * 1000.0, 1e6), cost=(1, 2, 3),
                currency=draw.choice(["EUR", "EUR", "EUR", "GBP"]), owner=OWNER, basis="A count",
            )  # fmt: skip
    for code, state in (("harness", "open"), ("log", "delivered"), ("rights", "dropped")):
        found = dependency(code, owner=OWNER)
        change_dependency(by=actor("executive"), dependency=found, changes={"state": state})
    for who in ("executive", "programme_manager", "other_manager"):
        told, drawn, codes, waiting = map_as_meant(who, most)
        codes = {key: tuple(sorted(found)) for key, found in codes.items()}
        assert map_as_told(who, most) == (told, drawn, codes, waiting)


def test_who_sees_nobody_waiting_draws_nobody(four):
    by = actor("other_manager")
    assert drawn_of(by, waits_of(by), awaited=["harness"], most=3) == Drawn((), {}, 0)


def test_nothing_recorded_teaches_what_to_add():
    assert "Add what more than one initiative needs" in browser("executive").get(MAP).content.decode()
    assert "Back to the portfolio" in browser("auditor").get(MAP).content.decode()


def test_who_sees_only_their_own_counts_only_their_own(four):
    assert [row.waiting for row in waits_of(actor("other_manager")).rows] == [(), (), ()]


def test_programs_read_the_same_ranking(four):
    rows = api("auditor").get(REST, {"by": "value"}).json()["results"]
    assert [(row["code"], row["unowned"], row["unfunded"]) for row in rows] == [
        ("rights", True, True),
        ("lake", True, True),
        ("log", False, True),
        ("harness", False, False),
    ]
    assert (rows[0]["value"]["likely"], rows[0]["cost_of_delay"], rows[0]["currency"]) == (
        520_000,
        10_000,
        "EUR",
    )
    assert api("auditor").get(REST, {"by": "beauty"}).status_code == 400
