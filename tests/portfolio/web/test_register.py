import pytest

from portfolio.models import Bottleneck, SharedDependency
from portfolio.services.register import change_bottleneck, change_dependency
from tests.factories.metrics import initiative
from tests.factories.portfolio import bottleneck, dependency
from tests.people import CAST, actor, browser, everybody

pytestmark = pytest.mark.django_db
DEPENDENCIES = "/portfolio/dependencies/"
BOTTLENECKS = "/portfolio/bottlenecks/"
WEEK = {"hours_per_week": 40}
OWNER = CAST["technology_executive"].email


@pytest.fixture(autouse=True)
def cast(db):
    everybody()


def typed(**changes):
    row = {"title": "Decision log", "kind": "platform", "owner": "", "funding": "unfunded", "state": "open"}
    return {**row, "due_on": "", "note": "", **changes}


def test_what_nobody_owns_or_funds_comes_first_then_what_most_wait_for():
    initiative()
    dependency("harness", owner=OWNER, funding="funded")
    dependency("decision-log", owner=OWNER, funding="funded")
    dependency("rights")
    dependency("done", owner=OWNER, state="delivered")
    rows = browser("executive").get(DEPENDENCIES).context["dependencies"]
    assert [row["code"] for row in rows] == ["rights", "decision-log", "harness", "done"]


def test_each_row_has_the_anchor_that_the_judge_links_to():
    dependency()
    assert 'id="decision-log"' in browser("auditor").get(DEPENDENCIES).content.decode()


def test_a_dependency_is_added_and_leads_to_its_page():
    answer = browser("executive").post(f"{DEPENDENCIES}_new/", typed(code="decision-log", owner=OWNER))
    assert answer.headers["Location"] == f"{DEPENDENCIES}decision-log/"
    assert SharedDependency.objects.get().owner.email == OWNER


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "Not a code"}, "code"),
        ({"code": "taken"}, "code"),
        ({"title": ""}, "title"),
        ({"kind": "magic"}, "kind"),
        ({"due_on": "soon"}, "due_on"),
        ({"state": "delivered"}, "owner"),
    ],
)
def test_a_bad_dependency_is_refused_at_its_field_and_kept_as_typed(changes, field):
    dependency("taken")
    page = browser("executive").post(
        f"{DEPENDENCIES}_new/", typed(**{"code": "new", "note": "Kept.", **changes})
    )
    assert (page.status_code, list(page.context["form"].errors)) == (422, [field])
    assert "data-error-summary" in page.content.decode()
    assert page.context["form"]["note"].value() == "Kept."
    assert SharedDependency.objects.count() == 1


def test_a_dependency_says_who_waits_to_whom_may_see_it():
    initiative()
    dependency()
    pages = {who: browser(who).get(f"{DEPENDENCIES}decision-log/") for who in ("executive", "other_manager")}
    assert {who: [need.initiative.key for need in page.context["needs"]] for who, page in pages.items()} == {
        "executive": ["AI-0001"],
        "other_manager": [],
    }


def test_a_change_is_told_in_the_history():
    row = dependency()
    browser("executive").post(f"{DEPENDENCIES}decision-log/change/", typed(version=1, funding="funded"))
    page = browser("auditor").get(f"{DEPENDENCIES}{row.code}/")
    assert [(change.who, change.differences) for change in page.context["changes"]] == [
        ("Eleanor Voss", (("funding", "unfunded", "funded"),)),
        ("Eleanor Voss", ()),
    ]


def test_two_changes_of_different_parts_both_stand():
    row = dependency()
    change_dependency(by=actor("administrator"), dependency=row, changes={"owner": OWNER})
    browser("executive").post(f"{DEPENDENCIES}decision-log/change/", typed(version=1, funding="funded"))
    row.refresh_from_db()
    assert (row.owner.email, row.funding, row.version) == (OWNER, "funded", 3)


def test_two_changes_of_the_same_part_are_put_to_a_person():
    row = dependency()
    change_dependency(by=actor("administrator"), dependency=row, changes={"funding": "requested"})
    client = browser("executive")
    page = client.post(f"{DEPENDENCIES}decision-log/change/", typed(version=1, funding="funded"))
    choice = page.context["conflicts"][0]
    assert (page.status_code, choice["name"], choice["mine"], choice["theirs"]) == (
        409, "funding", "funded", "requested",
    )  # fmt: skip
    sent = {**dict(page.context["kept"]), "version": page.context["version"], "funding": "funded"}
    client.post(f"{DEPENDENCIES}decision-log/change/", sent)
    row.refresh_from_db()
    assert (row.funding, row.version) == ("funded", 3)


def test_what_is_not_on_the_register_is_not_found():
    client = browser("executive")
    assert client.get(f"{DEPENDENCIES}nothing/").status_code == 404
    assert client.get(f"{BOTTLENECKS}nothing/change/").status_code == 404


@pytest.mark.parametrize("who", ["programme_manager", "assurer", "auditor"])
def test_who_may_not_keep_the_register_is_shown_no_way_to(who):
    dependency()
    client = browser(who)
    assert "_new/" not in client.get(DEPENDENCIES).content.decode()
    assert client.post(f"{DEPENDENCIES}decision-log/change/", typed(version=1)).status_code == 403


def test_a_bottleneck_is_added_changed_and_told():
    client = browser("administrator")
    client.post(f"{BOTTLENECKS}_new/", {"code": "legal", "title": "Legal", "people": 2, "cap": 3, **WEEK})
    client.post(
        f"{BOTTLENECKS}legal/change/", {"title": "Legal", "people": 2, "cap": 4, "version": 1, **WEEK}
    )
    page = client.get(f"{BOTTLENECKS}legal/")
    assert [change.differences for change in page.context["changes"]] == [(("cap", "3", "4"),), ()]


@pytest.mark.parametrize(
    ("cap", "people"), [("0", "1"), ("-1", "1"), ("many", "1"), ("2", "0"), ("100001", "1")]
)
def test_a_bottleneck_without_a_real_cap_is_refused(cap, people):
    given = {"code": "legal", "title": "Legal", "people": people, "cap": cap, **WEEK}
    assert browser("executive").post(f"{BOTTLENECKS}_new/", given).status_code == 422
    assert Bottleneck.objects.count() == 0


def test_two_caps_at_once_are_put_to_a_person():
    row = bottleneck()
    change_bottleneck(by=actor("administrator"), bottleneck=row, changes={"cap": 5})
    given = {"title": "Legal", "people": 1, "cap": 7, "version": 1, **WEEK}
    page = browser("executive").post(f"{BOTTLENECKS}legal/change/", given)
    assert (page.status_code, [choice["name"] for choice in page.context["conflicts"]]) == (409, ["cap"])


def test_a_queue_counts_what_others_may_not_see_without_naming_it():
    initiative()
    bottleneck()
    page = browser("other_manager").get(f"{BOTTLENECKS}legal/")
    assert (page.context["queue"], "AI-0001" in page.content.decode()) == ([], False)


def test_the_registers_take_the_same_queries_however_long(django_assert_num_queries):
    client = browser("executive")
    for address, make, queries in ((DEPENDENCIES, dependency, 5), (BOTTLENECKS, bottleneck, 6)):
        make("a-first", title="One")
        client.get(address)
        with django_assert_num_queries(queries):
            client.get(address)
        make("b-second", title="Two")
        make("c-third", title="Three")
        with django_assert_num_queries(queries):
            client.get(address)


def test_who_waits_for_a_dependency_is_read_a_page_at_a_time(monkeypatch):
    monkeypatch.setattr("portfolio.web.paging.A_PAGE", 2)
    dependency()
    for number in (1, 2, 3):
        initiative(f"AI-000{number}")
    client = browser("executive")
    first = client.get("/portfolio/dependencies/decision-log/")
    second = client.get("/portfolio/dependencies/decision-log/", {"page": 2})
    assert [[need.initiative.key for need in page.context["needs"]] for page in (first, second)] == [
        ["AI-0001", "AI-0002"],
        ["AI-0003"],
    ]
    assert first.context["page"] == {"previous": "", "next": "?page=2", "total": 3}
    assert "3 initiatives wait" in second.content.decode()
