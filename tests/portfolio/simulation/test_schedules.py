"""Runs without chance, against schedules that can be worked out by hand and figures computed elsewhere."""

from itertools import permutations

import pytest

from portfolio.simulation import (
    START_ALL,
    Assumptions,
    Function,
    Initiative,
    Policy,
    Portfolio,
    SharedDependency,
    Task,
    Unknown,
    capped,
    cd3_order,
    cost_of_finishing,
    run_once,
)
from tests.portfolio.simulation.eight import EIGHT

pytestmark = pytest.mark.unit
EXACT = Assumptions(cv=0)


def batch(count, days, people, **more):
    return Portfolio(
        {"f": Function(people, **more)},
        initiatives={f"I{number}": Initiative(1.0, (Task("f", days),)) for number in range(count)},
    )


def one_each(days, costs):
    return Portfolio(
        {"f": Function(1)},
        initiatives={
            f"I{number}": Initiative(cost, (Task("f", day),))
            for number, (day, cost) in enumerate(zip(days, costs, strict=True))
        },
    )


# SOURCE: sharing ends for all at n·w/c·(1 + s·(n/c - 1)); one by one the mean is w·(n + 1)/2 for c = 1.
@pytest.mark.parametrize(
    ("people", "loss", "shared", "in_turn"),
    [
        (1, 0.0, 60.0, [10.0, 20.0, 30.0, 40.0, 50.0, 60.0]),
        (1, 0.1, 90.0, [10.0, 20.0, 30.0, 40.0, 50.0, 60.0]),
        (2, 0.1, 36.0, [10.0, 10.0, 20.0, 20.0, 30.0, 30.0]),
    ],
)
def test_starting_all_shares_people_and_a_cap_serves_in_turn(people, loss, shared, in_turn):
    work, assumptions = batch(6, 10.0, people), Assumptions(cv=0, switching_loss=loss)
    assert list(run_once(work, START_ALL, assumptions).finish.values()) == pytest.approx([shared] * 6)
    assert sorted(run_once(work, capped(people), assumptions).finish.values()) == pytest.approx(in_turn)


@pytest.mark.parametrize(("count", "people", "loss"), [(7, 3, 0.2), (5, 4, 0.15), (12, 1, 0.05)])
def test_sharing_ends_when_the_formula_says(count, people, loss):
    run = run_once(batch(count, 8.0, people), START_ALL, Assumptions(cv=0, switching_loss=loss))
    ends = count * 8.0 / people * (1 + loss * (count / people - 1))
    assert list(run.finish.values()) == pytest.approx([ends] * count)


def test_sharing_between_unequal_work_ends_in_steps():
    # Two share one person at 1/2.2 each until the shorter ends at 2·2.2; the other then has 4 days left for itself.
    run = run_once(one_each([2.0, 6.0], [1, 1]), START_ALL, EXACT)
    assert run.finish == pytest.approx({"I0": 4.4, "I1": 8.4})


# SOURCE: computed elsewhere for the eight initiatives: 3.540697674 = 0.04651162791 · 76.125.
def test_the_eight_with_a_cap_of_four_are_as_computed_elsewhere():
    run = run_once(EIGHT, capped(4), EXACT)
    assert [run.mean_finish, run.makespan, run.time_in_system] == pytest.approx([108.125, 172.0, 76.125])
    assert [run.work_in_flight, run.throughput] == pytest.approx([3.540697674, 0.04651162791], abs=1e-9)
    assert cost_of_finishing(EIGHT, run.finish, EXACT) == pytest.approx(7012.2)


@pytest.mark.parametrize("policy", [START_ALL, capped(2), capped(4), capped(3, skip_blocked=True)])
def test_littles_law_holds_on_every_run(policy):
    run = run_once(EIGHT, policy, EXACT)
    assert run.work_in_flight == pytest.approx(run.throughput * run.time_in_system, abs=1e-9)


def test_what_waits_for_nobody_skips_what_is_blocked():
    plain, skipping = (run_once(EIGHT, capped(4, skip_blocked=skip), EXACT) for skip in (False, True))
    costs = [cost_of_finishing(EIGHT, run.finish, EXACT) for run in (plain, skipping)]
    assert costs == pytest.approx([7012.2, 6809.2])


def test_no_place_goes_to_what_could_only_wait():
    work = Portfolio(
        {"f": Function(1)},
        {"late": SharedDependency(100.0), "soon": SharedDependency(50.0)},
        {
            "A": Initiative(9.0, (Task("f", 10.0, ("late",)),)),
            "B": Initiative(1.0, (Task("f", 10.0, ("soon",)),)),
        },
    )
    assert run_once(work, capped(1), EXACT).finish == {"A": 110.0, "B": 120.0}
    assert run_once(work, capped(1, skip_blocked=True), EXACT).finish == {"A": 110.0, "B": 60.0}


# SOURCE: Smith's rule (1956): the order by cost over duration is best of all 120.
def test_the_order_by_cost_over_duration_is_the_best_of_all():
    work = one_each([4, 6, 3, 8, 5], [7, 8, 2, 9, 9])

    def cost(order):
        run = run_once(work, Policy(cap=1, limit="people", order=tuple(order)), EXACT)
        return cost_of_finishing(work, run.finish, EXACT)

    best = min(cost(order) for order in permutations(work.initiatives))
    assert cost(cd3_order(work.initiatives)) == pytest.approx(best)
    assert cost(work.initiatives) > best


def test_what_is_owned_and_funded_is_there_sooner():
    def finish(**how):
        work = Portfolio(
            {"f": Function(1)},
            {"log": SharedDependency(20.0, **how)},
            {"A": Initiative(1.0, (Task("f", 5.0), Task("f", 5.0, ("log",))))},
        )
        return run_once(work, START_ALL, EXACT)

    assert [finish(owned=owned, funded=funded).finish["A"] for owned, funded in
            ((True, True), (False, True), (True, False), (False, False))] == [25.0, 65.0, 85.0, 125.0]  # fmt: skip
    assert finish().waited_for_dependency == {"log": 15.0}


def test_evidence_that_is_no_longer_fresh_is_done_again():
    work = Portfolio(
        {"legal": Function(1, fresh_days=20), "data": Function(1)},
        initiatives={"A": Initiative(1.0, (Task("legal", 10.0), Task("data", 21.0)))},
    )
    run = run_once(work, START_ALL, EXACT)
    assert [run.finish["A"], run.redone] == [34.0, 1]


def test_evidence_that_is_just_fresh_is_not_done_again():
    work = Portfolio(
        {"legal": Function(1, fresh_days=21), "data": Function(1)},
        initiatives={"A": Initiative(1.0, (Task("legal", 10.0), Task("data", 21.0)))},
    )
    assert [run_once(work, START_ALL, EXACT).redone, run_once(work, START_ALL, EXACT).makespan] == [0, 31.0]


def test_tasks_side_by_side_are_done_together():
    tasks = (Task("a", 5.0, after=()), Task("b", 8.0, after=()), Task("a", 2.0, after=(0, 1)))
    work = Portfolio({"a": Function(1), "b": Function(1)}, initiatives={"A": Initiative(1.0, tasks)})
    assert run_once(work, START_ALL, EXACT).finish == {"A": 10.0}


def test_a_function_at_half_time_takes_twice_as_long_and_a_closed_one_waits():
    assert run_once(batch(1, 10.0, 1, speed=0.5), START_ALL, EXACT).makespan == 20.0
    assert run_once(batch(1, 10.0, 1, closed=((4.0, 9.0), (12.0, 14.0))), START_ALL, EXACT).makespan == 17.0
    assert run_once(batch(2, 10.0, 1, closed=((0.0, 5.0),)), capped(1), EXACT).makespan == 25.0


def test_begun_ones_keep_their_place_and_nobody_begins_before_their_day():
    work = one_each([10, 10, 10], [1, 5, 9])
    begun = Portfolio(
        work.functions, {}, {**work.initiatives, "I0": Initiative(1, (Task("f", 10.0),), begun=True)}
    )
    assert run_once(begun, capped(1), EXACT).finish == {"I0": 10.0, "I2": 20.0, "I1": 30.0}
    later = Portfolio(
        work.functions, {}, {**work.initiatives, "I2": Initiative(9, (Task("f", 10.0),), earliest=15)}
    )
    assert run_once(later, capped(1), EXACT).finish == {"I1": 10.0, "I0": 20.0, "I2": 30.0}


def test_the_register_s_cap_lets_so_many_in_and_no_more():
    work = batch(4, 10.0, 1, cap=2)
    run = run_once(work, Policy(limit="register"), Assumptions(cv=0, switching_loss=0))
    assert sorted(run.finish.values()) == pytest.approx([20.0, 20.0, 40.0, 40.0])


def test_an_empty_portfolio_and_one_without_work_are_done_at_once():
    assert run_once(Portfolio({}), START_ALL).finish == {}
    nothing = Portfolio({}, initiatives={"A": Initiative(1.0, ()), "B": Initiative(1.0, ())})
    assert run_once(nothing, capped(1)).finish == {"A": 0.0, "B": 0.0}


@pytest.mark.parametrize(
    "task",
    [Task("g", 1.0), Task("f", 1.0, ("log",)), Task("f", 1.0, after=(0,)), Task("f", 1.0, after=(-1,))],
)
def test_a_name_that_is_not_there_is_refused(task):
    with pytest.raises(Unknown):
        run_once(Portfolio({"f": Function(1)}, initiatives={"A": Initiative(1.0, (task,))}), START_ALL)


@pytest.mark.parametrize(
    ("work", "policy"),
    [
        (batch(1, -1.0, 1), START_ALL),
        (batch(1, float("nan"), 1), START_ALL),
        (batch(1, 1.0, 0), START_ALL),
        (batch(1, 1.0, 1, speed=0.0), START_ALL),
        (batch(1, 1.0, 1), Policy(cap=0)),
    ],
)
def test_figures_that_make_no_sense_are_refused(work, policy):
    with pytest.raises(ValueError, match=r"at least one|not negative"):
        run_once(work, policy)
