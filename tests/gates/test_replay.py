"""The opening story, fed week by week: the right flags in the right weeks. SOURCE: DOMAIN.md C.3."""

import io
import json
import shutil

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from metrics.models import Observation
from tests.people import browser

pytestmark = pytest.mark.django_db
STORY = settings.BASE_DIR / "demo" / "credit-limit-observations.csv"
NEW = {
    "2026-03-06": {"CO-09", "CO-10"},
    "2026-03-13": {"CO-05 R1", "CO-05 CUSUM"},
    "2026-03-20": {"CO-05 R2", "CO-11", "CO-02"},
    "2026-03-27": {"CO-05 R3", "CO-05 R5", "CO-04 amber", "NN-02"},
    "2026-04-03": {"CO-06"},
}


def replay(*arguments):
    out = io.StringIO()
    call_command("replay", *map(str, arguments), stdout=out)
    return out.getvalue()


def weeks():
    return {week["ends"]: week for week in json.loads(replay(STORY, "--json"))}


def test_each_flag_is_raised_in_the_week_of_the_story_and_the_model_stays_green():
    told = weeks()
    live = [week for week in told.values() if week["week"] is not None]
    assert {week["ends"]: {flag["kind"] for flag in week["flags"] if flag["new"]} for week in live} == NEW
    assert [week["week"] for week in live] == [1, 2, 3, 4, 5]
    model = [one for week in told.values() for one in week["readings"] if one["metric"] == "accuracy"]
    assert [one["tone"] for one in model] == ["met"] * 17
    tones = {
        metric: [one["tone"] for week in told.values() for one in week["readings"] if one["metric"] == metric]
        for metric in ("override-rate", "reason-coverage", "log-completeness")
    }
    assert tones["override-rate"] == ["unjudged"] * 12 + ["met"] + ["broken"] * 4  # no chart before launch
    assert tones["reason-coverage"] == ["unjudged"] * 12 + ["broken"] * 5  # 90% against 95%, but nothing ran
    assert tones["log-completeness"] == ["met"] * 12 + ["broken"] * 5  # within the limit its dossier sets
    assert [week["flags"] for week in told.values() if week["week"] is None] == [[]] * 12
    rows = Observation.objects.count()
    assert (weeks(), Observation.objects.count()) == (told, rows)  # a second replay changes nothing


def test_the_story_is_told_in_words_and_on_a_page():
    said = replay(STORY)
    assert "16 February 2026 (alignment review): blocked:" in said
    for sentence in (
        "+ CO-09       Decision log completeness was 97% in the week to 6 March 2026.",
        "+ CO-05 R1    Share of recommendations overridden reached 22.3% in the week to 13 March 2026, against 14.2% ± 3 sigma (limit 19.3%).",
        "+ CO-02       Decision log completeness at Telephone underwriting has been silent since 27 February 2026: blind for 21 days.",
        "+ NN-02       Nobody is on call on 27 March 2026 for Branches and Telephone underwriting.",
    ):
        assert sentence in said
    page = browser("executive").get("/initiatives/BANK-0001/weeks/").content.decode()
    assert (
        "none of the model’s own figures crossed its limit to stop at; Population stability was to be watched from week 4."
        in page
    )
    assert page.index("What the portal says") < page.index("Model accuracy")
    assert "The portal says stop from week 1, which ended on 6 March 2026: CO-09, CO-10." in page
    assert page.index("Nobody is on call on 27 March 2026") < page.index("reached 22.3%")


def test_a_file_of_another_initiative_needs_a_dossier_beside_it(tmp_path):
    alone = shutil.copy(STORY, tmp_path / "alone.csv")
    with pytest.raises(CommandError, match=r"no dossier alone-dossier\.json beside the file"):
        replay(alone)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "This file is empty"),
        ("metric,period_start,period_end,value\na,2026-01-01,soon,1\n", "“soon” is no day"),
        ("metric,period_start,period_end\na,2026-01-01,2026-01-02\n", "name it in the column initiative"),
    ],
)
def test_a_file_that_cannot_be_replayed_is_refused_in_a_sentence(tmp_path, content, sentence):
    path = tmp_path / "wrong.csv"
    path.write_text(content)
    with pytest.raises(CommandError, match=sentence):
        replay(path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        replay(tmp_path / "absent.csv")
