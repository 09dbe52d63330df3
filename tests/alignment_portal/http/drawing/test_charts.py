import re
from xml.etree import ElementTree as ET

import pytest

from alignment_portal.http.drawing.charts import Interval, Limits, interval_svg, power_curve_svg, series_svg
from alignment_portal.http.drawing.grids import Bar, bars_svg, heat_grid_svg
from alignment_portal.http.drawing.palette import HEAT

SVG = "{http://www.w3.org/2000/svg}"
WEEKS = [("3 Aug", 8.0), ("10 Aug", 9.0), ("17 Aug", 12.0)]


def words(svg):
    return [text.text for text in ET.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314 — our own drawing


def shapes(svg, name, *keys):
    return [tuple(shape.get(key) for key in keys) for shape in ET.fromstring(svg).iter(f"{SVG}{name}")]  # noqa: S314 — our own drawing


def chart(name, palette="print"):
    return {
        "series": lambda: series_svg(
            WEEKS, title="T", limits=Limits(9, 7, 11), signals={2: "Above"}, palette=palette
        ),
        "interval": lambda: interval_svg([Interval("Time", -1, -2, 0.5, 1)], title="T", palette=palette),
        "power": lambda: power_curve_svg(
            [(0, 0.05), (5, 0.9)], title="T", claimed=4, detectable=3, palette=palette
        ),
        "heat": lambda: heat_grid_svg(
            [("Agents", [35, None, 124])], ["Jan", "Feb", "Mar"], title="T", palette=palette
        ),
        "bars": lambda: bars_svg([Bar("Legal", 7, 5)], title="T", palette=palette),
    }[name]()


@pytest.mark.parametrize("name", ["series", "interval", "power", "heat", "bars"])
def test_every_chart_has_its_title_first_and_literal_colours_on_paper(name):
    svg = chart(name)
    assert ET.fromstring(svg)[0].text == "T"  # noqa: S314 — our own drawing
    assert re.findall(r"var\(|currentColor|nan|inf", svg) == []


def test_limits_are_named_at_their_lines():
    assert [told for told in words(chart("series")) if "limit" in told or "centre" in told] == [
        "upper limit 11",
        "centre 9",
        "lower limit 7",
    ]


def test_only_the_signal_has_the_sign():
    assert (len(shapes(chart("series"), "polygon")), len(shapes(chart("series"), "circle"))) == (1, 2)


def test_higher_values_stand_higher():
    heights = [float(y) for (y,) in shapes(series_svg(WEEKS, title="T"), "circle", "cy")]
    assert heights == sorted(heights, reverse=True)


def test_one_value_and_equal_values_can_be_drawn():
    assert [
        len(shapes(series_svg(rows, title="T"), "circle"))
        for rows in ([("a", 5.0)], [("a", 5.0), ("b", 5.0)], [])
    ] == [1, 2, 0]


def test_an_interval_says_its_numbers():
    assert words(chart("interval"))[-1] == "−1 (−2 to 0.5)"


def test_the_power_curve_names_the_claim_and_the_smallest_effect_it_can_tell():
    told = words(chart("power"))
    assert [word for word in told if word.startswith(("claimed", "smallest", "asked"))] == [
        "asked for: 0.8",
        "smallest detectable 3",
        "claimed 4",
    ]


def test_a_heat_cell_prints_its_number_on_the_colour_of_its_step():
    assert words(chart("heat")) == ["Jan", "Feb", "Mar", "Agents", "35", "124"]
    assert [fill for (fill,) in shapes(chart("heat"), "rect", "fill")] == [HEAT[0][0], HEAT[4][0]]


@pytest.mark.parametrize(("value", "step"), [(39.9, 0), (40, 1), (80, 2), (100, 3), (120, 4)])
def test_a_step_begins_at_its_number(value, step):
    svg = heat_grid_svg([("a", [value])], ["b"], title="T")
    assert shapes(svg, "rect", "fill") == [(HEAT[step][0],)]


def test_a_bar_over_its_cap_says_so_in_words_and_colour():
    assert words(chart("bars"))[-1] == "7 of 5"
    assert shapes(chart("bars"), "rect", "fill") != shapes(
        bars_svg([Bar("Legal", 4, 5)], title="T", palette="print"), "rect", "fill"
    )
