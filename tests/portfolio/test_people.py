"""Groups, change from elsewhere, and the page that shows who absorbs what."""

import datetime as dt

import pytest

from alignment_portal import clock
from alignment_portal.outbox.models import Event
from alignment_portal.refusals import Conflict, Forbidden, Invalid
from initiatives.dossier.change import ChangeImpact, Group, Obligation, WorkloadShift
from initiatives.dossier.change_load import changes_in
from portfolio.models import OtherChange, PeopleGroup
from portfolio.selectors.causes import load_table
from portfolio.selectors.change_load import Asked, group_loads
from portfolio.services.people import record_group, record_other_change, withdraw_other_change
from tests.factories.metrics import initiative
from tests.people import actor, api, browser, everybody

pytestmark = pytest.mark.django_db
AGENTS = {"code": "agents", "name": "Agents", "headcount": 140, "capacity_hours": 12.0}


@pytest.fixture(autouse=True)
def people(db):
    return everybody()


def other(**changes):
    given = {"group": "agents", "title": "New telephone system", "hours_per_person": 6.0,
             "starts_on": dt.date(2026, 1, 15), "ends_on": dt.date(2026, 3, 1)}  # fmt: skip
    return record_other_change(by=actor("executive"), **{**given, **changes})


def test_the_register_goes_before_what_dossiers_say_and_is_told_as_it_was():
    initiative()
    before = clock.now()
    record_group(by=actor("executive"), **{**AGENTS, "capacity_hours": 4.0})
    assert [load.capacity_hours for load in group_loads()] == [4.0]
    assert group_loads(before)[0].capacity_hours != 4.0
    assert Event.objects.get(name="portfolio.change_load_changed").payload == {"keys": ["AI-0001"]}


def test_saying_the_same_of_a_group_leaves_no_record():
    by = actor("administrator")
    assert [record_group(by=by, **AGENTS).number, record_group(by=by, **AGENTS).number] == [1, 1]
    assert record_group(by=by, **{**AGENTS, "headcount": 150}).number == 2
    assert PeopleGroup.objects.count() == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"code": "All Agents"},
        {"name": ""},
        {"headcount": 0},
        {"capacity_hours": 0},
        {"peak_months": [13]},
        {"peak_share": 0},
    ],
)
def test_a_group_that_makes_no_sense_is_refused(changes):
    with pytest.raises(Invalid):
        record_group(by=actor("executive"), **{**AGENTS, **changes})
    with pytest.raises(Forbidden):
        record_group(by=actor("assurer"), **AGENTS)


def test_change_from_elsewhere_spreads_over_its_months_until_it_is_withdrawn():
    record_group(by=actor("executive"), **AGENTS)
    change = other()
    assert [(load.month.month, load.hours) for load in group_loads()] == [(1, 2.0), (2, 2.0), (3, 2.0)]
    during = clock.now()
    withdraw_other_change(by=actor("executive"), change=change)
    assert group_loads() == ()
    assert len(group_loads(during)) == 3
    with pytest.raises(Conflict):
        withdraw_other_change(by=actor("executive"), change=change)


@pytest.mark.parametrize(
    "changes",
    [{"group": "nobody"}, {"title": " "}, {"hours_per_person": 0}, {"ends_on": dt.date(2026, 1, 14)}],
)
def test_change_from_elsewhere_that_makes_no_sense_is_refused(changes):
    record_group(by=actor("executive"), **AGENTS)
    with pytest.raises(Invalid):
        other(**changes)


def test_new_work_and_obligations_of_the_lead_count_for_the_group():
    impact = ChangeImpact(
        groups=(Group(code="agents", name="Agents", headcount=10, lead="lead@example.org", go_live_on=dt.date(2026, 9, 1)),),
        workload_shifts=(
            WorkloadShift(code="a", group="agents", step="check", minutes_per_case=3.0, cases_per_week=200.0),
            WorkloadShift(code="b", group="agents", step="write", minutes_per_case=-1.0, cases_per_week=200.0, exposed_share=0.5),
        ),
        obligations=(
            Obligation(code="watch", kind="monitoring", owner="lead@example.org", hours_per_month=20.0),
            Obligation(code="audit", kind="audit", owner="other@example.org", hours_per_month=99.0),
        ),
    )  # fmt: skip
    [change] = changes_in("AI-0001", impact)
    assert change.added_hours == pytest.approx((500 / 60 * 52 / 12 + 20) / 10)


def test_the_page_shows_numbers_causes_and_what_a_move_would_do():
    record_group(by=actor("executive"), **{**AGENTS, "capacity_hours": 1.0})
    month = clock.now().date().replace(day=1)
    other(starts_on=month, ends_on=month, hours_per_person=2.0)
    page = browser("auditor").get("/portfolio/change-load/").content.decode()
    assert "200%" in page
    assert "New telephone system" in page
    row = load_table(actor("executive"), Asked())[0]
    assert [row["other_changes"], row["others_hours"]] == [
        [{"title": "New telephone system", "hours": 2.0}],
        0,
    ]


def test_change_from_elsewhere_says_that_a_group_has_to_be_registered_first():
    client = browser("executive")
    page = client.get("/portfolio/other-changes/_new/").content.decode()
    assert "Register the group first that this change reaches" in page
    assert 'href="/portfolio/groups/_new/"' in page
    assert "<select" not in page
    assert client.post("/portfolio/other-changes/_new/", {"group": "agents"}).status_code == 422
    assert "register first the group" in client.get("/portfolio/change-load/").content.decode()
    record_group(by=actor("executive"), **AGENTS)
    assert "<select" in client.get("/portfolio/other-changes/_new/").content.decode()


def test_the_form_of_a_group_takes_the_code_it_is_opened_for():
    page = browser("executive").get("/portfolio/groups/_new/?code=clerks").content.decode()
    assert 'value="clerks"' in page


def test_groups_and_other_changes_are_kept_on_their_pages():
    client = browser("executive")
    given = {**AGENTS, "peak_months": "11, 12", "peak_share": "0.5"}
    client.post("/portfolio/groups/_new/", given)
    assert PeopleGroup.objects.get().peak_months == [11, 12]
    client.post("/portfolio/groups/agents/", {**given, "headcount": 90})
    assert PeopleGroup.objects.order_by("-number").first().headcount == 90
    assert client.post("/portfolio/groups/_new/", {**given, "peak_months": "soon"}).status_code == 422
    form = {
        "group": "agents",
        "title": "Move",
        "hours_per_person": 4,
        "starts_on": "2099-01-01",
        "ends_on": "2099-01-31",
    }
    client.post("/portfolio/other-changes/_new/", form)
    client.post(f"/portfolio/other-changes/{OtherChange.objects.get().pk}/withdraw/")
    assert OtherChange.objects.get().withdrawn_at is not None


def test_programs_keep_groups_and_other_changes():
    caller = api("executive")
    assert caller.post("/api/v1/portfolio/groups/", AGENTS, format="json").status_code == 201
    assert caller.get("/api/v1/portfolio/groups/").json()["results"][0]["headcount"] == 140
    given = {
        "group": "agents",
        "title": "Move",
        "hours_per_person": 4,
        "starts_on": "2099-01-01",
        "ends_on": "2099-01-31",
    }
    made = caller.post("/api/v1/portfolio/other-changes/", given, format="json").json()
    assert len(caller.get("/api/v1/portfolio/other-changes/").json()["results"]) == 1
    caller.post(f"/api/v1/portfolio/other-changes/{made['id']}/withdrawal/", format="json")
    assert caller.get("/api/v1/portfolio/other-changes/").json()["results"] == []
    assert caller.get("/api/v1/portfolio/change-load/moves/").json()["results"] == []


@pytest.mark.parametrize(("starts_on", "ends_on"), [(dt.date.max, dt.date.min), (dt.date.min, dt.date.max)])
def test_other_change_as_long_as_the_calendar_is_refused(starts_on, ends_on):
    with pytest.raises(Invalid) as refused:
        record_other_change(
            by=actor("executive"),
            group="agents",
            title="All of it",
            hours_per_person=1,
            starts_on=starts_on,
            ends_on=ends_on,
        )
    assert "/ends_on" in [fault.pointer for fault in refused.value.faults]
