import pytest
from django.conf import settings
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

from alignment_portal.http.drawing.text import _ADVANCE, shorten, width_of, wrap

FONTS = settings.BASE_DIR / "static" / "vendor" / "fonts"
texts = st.text(max_size=120)


@pytest.mark.parametrize("name", ["sans-400.woff2", "sans-600.woff2"])
def test_no_letter_is_wider_in_the_font_than_in_the_table(name):
    font = TTFont(FONTS / name)
    letters, advances, em = font.getBestCmap(), font["hmtx"], font["head"].unitsPerEm
    wider = [
        c
        for c, width in _ADVANCE.items()
        if ord(c) in letters and advances[letters[ord(c)]][0] * 1000 / em > width
    ]
    assert wider == []


def test_words_are_broken_between_words():
    lines = ("The agent edits", "and sends the", "draft")
    assert wrap("The agent edits and sends the draft", 103, 15) == lines


def test_a_word_wider_than_a_line_is_cut():
    lines = wrap("Donaudampfschifffahrtsgesellschaft", 80, 15)
    assert "".join(lines) == "Donaudampfschifffahrtsgesellschaft"
    assert len(lines) > 1


def test_a_text_with_too_many_lines_ends_in_an_ellipsis():
    lines = wrap("one two three four five six seven", 60, 15, 2)
    assert (len(lines), lines[-1][-1]) == (2, "…")


@given(texts, st.floats(30, 400), st.integers(1, 5))
def test_no_line_is_wider_than_its_room(words, room, most):
    lines = wrap(words, room, 15, most)
    assert [line for line in lines if width_of(line, 15) > room] == []
    assert len(lines) <= most


@given(texts, st.floats(30, 400))
def test_nothing_is_lost_when_lines_are_not_limited(words, room):
    assert "".join("".join(wrap(words, room, 15)).split()) == "".join(words.split())


@given(texts, st.floats(20, 400))
def test_a_shortened_text_fits(words, room):
    assert width_of(shorten(words, room, 13), 13) <= room
