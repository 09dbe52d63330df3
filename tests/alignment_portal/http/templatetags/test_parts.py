import re
from datetime import UTC, date, datetime
from enum import StrEnum

import pytest
from django import forms
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import timezone

from alignment_portal.http.templatetags import parts

NOW = datetime(2026, 3, 9, 13, 2, tzinfo=UTC)


class Level(StrEnum):
    BLOCKED = "blocked"


class Claim(forms.Form):
    effect = forms.DecimalField(
        label="How much should it fall?", max_value=100, help_text="Against the baseline."
    )
    effect.unit = "%"  # type: ignore[attr-defined]  # as the dossier forms add it
    effect.good = "A number with its source."  # type: ignore[attr-defined]  # as the dossier forms add it


def words_of(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_status_is_icon_word_and_colour():
    html = render_to_string("parts/status.html", {"state": Level.BLOCKED})
    assert words_of(html) == "Blocked"
    assert re.findall(r"tone-\w+|<svg class=\"icon", html) == ["tone-blocked", '<svg class="icon']


@pytest.mark.parametrize("state", parts.STATES)
def test_every_state_has_an_icon_that_is_shipped(state):
    assert parts.drawing_of(parts.STATES[state].icon).startswith("<path")


def test_no_two_verdicts_or_statuses_share_a_shape():
    recorded = (
        "blocked",
        "learning_only",
        "aligned",
        "scale_ready",
        "suspended",
        "draft",
        "in_review",
        "retired",
    )
    shapes = [parts.STATES[state].icon for state in recorded]
    assert len(set(shapes)) == len(recorded)


def test_an_unknown_state_is_shown_in_its_own_words():
    assert parts.mark("under_appeal").word == "Under appeal"


def test_an_unknown_icon_is_a_fault_of_the_template():
    with pytest.raises(TemplateSyntaxError, match="no icon 'unicorn'"):
        parts.icon("unicorn")


def test_a_labelled_icon_speaks_and_an_unlabelled_one_is_silent():
    assert (
        'aria-label="Met"' in parts.icon("check", "", "Met"),
        'aria-hidden="true"' in parts.icon("check"),
    ) == (True, True)


def test_the_verdict_says_its_word_once():
    html = render_to_string(
        "parts/verdict.html", {"level": "blocked", "sentence": "Blocked: nobody is on call."}
    )
    assert words_of(html) == "Blocked: nobody is on call."


def test_moments_are_written_out_in_the_readers_zone_with_the_zone():
    with timezone.override("Europe/Oslo"):
        assert parts.long_moment(NOW) == "9 March 2026, 14:02 CET"


def test_days_are_written_out():
    assert (parts.long_date(date(2026, 3, 9)), parts.long_date(None)) == ("9 March 2026", "")


@pytest.mark.parametrize(
    ("start", "words"),
    [(date(2026, 3, 9), "today"), (date(2026, 3, 8), "1 day"), (date(2026, 2, 25), "12 days")],
)
def test_age_is_counted_in_whole_days(start, words):
    assert parts.age(start, NOW) == words


@pytest.mark.parametrize(
    ("start", "words"), [(date(2026, 3, 9), "today"), (date(2026, 3, 8), "1 day ago"), (None, "")]
)
def test_what_was_is_so_many_days_ago(start, words):
    assert parts.since(start, NOW) == words


@pytest.mark.parametrize(("size", "words"), [(400, "1 kB"), (52_100, "52 kB"), (2_411_724, "2.4 MB")])
def test_sizes_are_rounded_for_reading(size, words):
    assert parts.megabytes(size) == words


@pytest.mark.parametrize(
    ("query", "href", "direction"),
    [
        ("q=bank&cursor=x", "?q=bank&amp;order=title", ""),
        ("order=title", "?order=-title", "ascending"),
        ("order=-title", "?order=title", "descending"),
    ],
)
def test_a_column_head_turns_the_order_and_keeps_the_filters(query, href, direction):
    request = RequestFactory().get(f"/?{query}")
    html = Template('{% load parts %}{% sort_head "title" "Title" %}').render(Context({"request": request}))
    found = re.search(r'href="([^"]+)"', html).group(1), "".join(re.findall(r'aria-sort="(\w+)"', html))
    assert found == (href, direction)


def test_a_field_keeps_the_answer_and_ties_the_error_to_it():
    form = Claim({"effect": "140"})
    html = render_to_string("parts/field.html", {"field": form["effect"]})
    assert 'value="140"' in html
    assert re.search(r'aria-describedby="([^"]+)"', html).group(1).split() == [
        "id_effect_helptext",
        "id_effect_error",
    ]
    assert [f'id="{name}"' in html for name in ("id_effect_helptext", "id_effect_error")] == [True, True]
    assert words_of(html).startswith(
        "How much should it fall? Against the baseline. What good looks like A number with its source."
    )
    assert words_of(html).endswith("%")


def test_the_error_summary_links_to_the_field():
    html = render_to_string("parts/error_summary.html", {"form": Claim({"effect": ""})})
    assert re.findall(r'href="([^"]+)"', html) == ["#id_effect"]


def test_a_form_without_faults_has_no_error_summary():
    assert words_of(render_to_string("parts/error_summary.html", {"form": Claim({"effect": "4"})})) == ""


def test_words_of_people_are_escaped():
    move = {"person": "<b>Ann</b>", "deed": "<script>", "href": "/x"}
    html = render_to_string("parts/next_moves.html", {"moves": [move], "now": NOW})
    assert ("<b>Ann" in html, "<script" in html) == (False, False)


def test_a_finding_says_outcome_reason_remedy_and_next_mover():
    finding = {
        "code": "OW-01",
        "outcome": "fail",
        "reason": "Nobody is on call.",
        "remedy": "Name a deputy.",
        "mover": "Ann",
        "why": "Systems degrade.",
        "href": "/gates/",
    }
    html = render_to_string("parts/finding.html", {"finding": finding})
    assert (
        words_of(html)
        == "Nobody is on call. OW-01 Name a deputy. Not met Next move: Ann Why we ask Systems degrade."
    )


def test_a_running_build_polls_and_a_finished_one_rests():
    running = render_to_string(
        "parts/build_progress.html",
        {"build": {"state": "running", "percent": 40, "step": "Drawing"}, "poll": "/p/"},
    )
    ready = render_to_string("parts/build_progress.html", {"build": {"state": "ready"}, "href": "/pack.pdf"})
    assert (running.count("hx-get"), ready.count("hx-get")) == (1, 0)


def test_the_page_works_without_a_signed_in_reader():
    html = render_to_string("base.html", {}, RequestFactory().get("/"))
    assert re.findall(r"<(header|nav|main|footer)\b", html) == ["header", "main", "footer"]


@pytest.mark.parametrize(
    "name", ["400.html", "403.html", "404.html", "500.html", "errors/429.html", "403_csrf.html"]
)
def test_a_page_for_a_fault_needs_no_context_and_has_one_way_on(name):
    html = render_to_string(name)
    main = html.partition("<main")[2].partition("</main>")[0]
    assert re.findall(r'class="button" href="([^"]+)"', main) == ["/"]
    assert len(re.findall(r"<h1>[^<]+</h1>", main)) == 1


@pytest.mark.parametrize(
    ("figure", "told"), [("-451,810", "−451,810"), ("2,253", "2,253"), ("", ""), ("1e-05", "1e-05")]
)
def test_a_figure_below_zero_has_a_true_minus(figure, told):
    assert parts.true_minus(figure) == told
