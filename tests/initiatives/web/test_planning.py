"""The form of a comparison plan works out what the plan can tell while it is written, and saves nothing by it."""

import pytest

from initiatives.models import DossierVersion
from tests.factories.metrics import document_of, initiative
from tests.people import browser

pytestmark = pytest.mark.django_db
FORM = "/initiatives/AI-0001/edit/metrics/handling-time/comparison/"


@pytest.fixture(autouse=True)
def subject(db):
    document = document_of()
    document["metrics"][0]["comparison"] = {"method": "ab_test", "sample_per_arm": 400}
    return initiative(document=document)


def computed(**typed):
    given = {
        "deed": "compute",
        "method": "ab_test",
        "measure": "mean",
        "alpha": "0.05",
        "power": "0.8",
        **typed,
    }
    return browser("programme_manager").post(FORM, given)


def test_the_plan_as_stored_is_worked_out_when_the_form_opens():
    [claim, *_] = browser("programme_manager").get(FORM).context["panel"].plans
    assert claim.sentence.startswith("With 400 cases per group the chance of showing the effect is ")


def test_what_is_typed_is_worked_out_and_nothing_is_saved():
    versions = DossierVersion.objects.count()
    answer = computed(sample_per_arm="60", cases_per_period="100", period_days="7")
    [claim, *_] = answer.context["panel"].plans
    assert answer.status_code == 200
    assert not claim.is_enough
    assert claim.sentence.startswith("With 60 cases per group")
    assert "at the 100 cases a week that the plan states" in claim.remedies[0]
    assert "smallest effect it can show" in claim.remedies[1]
    assert answer.context["form"]["sample_per_arm"].value() == "60"
    assert DossierVersion.objects.count() == versions


@pytest.mark.parametrize("typed", ["", "-3", "many", "1e400", "nan"])
def test_what_cannot_be_worked_out_gets_a_sentence_and_no_number(typed):
    answer = computed(sample_per_arm=typed)
    panel = answer.context["panel"]
    said = [panel.fault, *(plan.sentence for plan in panel.plans)]
    assert answer.status_code == 200
    assert any(said)
    assert [plan.drawing for plan in panel.plans if plan.drawing] == []


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"sample_per_arm": "0"}, "“How many cases per arm?”: 0 must be more than 0."),
        ({"sample_per_arm": "-5"}, "“How many cases per arm?”: -5 is negative; it must be 0 or more."),
        (
            {"sample_per_arm": "NaN"},
            "“How many cases per arm?”: This is not a whole number: write it in digits, such as 8400.",
        ),
        (
            {"sample_per_arm": "1e9"},
            "“How many cases per arm?”: This is not a whole number: write it in digits, such as 8400.",
        ),
        ({"ratio": "0"}, "“Treated per control”: 0.0 must be more than 0."),
        ({"ratio": "inf"}, "“Treated per control”: This is not a number: write it as 12.5."),
        ({"power": "1"}, "“Power wanted”: A power lies above the error rate and below 1."),
        ({"power": "0.05"}, "“Power wanted”: A power lies above the error rate and below 1."),
        ({"alpha": "0"}, "“Two-sided error rate”: An error rate lies between 0 and 1, at neither end."),
        (
            {"start_on": "2026-02-30"},
            "“From?”: This is not a date that exists: write it as 2026-06-30.",
        ),
    ],
)
def test_what_is_wrong_is_named_in_place_of_an_answer_that_leaves_it_out(typed, sentence):
    panel = computed(**{"sample_per_arm": "8400", **typed}).context["panel"]
    assert (panel.fault, panel.plans) == (sentence, [])


def test_two_wrong_fields_are_both_named():
    panel = computed(sample_per_arm="0", ratio="0").context["panel"]
    assert "“How many cases per arm?”" in panel.fault
    assert "“Treated per control”" in panel.fault


BOOKED = {"start_on": "2026-03-02", "end_on": "2026-03-15"}


@pytest.mark.parametrize("sample", ["100", "8400", "16000000"])
def test_weeks_come_from_the_baseline_and_not_from_what_is_booked(sample):
    """SOURCE: tests/factories/initiatives.py: a baseline of 18,400 cases in the 28 days of February."""
    document = document_of()
    days = {"sample_size": 18_400, "period_start": "2026-02-01", "period_end": "2026-02-28"}
    document["metrics"][0]["baseline"].update(days)
    initiative(document=document)
    [claim, *_] = computed(sample_per_arm=sample, **BOOKED).context["panel"].plans
    assert claim.timing == (
        "The cases needed arrive in about one week at the 4,600 cases a week that the baseline counted."
    )


@pytest.mark.parametrize("sample", ["100", "8400", "16000000"])
def test_without_a_traffic_no_weeks_are_given(sample):
    document = document_of()
    for name in ("sample_size", "period_start", "period_end"):
        document["metrics"][0]["baseline"].pop(name, None)
    initiative(document=document)
    [claim, *_] = computed(sample_per_arm=sample, **BOOKED).context["panel"].plans
    assert claim.timing.startswith("No traffic is stated, so no weeks are given")
    assert not any("week" in remedy for remedy in claim.remedies)


def test_groups_randomised_whole_need_more_and_say_so():
    alone = computed(sample_per_arm="380").context["panel"].plans[0]
    whole = (
        computed(sample_per_arm="380", cluster_size="40", intracluster_correlation="0.1")
        .context["panel"]
        .plans[0]
    )
    assert alone.sentence != whole.sentence
    assert any("randomise cases one by one" in remedy for remedy in whole.remedies)


def test_each_method_names_its_threats_and_whether_the_plan_answers_them():
    panel = computed(
        method="interrupted_time_series", co_interventions="None, by the change calendar."
    ).context["panel"]
    answers = {threat.name: bool(threat.answer) for threat in panel.threats}
    assert answers["Something else happened at the same time"]
    assert not answers["Season and holidays"]


EARLY = "/initiatives/AI-0001/edit/metrics/handling-time/leading/"


def foretold(vintages, **typed):
    given = {"deed": "compute", "metric": "repeat-contact", "vintages": vintages, **typed}
    return browser("programme_manager").post(EARLY, given)


def test_an_early_reading_is_worked_out_while_it_is_typed():
    answer = foretold("\n".join(f"{n}, {2 * n + n % 3}" for n in range(1, 15)), outcome_read_on="2027-05-31")
    panel = answer.context["panel"]
    [told] = panel.plans
    assert (answer.status_code, told.title) == (200, "Repeat contact within 7 days")
    assert told.is_enough
    assert told.sentence.startswith(
        "r = 1.00 (0.98 to 1.00) over 14 vintages: it may stand in for the outcome."
    )
    assert all(threat.answer for threat in panel.threats)


def test_too_few_vintages_get_a_sentence_and_no_number():
    panel = foretold("1, 2\n2, 3").context["panel"]
    [told] = panel.plans
    assert (told.is_enough, told.sentence) == (False, "At least 4 vintages with both numbers are needed.")


def test_what_is_no_pair_of_numbers_counts_as_none():
    [told] = foretold("1, many").context["panel"].plans
    assert told.sentence == "At least 4 vintages with both numbers are needed."


def test_the_early_reading_asks_for_its_metric_first():
    assert foretold("", metric="").context["panel"].fault.startswith("Choose the early reading")
