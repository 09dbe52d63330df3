import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from initiatives.dossier.change_load import (
    MILLION,
    MOST_HOURS,
    GroupChange,
    TrainingEffort,
    millionths_by_month,
    month_of,
)
from portfolio.saturation import Known, Movable, Move, band_of, best_move, called, loads, one_name

ROOM = Known("Agents", 140, 12.0)


def change(**given_):
    values = {
        "initiative": "AI-0001",
        "group": "agents",
        "name": "Agents",
        "headcount": 140,
        "capacity_hours": 12.0,
        "adoption_hours": 0.0,
        "go_live_on": dt.date(2026, 9, 14),
    }
    return GroupChange(**(values | given_))


def hours_by_month(asked):
    return {month: millionths / MILLION for month, millionths in millionths_by_month(asked).items()}


def moved(asked, months):
    """The same change so many months later, its training with it."""

    def later(day):
        return None if day is None else month_of(day, months)

    training = tuple(TrainingEffort(effort.hours, later(effort.on)) for effort in asked.training)
    return replace(asked, go_live_on=later(asked.go_live_on), training=training)


def move_for(asked, *, first, room=ROOM, movable=None):
    """The one move of a group, from what each asks of it."""
    months, able = {}, []
    for one in asked:
        spread = millionths_by_month(one)
        for month, millionths in spread.items():
            months[month] = months.get(month, 0) + millionths
        ahead = one.go_live_on is not None and month_of(one.go_live_on) >= first
        if ahead and (movable is None or one.initiative in movable):
            able.append(Movable(one.initiative, spread))
    return best_move("agents", months, room, able, first=first)


def tried_one_by_one(asked, *, first, room):
    """The same, found by trying every move and adding everything up anew each time."""

    def peak(changes):
        found = loads(changes, {"agents": room})
        return max((load.share for load in found if load.month >= first), default=0.0)

    before = peak(asked)
    tries = [
        Move(
            "agents",
            one.initiative,
            months,
            before,
            peak([*asked[:at], moved(one, months), *asked[at + 1 :]]),
        )
        for at, one in enumerate(asked)
        if one.go_live_on is not None and month_of(one.go_live_on) >= first
        for months in (1, 2, 3)
    ]
    best = min(tries, key=lambda move: (move.after, move.months_later, move.initiative), default=None)
    return best if before > 1 and best is not None and best.after < before else None


def test_adoption_falls_half_into_the_month_of_going_live_and_then_fades():
    spread = hours_by_month(change(adoption_hours=10.0, go_live_on=dt.date(2026, 11, 30)))
    assert spread == {dt.date(2026, 11, 1): 5.0, dt.date(2026, 12, 1): 3.0, dt.date(2027, 1, 1): 2.0}


def test_training_falls_into_its_own_month_and_without_one_into_going_live():
    efforts = (TrainingEffort(4.0, dt.date(2026, 8, 3)), TrainingEffort(1.5, None))
    assert hours_by_month(change(training=efforts)) == {dt.date(2026, 8, 1): 4.0, dt.date(2026, 9, 1): 1.5}


def test_the_worked_example_is_132_and_a_half_per_cent_and_546_hours_too_many():
    # SOURCE: DOMAIN.md E.2 [SAT-1]: 15.9 hours against 12 for 140 agents.
    asked = [
        change(adoption_hours=20.0, go_live_on=dt.date(2026, 9, 1)),
        change(initiative="AI-0002", training=(TrainingEffort(5.9, dt.date(2026, 9, 20)),)),
    ]
    september = loads(asked)[0]
    assert september.share == pytest.approx(1.325)
    assert september.excess_hours == pytest.approx(546)
    assert september.band == "stop"
    assert september.parts == (("AI-0001", 10.0), ("AI-0002", 5.9))


def test_the_smallest_capacity_stated_for_a_group_counts():
    asked = [
        change(training=(TrainingEffort(6.0, None),)),
        change(initiative="AI-0002", capacity_hours=6.0, training=(TrainingEffort(3.0, None),)),
    ]
    assert [(load.share, load.capacity_hours) for load in loads(asked)] == [(1.5, 6.0)]


def test_a_code_that_goes_by_several_names_is_not_called_by_one_of_them():
    told = [
        ("a", "Clerks", 1),
        ("a", "Agents", 1),
        ("b", "clerks", 1),
        ("b", "Clerks", 1),
        ("c", "Agents", 1),
        ("c", "Clerks", 1),
        ("c", "clerks", 2),
    ]
    assert called(told) == {"a": ("Agents", "Clerks"), "b": ("Clerks",), "c": ("clerks", "Agents")}
    assert one_name(["Agents"]) == "Agents"
    assert one_name(["Agents", "Clerks"]) == "Agents or Clerks"
    assert one_name(["Agents", "Clerks", "Buyers"]) == "Agents or 2 other names"
    asked = [
        change(training=(TrainingEffort(1.0, None),)),
        change(initiative="AI-0002", name="Clerks", training=(TrainingEffort(1.0, None),)),
    ]
    assert [load.name for load in loads(asked)] == ["Agents or Clerks"]
    assert [load.name for load in loads(asked, {"agents": ROOM})] == ["Agents"]


def test_effort_without_a_date_falls_nowhere():
    assert loads([change(adoption_hours=8.0, go_live_on=None)]) == ()


def test_a_group_without_capacity_is_over_it_at_the_first_hour():
    [load] = loads([change(capacity_hours=0.0, training=(TrainingEffort(1.0, None),))])
    assert load.band == "stop"


@pytest.mark.parametrize(
    ("share", "band"),
    [(0.79, "free"), (0.8, "high"), (1.0, "high"), (1.01, "over"), (1.2, "over"), (1.21, "stop")],
)
def test_bands_start_where_the_policy_says(share, band):
    assert band_of(share) == band


@given(st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)), st.integers(0, 30))
def test_a_later_month_is_that_many_months_later(day, later):
    month = month_of(day, later)
    assert (month.year - day.year) * 12 + month.month - day.month == later
    assert month.day == 1


@given(st.lists(st.floats(0, 40), min_size=1, max_size=6), st.randoms())
def test_no_hour_is_lost_and_the_order_of_initiatives_does_not_matter(adoption, chance):
    asked = [change(initiative=f"AI-{n:04d}", adoption_hours=hours) for n, hours in enumerate(adoption)]
    found = loads(asked)
    chance.shuffle(asked)
    assert loads(asked) == found
    # Each part is counted in whole millionths of an hour.
    assert sum(load.hours for load in found) == pytest.approx(sum(adoption), abs=3 * len(adoption) / MILLION)


def test_new_work_counts_for_three_months_until_it_is_how_things_are_done():
    spread = hours_by_month(change(added_hours=2.0))
    assert spread == {dt.date(2026, 9, 1): 2.0, dt.date(2026, 10, 1): 2.0, dt.date(2026, 11, 1): 2.0}


def test_a_registered_group_has_the_size_and_capacity_of_the_register_and_less_in_its_peak():
    known = {"agents": Known("All agents", 100, 10.0, frozenset({10}), 0.5)}
    september, october, _ = loads([change(adoption_hours=10.0)], known)
    assert [september.name, september.headcount, september.share, october.share] == [
        "All agents",
        100,
        0.5,
        0.6,
    ]


def test_the_move_that_lowers_the_peak_most_is_proposed():
    asked = [
        change(adoption_hours=20.0),
        change(initiative="AI-0002", adoption_hours=6.0),
        change(initiative="AI-0003", training=(TrainingEffort(5.0, dt.date(2026, 9, 20)),), go_live_on=None),
    ]
    move = move_for(asked, first=dt.date(2026, 9, 1))
    assert [move.initiative, move.months_later, move.before] == ["AI-0001", 3, pytest.approx(18 / 12)]
    assert move.after == max(load.share for load in loads([moved(asked[0], 3), *asked[1:]]))


def test_nothing_is_proposed_for_a_group_that_can_absorb_it_or_for_what_has_gone_live():
    assert move_for([change(adoption_hours=20.0)], first=dt.date(2026, 9, 1)) is None
    assert move_for([change(adoption_hours=60.0)], first=dt.date(2026, 10, 1)) is None
    only = move_for([change(adoption_hours=60.0)], first=dt.date(2026, 9, 1), movable=["AI-0002"])
    assert only is None


def test_a_slip_of_the_pen_counts_as_a_million_hours_and_the_calendar_has_an_end():
    last = dt.date(9999, 12, 3)
    assert millionths_by_month(change(adoption_hours=1e15, go_live_on=last)) == {
        dt.date(9999, 12, 1): MOST_HOURS * MILLION
    }


EFFORTS = st.builds(
    TrainingEffort,
    st.sampled_from([0.5, 3.0, 7.0]),
    st.none() | st.dates(dt.date(2026, 6, 1), dt.date(2026, 12, 1)),
)
ASKED = st.lists(
    st.tuples(
        st.sampled_from([0.0, 2.0, 4.0, 10.0, 24.0]),
        st.none() | st.dates(dt.date(2026, 6, 1), dt.date(2027, 2, 1)),
        st.lists(EFFORTS, max_size=2),
        st.sampled_from([0.0, 1.5]),
    ),
    max_size=7,
)
ROOMS = st.builds(
    Known,
    st.just("Agents"),
    st.just(140),
    st.sampled_from([0.0, 4.0, 12.0]),
    st.sampled_from([frozenset(), frozenset({9, 10})]),
    st.sampled_from([0.5, 1.0]),
)


@settings(max_examples=300)
@given(ASKED, ROOMS)
def test_the_move_is_the_one_found_by_trying_all_of_them(asked, room):
    changes = [
        change(
            initiative=f"AI-{number:04d}",
            adoption_hours=adoption,
            go_live_on=day,
            training=tuple(training),
            added_hours=added,
        )
        for number, (adoption, day, training, added) in enumerate(asked)
    ]
    first = dt.date(2026, 9, 1)
    assert move_for(changes, first=first, room=room) == tried_one_by_one(changes, first=first, room=room)
