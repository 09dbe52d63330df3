import datetime as dt

import pytest

from alignment_portal import clock
from alignment_portal.outbox.models import Event
from alignment_portal.refusals import Conflict, Forbidden, Invalid
from portfolio.models import DependencyVersion
from portfolio.selectors.change_load import group_loads
from portfolio.selectors.register import dependencies_at
from portfolio.services.register import change_bottleneck, change_dependency
from tests.factories.metrics import document_of, initiative
from tests.factories.portfolio import bottleneck, dependency
from tests.people import CAST, actor, everybody

pytestmark = pytest.mark.django_db
MARCH = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
APRIL = dt.datetime(2026, 4, 1, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def people(db):
    return everybody()


def test_a_changed_dependency_is_told_as_it_was_then():
    with clock.at_moment(MARCH):
        log = dependency()
    with clock.at_moment(APRIL):
        change_dependency(
            by=actor("executive"),
            dependency=log,
            changes={"owner": CAST["executive"].email, "funding": "funded"},
        )
    then, now = dependencies_at(MARCH)["decision-log"], dependencies_at()["decision-log"]
    assert [(row.owner, row.funding) for row in (then, now)] == [
        (None, "unfunded"),
        (CAST["executive"].email, "funded"),
    ]


def test_a_change_is_announced_for_every_initiative_that_needs_it():
    initiative()
    log = dependency()
    change_dependency(by=actor("executive"), dependency=log, changes={"state": "in_progress"})
    told = [event.payload for event in Event.objects.filter(name="portfolio.dependency_changed")]
    assert told == [{"keys": ["AI-0001"]}, {"keys": ["AI-0001"]}]


def test_a_change_counts_on_the_initiatives_that_need_it():
    needing, other = initiative(), initiative("AI-0002", document_of("AI-0002") | {"dependencies": []})
    before = [needing.inputs_rev, other.inputs_rev]
    dependency()
    for row in (needing, other):
        row.refresh_from_db()
    assert [needing.inputs_rev, other.inputs_rev] == [before[0] + 1, before[1]]


def test_saying_nothing_new_leaves_no_version():
    log = dependency()
    assert (
        change_dependency(by=actor("executive"), dependency=log, changes={"funding": "unfunded"}).version == 1
    )
    assert DependencyVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"funding": "maybe"}, "/funding"),
        ({"owner": "nobody@example.org"}, "/owner"),
        ({"title": " "}, "/title"),
        ({"colour": "red"}, "/colour"),
        ({"state": "delivered"}, "/owner"),
    ],
)
def test_a_bad_change_names_its_field(changes, pointer):
    log = dependency()
    with pytest.raises(Invalid) as refusal:
        change_dependency(by=actor("executive"), dependency=log, changes=changes)
    assert [fault.pointer for fault in refusal.value.faults] == [pointer]


@pytest.mark.parametrize("cap", [0, -1, 100_001, True, 2.5, "3"])
def test_a_cap_is_a_whole_number_above_none(cap):
    legal = bottleneck()
    with pytest.raises(Invalid):
        change_bottleneck(by=actor("executive"), bottleneck=legal, changes={"cap": cap})


def test_a_code_is_taken_once():
    bottleneck()
    with pytest.raises(Conflict, match="taken"):
        bottleneck()


@pytest.mark.parametrize("who", ["programme_manager", "assurer", "auditor", "contributor"])
def test_only_executives_and_administrators_change_the_register(who):
    log = dependency()
    with pytest.raises(Forbidden):
        change_dependency(by=actor(who), dependency=log, changes={"funding": "funded"})


def test_the_tables_and_the_dossiers_tell_the_same_loads():
    initiative()
    by_tables = group_loads()
    by_dossiers = group_loads(statuses={"AI-0001": "in_review"})
    assert by_tables == by_dossiers
    assert [(load.group, load.month, load.hours) for load in by_tables] == [
        ("agents", dt.date(2026, 2, 1), 2.0)
    ]


def test_what_is_retired_asks_nothing_of_anybody():
    initiative()
    assert group_loads(statuses={"AI-0001": "retired"}) == ()


def test_only_the_groups_asked_for_are_loaded():
    initiative()
    assert group_loads(groups=["lenders"]) == ()
