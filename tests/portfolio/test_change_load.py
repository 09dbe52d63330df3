"""What is kept of the change load beside the dossiers says the same as the dossiers, now and then."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alignment_portal import clock
from alignment_portal.accounts.models import User
from alignment_portal.audit.guard import writes_allowed
from gates.services.status import move_status
from initiatives.dossier.change_load import changes_in
from initiatives.models import ChangeLoad, Initiative, Status
from initiatives.selectors import asks_at
from initiatives.services.dossiers import save_dossier
from portfolio.models import OtherChange
from portfolio.saturation import OTHER, loads
from portfolio.selectors.causes import causes, contributors, load_rows, load_table, moves_that_help
from portfolio.selectors.change_load import Asked, group_loads, groups_at
from portfolio.services.people import record_group, record_other_change, withdraw_other_change
from tests.factories.initiatives import small_document
from tests.factories.metrics import initiative
from tests.gates import policy
from tests.initiatives.dossier.strategies import documents
from tests.people import CAST, actor, api, browser, everybody

pytestmark = pytest.mark.django_db
OWNER = CAST["programme_manager"].email
MAY, JUNE, JULY = dt.date(2027, 5, 1), dt.date(2027, 6, 1), dt.date(2027, 7, 1)


@pytest.fixture(autouse=True)
def people(db):
    policy.adopt()
    everybody()
    with writes_allowed():
        for email in ("ann@x.example", "bob@x.example", "cy@y.example"):
            User.objects.get_or_create(email=email, defaults={"name": email})


def asking(key, *groups, **impact):
    """A dossier that asks so much of each group: (code, hours of adoption, month of going live)."""
    section = small_document()["initiative"] | {"key": key, "owner": OWNER, "title": f"Title of {key}"}
    section.pop("sponsor", None)
    named = [
        {
            "code": code,
            "name": f"{code} of {key}",
            "headcount": 10,
            "adoption_hours": hours,
            "go_live_on": str(day),
        }
        for code, hours, day in groups
    ]
    return small_document() | {"initiative": section, "change_impact": {"groups": named, **impact}}


def save(document):
    return save_dossier(by=actor("programme_manager"), document=document).initiative


def from_the_dossiers(at=None, statuses=None, groups=None):
    """The same loads, from every document of then."""
    retired = {key for key, status in (statuses or {}).items() if status == Status.RETIRED}
    asked = [
        change
        for key, asks in asks_at(at)
        if key not in retired
        for change in changes_in(key, asks.change_impact)
    ]
    others = [change for change in Asked(at).beside if change.initiative.startswith(OTHER)]
    found = loads([*asked, *others], groups_at(at))
    return tuple(load for load in found if groups is None or load.group in groups)


KEYS = st.sampled_from(["AI-0001", "AI-0002", "AI-0010"])
CODES = st.sampled_from(["a", "b1", "c-2"])
DAYS = st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 1))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("save"), KEYS, documents()),
        st.tuples(st.just("retire"), KEYS),
        st.tuples(
            st.just("group"), CODES, st.sampled_from([4.0, 12.0]), st.lists(st.integers(1, 12), max_size=2)
        ),
        st.tuples(st.just("other"), CODES, DAYS, st.integers(0, 90)),
        st.tuples(st.just("withdraw")),
    ),
    min_size=2,
    max_size=7,
)


def step_on(kind, *given_):
    """One thing that happens, where it can."""
    standing = dict(Initiative.objects.values_list("key", "status"))
    executive = actor("executive")
    match kind, given_:
        case "save", (key, document) if standing.get(key) != Status.RETIRED:
            impact = document.get("change_impact", {}) | {"incentive_conflicts": []}
            save(asking(key) | {"change_impact": impact})
        case "retire", (key,) if standing.get(key, Status.RETIRED) != Status.RETIRED:
            found = Initiative.objects.get(key=key)
            move_status(by=executive, initiative=found, to="retired", reason="Replaced by another.")
        case "group", (code, capacity, peak):
            record_group(
                by=executive, code=code, name=f"All {code}", headcount=7, capacity_hours=capacity,
                peak_months=sorted(set(peak)), peak_share=0.5,
            )  # fmt: skip
        case "other", (code, day, days) if code in groups_at():
            record_other_change(
                by=executive, group=code, title="Move", hours_per_person=7.0, starts_on=day,
                ends_on=day + dt.timedelta(days=days),
            )  # fmt: skip
        case "withdraw", () if OtherChange.objects.filter(withdrawn_at=None).exists():
            row = OtherChange.objects.filter(withdrawn_at=None).latest("pk")
            withdraw_other_change(by=executive, change=row)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(STEPS)
def test_after_any_sequence_of_changes_the_loads_are_those_of_the_dossiers_now_and_at_every_step(steps):
    moments = []
    for step in steps:
        step_on(*step)
        moments.append((clock.now(), dict(Initiative.objects.values_list("key", "status"))))
    statuses = moments[-1][1]
    assert group_loads() == from_the_dossiers(None, statuses)
    assert group_loads(groups=["a", "b1"]) == from_the_dossiers(None, statuses, ["a", "b1"])
    for moment, then in moments:
        assert group_loads(moment, statuses=then) == from_the_dossiers(moment, then)
    what_if = dict.fromkeys(statuses, Status.RETIRED) | {"AI-0002": Status.DRAFT}
    assert group_loads(statuses=what_if) == from_the_dossiers(None, what_if)
    for load in Asked().loads():
        [same] = [one for one in group_loads() if (one.group, one.month) == (load.group, load.month)]
        assert (load.share, load.band, load.asking) == (same.share, same.band, len(same.parts))


def test_what_was_asked_before_a_change_is_told_as_it_was():
    save(asking("AI-0001", ("clerks", 10, JUNE)))
    before = clock.now()
    save(asking("AI-0001", ("clerks", 20, JULY)))
    save(asking("AI-0002", ("clerks", 2, JUNE)))
    then, now = group_loads(before), group_loads()
    assert [(load.month.month, load.hours, load.asking) for load in then] == [
        (6, 5.0, 1),
        (7, 3.0, 1),
        (8, 2.0, 1),
    ]
    assert [(load.month.month, load.hours, load.asking) for load in now] == [
        (6, 1.0, 1), (7, 10.6, 2), (8, 6.4, 2), (9, 4.0, 1),
    ]  # fmt: skip


def test_a_dossier_keeps_one_row_a_group_and_month_and_only_what_changed_is_written():
    first = save(asking("AI-0001", ("clerks", 10, JUNE), ("agents", 10, JUNE)))
    kept = set(ChangeLoad.objects.filter(group="agents").values_list("pk", flat=True))
    save(asking("AI-0001", ("clerks", 10, JULY), ("agents", 10, JUNE)))
    rows = ChangeLoad.objects.filter(initiative=first).order_by("group", "month")
    assert list(rows.values_list("group", "month__month", "millionths")) == [
        ("agents", 6, 5_000_000), ("agents", 7, 3_000_000), ("agents", 8, 2_000_000),
        ("clerks", 7, 5_000_000), ("clerks", 8, 3_000_000), ("clerks", 9, 2_000_000),
    ]  # fmt: skip
    assert set(rows.filter(group="agents").values_list("pk", flat=True)) == kept


# --- for people --------------------------------------------------------------------------------------------


def seven():
    for number in range(1, 8):
        save(asking(f"AI-000{number}", ("clerks", 10 + number, JUNE)))
    return Asked()


def test_the_five_that_ask_most_are_named_and_the_rest_are_counted_and_can_all_be_read():
    asked, place = seven(), ("clerks", JUNE)
    record_group(by=actor("executive"), code="clerks", name="Clerks", headcount=9, capacity_hours=4.0)
    record_other_change(
        by=actor("executive"),
        group="clerks",
        title="Move",
        hours_per_person=3.0,
        starts_on=JUNE,
        ends_on=JUNE,
    )
    asked = Asked()
    found = causes(actor("executive"), asked, [place, ("clerks", JULY)])[place]
    assert [row["key"] for row in found.initiatives] == [f"AI-000{number}" for number in (7, 6, 5, 4, 3)]
    assert (found.initiatives[0]["hours"], found.more, found.others_hours) == (8.5, 2, 0)
    assert found.other_changes == [{"title": "Move", "hours": 3.0}]
    keys = [key for key, _, _ in contributors(actor("executive"), asked, place)]
    assert keys == [f"AI-000{number}" for number in range(7, 0, -1)]
    with clock.at_moment(dt.datetime(2027, 5, 2, tzinfo=dt.UTC)):
        text = browser("executive").get("/portfolio/change-load/").content.decode()
    assert "and 2 more" in text
    assert "/portfolio/change-load/clerks/2027-06/" in text
    page = browser("executive").get("/portfolio/change-load/clerks/2027-06/").content.decode()
    assert all(f"Title of AI-000{number}" in page for number in range(1, 8))
    assert "Move: 3.0 h" in page


def test_who_may_not_see_an_initiative_is_told_its_hours_and_not_its_name():
    asked, place = seven(), ("clerks", JUNE)
    stranger = actor("other_manager")
    found = causes(stranger, asked, [place])[place]
    assert (found.initiatives, found.more, found.others_hours) == ([], 0, 49.0)
    row = next(row for row in load_table(stranger, asked) if row["month"] == JUNE)
    assert (row["initiatives"], row["others_hours"]) == ([], 49.0)
    assert list(contributors(stranger, asked, place)) == []
    assert moves_that_help(stranger, asked, JUNE) == ()
    page = browser("other_manager").get("/portfolio/change-load/clerks/2027-06/").content.decode()
    assert "Initiatives you may not see: 49.0 h" in page
    assert "Title of" not in page


@pytest.mark.parametrize("place", ["clerks/2027-05", "nobody/2027-06", "clerks/soon", "clerks/2027-6-1"])
def test_a_month_in_which_nothing_is_asked_has_no_page(place):
    save(asking("AI-0001", ("clerks", 10, JUNE)))
    assert browser("executive").get(f"/portfolio/change-load/{place}/").status_code == 404


def test_the_move_that_helps_is_found_among_those_that_go_live_later():
    save(asking("AI-0001", ("clerks", 20, JUNE)))
    save(asking("AI-0002", ("clerks", 6, JUNE)))
    [move] = moves_that_help(actor("executive"), Asked(), MAY)
    assert (move.group, move.initiative, move.months_later) == ("clerks", "AI-0002", 1)
    assert move.before == pytest.approx(13 / 12)
    assert moves_that_help(actor("executive"), Asked(), MAY, groups=["agents"]) == ()


def test_what_goes_live_today_or_went_live_earlier_is_not_proposed_to_move():
    save(asking("AI-0001", ("clerks", 20, JUNE)))
    save(asking("AI-0002", ("clerks", 6, JUNE)))
    assert len(moves_that_help(actor("executive"), Asked(), JUNE - dt.timedelta(days=1))) == 1
    for today in (JUNE, dt.date(2027, 6, 27), JULY):
        assert moves_that_help(actor("executive"), Asked(), today) == ()


def test_what_is_live_somewhere_is_not_proposed_to_move_whatever_day_it_states():
    deployed = {"code": "desk", "title": "One desk", "state": "planned"}
    save(asking("AI-0001", ("clerks", 20, JUNE)))
    save(asking("AI-0002", ("clerks", 6, JUNE)) | {"deployments": [deployed]})
    assert [move.initiative for move in moves_that_help(actor("executive"), Asked(), MAY)] == ["AI-0002"]
    save(asking("AI-0002", ("clerks", 6, JUNE)) | {"deployments": [deployed | {"state": "live"}]})
    assert [move.initiative for move in moves_that_help(actor("executive"), Asked(), MAY)] == ["AI-0001"]


def test_the_pages_take_the_same_queries_however_many_ask(django_assert_num_queries):
    initiative()
    save(asking("AI-0002", ("clerks", 60, JUNE)))
    client = browser("executive")
    with clock.at_moment(dt.datetime(2027, 5, 2, tzinfo=dt.UTC)):
        client.get("/portfolio/change-load/")
        for number in (3, 4, 5):
            with django_assert_num_queries(11):
                client.get("/portfolio/change-load/")
            save(asking(f"AI-000{number}", ("clerks", 60, JUNE), (f"group-{number}", 60, JUNE)))


def test_the_rows_of_the_heat_map_are_named_by_the_register_or_by_the_initiatives():
    save(asking("AI-0002", ("clerks", 10, JUNE), ("agents", 10, JUNE)))
    save(asking("AI-0001", ("clerks", 10, JUNE)))
    record_group(by=actor("executive"), code="agents", name="Agents", headcount=9, capacity_hours=4.0)
    named = {row["group"]: (row["name"], row["headcount"]) for row in load_rows(Asked())}
    assert named == {"agents": ("Agents", 9), "clerks": ("clerks of AI-0001 or clerks of AI-0002", 10)}


def test_a_code_that_stands_for_groups_of_different_names_is_told_until_the_group_is_registered():
    save(asking("AI-0003", ("clerks", 10, JUNE)))
    save(asking("AI-0001", ("clerks", 10, JUNE), ("agents", 10, JUNE)))
    save(asking("AI-0002", ("clerks", 10, JUNE)))
    names = ["clerks of AI-0001", "clerks of AI-0002", "clerks of AI-0003"]
    rows = {row["group"]: row for row in load_table(actor("executive"), Asked())}
    assert (rows["clerks"]["name"], rows["clerks"]["called"]) == ("clerks of AI-0001 or 2 other names", names)
    assert rows["agents"]["called"] == ["agents of AI-0001"]
    told = api("auditor").get("/api/v1/portfolio/change-load/").json()["results"]
    assert {row["group"]: row["called"] for row in told} == {"agents": ["agents of AI-0001"], "clerks": names}
    with clock.at_moment(dt.datetime(2027, 5, 2, tzinfo=dt.UTC)):
        for page in ("/portfolio/change-load/", "/portfolio/change-load/clerks/2027-06/"):
            text = browser("executive").get(page).content.decode()
            assert "One code stands for groups of different names" in text
            assert ", ".join(names) in text
            assert 'href="/portfolio/groups/_new/?code=clerks"' in text
    record_group(by=actor("executive"), code="clerks", name="Clerks", headcount=9, capacity_hours=4.0)
    assert [row["called"] for row in load_rows(Asked(groups=["clerks"]))] == [["Clerks"]] * 3
    assert "One code" not in browser("executive").get("/portfolio/change-load/").content.decode()


def test_names_that_differ_in_capitals_are_one_and_a_retired_initiative_names_nobody():
    for key, name in (("AI-0001", "Claims clerks"), ("AI-0002", "claims clerks"), ("AI-0003", "Analysts")):
        document = asking(key, ("clerks", 10, JUNE))
        document["change_impact"]["groups"][0]["name"] = name
        save(document)
    assert load_rows(Asked())[0]["called"] == ["Claims clerks", "Analysts"]
    third = Initiative.objects.get(key="AI-0003")
    move_status(by=actor("executive"), initiative=third, to="retired", reason="Replaced by another.")
    assert load_rows(Asked())[0]["called"] == ["Claims clerks"]
