"""What a decoder refuses is said in plain words that name the field, with a pointer to it."""

import datetime as dt
from typing import Annotated, Literal

import msgspec
import pytest

from alignment_portal.shapes import shape_fault

pytestmark = pytest.mark.unit


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    n: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
    exposure: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    side: Literal["changed", "comparison"] = "changed"
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=4)] = "a"


class Sent(msgspec.Struct, forbid_unknown_fields=True):
    read_on: dt.date
    rows: Annotated[tuple[Inner, ...], msgspec.Meta(min_length=1, max_length=2)] = ()
    share: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None
    starts: dict[str, dt.date | None] = {}


def fault(prefix="", **sent):
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert({"read_on": "2026-04-13", **sent}, Sent)
    return shape_fault(caught.value, prefix)


@pytest.mark.parametrize(
    ("sent", "pointer", "sentence"),
    [
        ({"rows": [{"n": -1}]}, "/rows/0/n", "“n” must be a whole number, at least 0."),
        ({"rows": [{"n": 2_000_000}]}, "/rows/0/n", "“n” must be a whole number, at most 1,000,000."),
        ({"rows": [{"n": 1.5}]}, "/rows/0/n", "“n” must be a whole number, and is a number."),
        ({"rows": [{"n": "many"}]}, "/rows/0/n", "“n” must be a whole number, and is a text."),
        ({"rows": [{}]}, "/rows/0", "“n” is missing."),
        ({"rows": [{"n": 1, "m": 2}]}, "/rows/0", "There is no field “m” here."),
        (
            {"rows": [{"n": 1, "exposure": 0}]},
            "/rows/0/exposure",
            "“exposure” must be a number, more than 0.",
        ),
        ({"rows": [{"n": 1, "side": "left"}]}, "/rows/0/side", "“side” cannot be left."),
        ({"rows": [{"n": 1, "name": ""}]}, "/rows/0/name", "“name” must have at least 1 character."),
        ({"rows": [{"n": 1, "name": "a" * 5}]}, "/rows/0/name", "“name” must have at most 4 characters."),
        ({"rows": [{"n": 1}] * 3}, "/rows", "“rows” must have at most 2 rows."),
        ({"rows": 7}, "/rows", "“rows” must be a list in square brackets, and is a whole number."),
        ({"share": 1.5}, "/share", "“share” must be a number, at most 1."),
        ({"share": "x"}, "/share", "“share” must be a number or nothing (null), and is a text."),
        (
            {"read_on": "2026-31-01"},
            "/read_on",
            "“read_on” must be a day that exists, written as 2026-06-30.",
        ),
        ({"read_on": 5}, "/read_on", "“read_on” must be a day such as 2026-06-30, and is a whole number."),
        (
            {"starts": {"a": 5}},
            "/starts",
            "“starts” must be a day such as 2026-06-30 or nothing (null), and is a whole number.",
        ),
        ({"starts": {3: None}}, "/starts", "“starts” must be a text, and is a whole number."),
        ({"surprise": 1}, "", "There is no field “surprise” here."),
    ],
)
def test_each_refusal_names_its_field(sent, pointer, sentence):
    found = fault(**sent)
    assert (found.pointer, found.sentence, found.code) == (pointer, sentence, "shape")


def test_a_pointer_stands_below_what_was_decoded():
    assert fault("/observations/3", read_on=5).pointer == "/observations/3/read_on"


def test_what_is_no_object_at_all_is_said_of_the_whole():
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert([], Sent)
    found = shape_fault(caught.value)
    assert (found.pointer, found.sentence) == (
        "",
        "What was sent must be an object in braces, and is a list in square brackets.",
    )


def test_words_not_known_here_are_passed_on_without_their_marks():
    class Even(msgspec.Struct):
        n: Annotated[int, msgspec.Meta(multiple_of=2)]

    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert({"n": 3}, Even)
    assert shape_fault(caught.value).sentence == (
        "“n” is not as it must be: Expected int that's a multiple of 2."
    )
