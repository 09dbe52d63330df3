"""What a plan falls short by, how long it would take, and what would mend it."""

import pytest

from metrics.power.advice import Traffic, advise
from metrics.power.plan import Plan
from metrics.power.planning import plan_power

pytestmark = pytest.mark.unit
AB = Plan(method="ab_test", measure="proportion", baseline_value=0.121, margin=0.01, n_per_arm=8400)


def test_the_cases_needed_and_the_weeks_at_a_traffic_whose_origin_is_said():
    """SOURCE: DOMAIN.md B.5 [POW-9]: a margin of one point at 80% power takes about 16,600 cases an arm."""
    found = advise(AB, Traffic(per_week=2800, weeks=6, stated="the baseline counted"))
    assert found.power.required_n == pytest.approx(16700, abs=100)
    assert found.weeks_needed == pytest.approx(2 * found.power.required_n / 2800)
    pace = "about 12 weeks at the 2,800 cases a week that the baseline counted"
    assert f"{pace}, 6 are booked" in found.remedies[0]
    assert found.timing == f"The cases needed arrive in {pace}."


def test_the_weeks_booked_say_nothing_about_the_cases_that_come():
    found = advise(AB, Traffic(weeks=6))
    assert found.weeks_needed is None
    assert found.timing.startswith("No traffic is stated")
    assert "week" not in found.remedies[0]


def test_the_curve_passes_through_the_target_at_the_smallest_effect():
    plan = Plan(method="ab_test", measure="mean", spread=6.2, effect=-1.3, n_per_arm=400)
    found = advise(plan, Traffic())
    sizes, powers = zip(*found.curve, strict=True)
    assert list(powers) == sorted(powers)
    below = max(size for size, power in found.curve if power < 0.8)
    above = min(size for size, power in found.curve if power >= 0.8)
    assert below <= found.power.mde <= above
    assert sizes[-1] == pytest.approx(1.5 * max(1.3, found.power.mde))


def test_a_plan_that_is_enough_needs_no_remedy():
    assert (
        advise(
            Plan(method="ab_test", measure="mean", spread=6.2, effect=-1.3, n_per_arm=8400), Traffic()
        ).remedies
        == ()
    )


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (
            Plan(
                method="stepped_wedge",
                measure="mean",
                effect=1,
                clusters=6,
                steps=3,
                sd_cluster_period=3,
                tau=1,
            ),
            "more steps",
        ),
        (
            Plan(
                method="before_after",
                measure="mean",
                effect=1,
                spread=3,
                periods_before=12,
                periods_after=8,
                autocorrelation=0.3,
            ),
            "more periods before launch",
        ),
        (Plan(method="ab_test", measure="mean", effect=1, spread=9, n_per_arm=100, ratio=3), "the same size"),
        (
            Plan(
                method="ab_test", measure="mean", effect=1, spread=9, n_per_arm=900, cluster_size=30, icc=0.1
            ),
            "one by one",
        ),
    ],
)
def test_each_design_says_what_would_mend_it(plan, words):
    assert not plan_power(plan).is_enough
    assert bool(advise(plan, Traffic()).timing) is (plan.method == "ab_test")
    assert any(words in remedy for remedy in advise(plan, Traffic()).remedies)
