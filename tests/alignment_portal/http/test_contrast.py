"""WCAG 2.2, success criteria 1.4.3 and 1.4.11: every pair of tokens that meets on a page, in light and in dark."""

import re

import pytest
from django.conf import settings

from alignment_portal.http.drawing.palette import HEAT, PRINT

CSS = settings.BASE_DIR / "static" / "css"
GROUNDS = ("ground", "ground-soft", "ground-raised")
TEXTS = (
    "ink",
    "ink-soft",
    "accent",
    "accent-strong",
    "blocked",
    "learning",
    "aligned",
    "ready",
    "suspended",
    "draft",
)
TONES = ("blocked", "learning", "aligned", "ready", "suspended")
TEXT_PAIRS = [
    *((text, ground) for text in TEXTS for ground in GROUNDS),
    *((tone, f"{tone}-soft") for tone in TONES),
    *(("ink", f"{tone}-soft") for tone in TONES),
    ("ink", "accent-soft"), ("ink-soft", "accent-soft"), ("on-accent", "accent"), ("on-accent", "accent-strong"),
    ("ink", "mark"), ("chart-second", "ground"), ("chart-line", "ground"),
]  # fmt: skip
SHAPE_PAIRS = [(edge, ground) for edge in ("hairline-strong", "focus") for ground in GROUNDS]


def tokens(name):
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", (CSS / name).read_text("utf-8")))


LIGHT = tokens("tokens.css")
DARK = tokens("dark.css")


def luminance(colour):
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_agrees_with_published_values():
    # SOURCE: WCAG 2.2, definition of contrast ratio (21:1 at most); 4.54 is the known value of #767676 on white.
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)


def test_light_and_dark_name_the_same_colours():
    assert set(DARK) == set(LIGHT)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_text_stands_out(theme, text, ground):
    assert contrast(theme[text], theme[ground]) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), SHAPE_PAIRS)
def test_edges_of_controls_stand_out(theme, edge, ground):
    assert contrast(theme[edge], theme[ground]) >= 3


@pytest.mark.parametrize(("ground", "ink"), HEAT)
def test_the_number_in_a_heat_cell_stands_out(ground, ink):
    assert contrast(ink, ground) >= 4.5


def test_heat_darkens_from_step_to_step():
    lightness = [luminance(ground) for ground, _ in HEAT]
    assert lightness == sorted(lightness, reverse=True)


def test_paper_uses_the_light_colours():
    assert (PRINT.ink, PRINT.ink_soft, PRINT.accent, PRINT.broken) == (
        LIGHT["ink"],
        LIGHT["ink-soft"],
        LIGHT["accent"],
        LIGHT["blocked"],
    )
