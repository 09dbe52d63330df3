import re
from statistics import NormalDist

import pytest

from alignment_portal.refusals import Forbidden, Invalid, Unprocessable
from metrics.models import MetricResult
from metrics.selectors import results_for
from metrics.services.observations import record_observations
from metrics.services.results import record_result
from tests.factories.metrics import document_of, initiative, reading
from tests.people import actor

pytestmark = pytest.mark.django_db
# SOURCE: DOMAIN.md B.5, the retailer: 8,412 control and 8,388 treated tickets.
FASTER = {
    "kind": "means",
    "changed": {"mean": 10.1, "sd": 6.2, "n": 8388},
    "comparison": {"mean": 11.8, "sd": 6.2, "n": 8412},
}


def repeats(events):
    shares = {
        "kind": "shares",
        "changed": {"events": events, "total": 8388},
        "comparison": {"events": 1019, "total": 8412},
    }
    return [{"metric": "repeat-contact", "figures": shares}]


def sent(**changes):
    return {"figures": FASTER, "read_on": "2026-04-13", "guards": repeats(1000), **changes}


def planned(**plan):
    document = document_of()
    document["metrics"][0]["comparison"] = {"method": "ab_test", **plan}
    return document


def result_of(subject, **changes):
    return record_result(
        by=actor("programme_manager"), initiative=subject, metric="handling-time", figures=sent(**changes)
    )


def test_a_win_whose_guard_got_worse_is_a_win_with_harm():
    result_of(initiative(), guards=repeats(1141))
    [row] = results_for(["AI-0001"])["AI-0001"]
    assert row.code == "R1_WIN_WITH_HARM"
    assert (row.better.estimate, row.claimed, row.n) == (pytest.approx(1.7), 1.3, 16800)
    [guard] = row.guards
    assert (guard.verdict, guard.margin) == ("HARM", 0.01)
    assert [guard.worse.low, guard.worse.high] == pytest.approx([0.0047682, 0.0250175], abs=1e-6)
    assert row.sample_ratio_p == pytest.approx(0.853100, abs=1e-6)


def test_a_win_whose_guard_holds_is_a_win():
    assert result_of(initiative()).code == "R5_WIN"


def test_a_win_without_a_reading_of_its_guard_stays_open():
    assert result_of(initiative(), guards=[]).code == "R3_WIN_GUARD_OPEN"


def test_groups_that_cannot_come_from_the_planned_ratio_make_it_unreadable():
    assert result_of(initiative(), assigned={"changed": 9000, "comparison": 8000}).code == "R0_INVALID"


def test_the_same_figures_again_are_no_new_result():
    subject = initiative()
    assert result_of(subject).pk == result_of(subject).pk
    assert MetricResult.objects.count() == 1


def test_the_latest_result_counts():
    subject = initiative()
    result_of(subject, guards=repeats(1141))
    result_of(subject)
    assert [row.code for row in results_for(["AI-0001"])["AI-0001"]] == ["R5_WIN"]


def test_a_series_is_read_from_what_was_observed():
    document = planned(method="interrupted_time_series", launch_on="2026-03-30")
    subject = initiative(document=document)
    values = [62, 61.5, 62.4, 61.8, 62.2, 61.9, 62.1, 61.6, 62.3, 61.7, 62.0, 61.9]
    values += [55, 54.2, 53.6, 53.9, 53.1, 52.8, 53.3, 52.6]
    rows = [
        reading(week, metric="handling-time", value=value, numerator=None, denominator=None)
        for week, value in enumerate(values)
    ]
    record_observations(by=actor("programme_manager"), rows=rows)
    result = result_of(subject, figures={"kind": "series"}, guards=[], read_on="2026-06-01")
    assert result.estimate > 7
    assert result.details["trend_handled"] is True
    assert "Not randomised" in result.sentence


def test_matched_groups_that_differ_make_it_unreadable():
    subject = initiative(document=planned(method="matched_cohorts"))
    covariates = [
        {
            "name": "tenure",
            "treated": {"mean": 5, "sd": 1, "n": 900},
            "comparison": {"mean": 6, "sd": 1, "n": 900},
        }
    ]
    result = result_of(subject, covariates=covariates, matched={"events": 900, "total": 1000})
    assert result.code == "R0_INVALID"
    assert results_for(["AI-0001"])["AI-0001"][0].balance[0].standardised_difference == pytest.approx(-1)


def test_an_estimate_of_a_stepped_wedge_may_be_given():
    subject = initiative(document=planned(method="stepped_wedge"))
    given = {"kind": "estimate", "value": -2.0, "low": -3.0, "high": -1.0, "n": 400}
    assert result_of(subject, figures=given).code == "R5_WIN"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"figures": {"kind": "estimate", "value": 1, "low": 0, "high": 2, "n": 9}}, "/figures/kind"),
        ({"read_on": "2099-01-01"}, "/read_on"),
        ({"guards": [{"metric": "handling-time", "figures": FASTER}]}, "/guards/0/metric"),
        ({"guards": repeats(1) * 2}, "/guards/1/metric"),
        ({"figures": {**FASTER, "changed": {"mean": 1, "sd": -1, "n": 9}}}, "/figures/changed/sd"),
        ({"surprise": 1}, ""),
    ],
)
def test_figures_that_do_not_fit_the_plan_name_their_field(changes, pointer):
    subject = initiative()
    with pytest.raises(Invalid) as refusal:
        result_of(subject, **changes)
    assert [fault.pointer for fault in refusal.value.faults] == [pointer]


SHARES = {"changed": {"events": 56, "total": 70}, "comparison": {"events": 48, "total": 80}}
RATES = {"changed": {"events": 56, "exposure": 70}, "comparison": {"events": 48, "exposure": 80}}
PAIRS = {"both": 5, "treated_only": 3, "comparison_only": 9, "neither": 40}


@pytest.mark.parametrize("figures", [{"kind": "shares", **SHARES}, {"kind": "rates", **RATES}])
def test_a_mean_takes_neither_shares_nor_rates(figures):
    with pytest.raises(Invalid) as refusal:
        result_of(initiative(), figures=figures)
    [fault] = refusal.value.faults
    assert (fault.pointer, fault.code) == ("/figures/kind", "wrong_measure")
    assert fault.sentence == (
        "Handling time is a mean, in minutes per ticket: send means, paired_means or clusters, "
        f"not {figures['kind']}."
    )
    assert not MetricResult.objects.exists()


def test_a_share_that_guards_takes_no_means():
    with pytest.raises(Invalid) as refusal:
        result_of(initiative(), guards=[{"metric": "repeat-contact", "figures": FASTER}])
    [fault] = refusal.value.faults
    assert fault.pointer == "/guards/0/figures/kind"
    assert fault.sentence == (
        "Repeat contact within 7 days is a share: send shares, pairs, paired_means or clusters, not means."
    )


@pytest.mark.parametrize(
    ("measure", "method", "figures", "fits"),
    [
        ("proportion", "ab_test", {"kind": "shares", **SHARES}, True),
        ("proportion", "ab_test", FASTER, False),
        ("proportion", "matched_cohorts", {"kind": "pairs", **PAIRS}, True),
        ("mean", "matched_cohorts", {"kind": "pairs", **PAIRS}, False),
        ("count", "ab_test", {"kind": "rates", **RATES}, True),
        ("count", "ab_test", FASTER, True),
        ("count", "ab_test", {"kind": "shares", **SHARES}, False),
        ("proportion", "before_after", {"kind": "paired_means", "mean": -7.0, "sd": 2.0, "n": 9}, False),
        ("proportion", "before_after", {"kind": "series", "values": [0.5, 1.2] * 8, "launch": 8}, False),
    ],
)
def test_the_plan_says_of_which_measure_the_figures_are(measure, method, figures, fits):
    document = planned(method=method, measure=measure)
    document["metrics"][0]["target"]["effect"] = -0.1
    covariates = [
        {
            "name": "tenure",
            "treated": {"mean": 5, "sd": 1, "n": 900},
            "comparison": {"mean": 5, "sd": 1, "n": 900},
        }
    ]
    sending = {"figures": figures, "covariates": covariates, "matched": {"events": 57, "total": 60}}
    if fits:
        assert result_of(initiative(document=document), **sending).pk
    else:
        with pytest.raises(Invalid) as refusal:
            result_of(initiative(document=document), **sending)
        assert refusal.value.faults[0].code in {"wrong_measure", "out_of_range"}


def test_an_effect_estimated_elsewhere_fits_any_guard():
    given = {"kind": "estimate", "value": -0.002, "low": -0.01, "high": 0.006, "n": 16800}
    assert result_of(initiative(), guards=[{"metric": "repeat-contact", "figures": given}]).code == "R5_WIN"


@pytest.mark.parametrize(
    ("unit", "ratio", "kinds"),
    [
        ("complaints", {}, {"means", "rates"}),
        ("complaints", {"numerator": "complaints", "denominator": "tickets"}, {"means", "rates", "shares"}),
        ("share of tickets", {}, {"shares"}),
    ],
)
def test_a_guard_without_a_plan_is_what_its_unit_says(unit, ratio, kinds):
    document = document_of()
    document["metrics"][1].update({"unit": unit, **ratio})
    subject, taken = initiative(document=document), set()
    for figures in (FASTER, {"kind": "rates", **RATES}, {"kind": "shares", **SHARES}):
        try:
            result_of(subject, guards=[{"metric": "repeat-contact", "figures": figures}])
        except Invalid:
            continue
        taken.add(figures["kind"])
    assert taken == kinds


@pytest.mark.parametrize(("power", "told"), [({}, "80%"), ({"power": 0.9}, "90%"), ({"power": 1}, "80%")])
def test_the_cases_that_an_open_guard_needs_give_the_power_of_the_plan(power, told):
    """SOURCE: Julious 2004 (Stat Med 23:1921): with those cases the chance, worked out from the shares, is the power."""
    result = result_of(initiative(document=planned(**power)), guards=repeats(1060))
    assert result.code == "R3_WIN_GUARD_OPEN"
    found = re.search(
        r"Need about ([\d,]+) more cases\. They would give a chance of (\d+%) of ruling it out, "
        r"if the worsening stays as measured\.",
        result.sentence,
    )
    assert found[2] == told
    grown = 1 + int(found[1].replace(",", "")) / 16_800
    changed, comparison = 1060 / 8388, 1019 / 8412
    error = ((changed * (1 - changed) / 8388 + comparison * (1 - comparison) / 8412) / grown) ** 0.5
    chance = NormalDist().cdf((0.01 - (changed - comparison)) / error - NormalDist().inv_cdf(0.975))
    assert chance == pytest.approx(float(told.rstrip("%")) / 100, abs=0.005)


def refused_series(**changes):
    subject = initiative(document=planned(method="interrupted_time_series"))
    figures = {"kind": "series", "values": [60 + n % 3 for n in range(34)], "launch": 20, **changes}
    with pytest.raises(Unprocessable) as refusal:
        result_of(subject, figures=figures, guards=[])
    return refusal.value.pointer, refusal.value.sentence


def test_an_effect_beyond_the_periods_observed_is_refused():
    assert refused_series(horizon=200) == (
        "/figures/horizon",
        (
            "The effect is asked for at period 200 after launch, and 14 periods after launch were observed: "
            "choose a horizon of at most 14."
        ),
    )


@pytest.mark.parametrize(
    ("changes", "pointer", "sentence"),
    [
        ({"launch": 40}, "/figures/launch", "The launch is at position 40, and the series has 34 values."),
        (
            {"ramp": 15},
            "/figures/ramp",
            "The ramp leaves out 15 periods, and the series has 14 after launch.",
        ),
        (
            {"launch": 33},
            "/periods",
            "A series takes at least 3 periods on each side of launch; there are 33 before and 1 after it.",
        ),
        ({"launch": None}, "/figures/launch", "Say at which period the change began."),
    ],
)
def test_a_series_says_which_field_does_not_fit_its_values(changes, pointer, sentence):
    assert refused_series(**changes) == (pointer, sentence)


def test_the_last_period_observed_may_be_the_horizon():
    subject = initiative(document=planned(method="interrupted_time_series"))
    figures = {"kind": "series", "values": [60 + n % 3 for n in range(34)], "launch": 20, "horizon": 14}
    assert result_of(subject, figures=figures, guards=[]).code


@pytest.mark.parametrize(
    ("figures", "pointer", "sentence"),
    [
        (
            {"kind": "means", "changed": FASTER["changed"]},
            "/figures",
            "“comparison” is missing.",
        ),
        (
            {**FASTER, "changed": {"mean": 1, "sd": 1, "n": -6}},
            "/figures/changed/n",
            "“n” must be a whole number, at least 0.",
        ),
    ],
)
def test_a_wrong_shape_is_told_in_plain_words(figures, pointer, sentence):
    with pytest.raises(Invalid) as refusal:
        result_of(initiative(), figures=figures)
    [fault] = refusal.value.faults
    assert (fault.pointer, fault.sentence) == (pointer, sentence)


def test_a_guard_that_cannot_be_computed_is_named_with_its_place():
    shares = {
        "kind": "shares",
        "changed": {"events": 1, "total": 1},
        "comparison": {"events": 1, "total": 9},
    }
    with pytest.raises(Unprocessable) as refusal:
        result_of(initiative(), guards=[{"metric": "repeat-contact", "figures": shares}])
    assert (refusal.value.pointer, refusal.value.sentence) == (
        "/guards/0/figures/changed",
        "Repeat contact within 7 days: The changed group has 1 case; at least two are needed.",
    )


def test_figures_that_determine_nothing_are_refused_with_a_sentence():
    still = {
        "kind": "means",
        "changed": {"mean": 1, "sd": 0, "n": 9},
        "comparison": {"mean": 2, "sd": 0, "n": 9},
    }
    with pytest.raises(Unprocessable, match="varies"):
        result_of(initiative(), figures=still)


@pytest.mark.parametrize(
    ("part", "words"), [("target", "claims no effect"), ("comparison", "no comparison plan")]
)
def test_a_result_needs_a_claim_and_a_plan(part, words):
    document = document_of()
    document["metrics"][0].pop(part)
    with pytest.raises(Unprocessable, match=words):
        result_of(initiative(document=document))


def test_only_the_team_records_results():
    subject = initiative()
    with pytest.raises(Forbidden):
        record_result(by=actor("executive"), initiative=subject, metric="handling-time", figures=sent())
