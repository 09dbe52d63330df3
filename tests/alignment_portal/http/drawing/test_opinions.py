"""The drawing of opinions: everybody at their place, by initials or counted, and the words escaped."""

import pytest

from alignment_portal.http.drawing.opinions import OpinionRow, Person, opinions_svg

ENDS = ("against", "for")


def drawn(*people, **more):
    row = OpinionRow(label="Log <first>", people=[Person(name, place) for name, place in people], **more)
    return opinions_svg([row], title="Where opinions part", ends=ENDS, palette="print")


def test_few_stand_side_by_side_with_their_initials():
    svg = drawn(("Ann Lee", 4), ("Bo Ek", 4))
    assert (">AL<" in svg, ">BE<" in svg, "<title>Ann Lee, Bo Ek</title>" in svg) == (True, True, True)


def test_many_at_one_place_are_counted_and_named_in_the_title():
    svg = drawn(*((f"Person {letter}", 5) for letter in "ABCD"))
    assert (">×4<" in svg, ">PA<" in svg, "Person A, Person B" in svg) == (True, False, True)


def test_words_are_escaped_and_the_drawing_says_what_it_shows():
    svg = drawn(("<b>", 1))
    assert ("<b>" in svg, "&lt;first&gt;" in svg, 'aria-label="Where opinions part"' in svg) == (
        False,
        True,
        True,
    )


@pytest.mark.parametrize(("flagged", "shapes"), [(True, 1), (False, 0)])
def test_what_must_be_discussed_carries_a_shape(flagged, shapes):
    assert drawn(("Ann Lee", 1), flagged=flagged).count("<polygon") == shapes


def test_a_point_on_which_nobody_took_a_side_is_drawn_empty():
    assert "<rect" not in drawn()
