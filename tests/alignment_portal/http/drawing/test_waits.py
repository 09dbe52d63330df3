"""The dependency map as a drawing: names, signs, links, and who waits near to what it waits for."""

import itertools
import re
from xml.etree import ElementTree as ET

import pytest

from alignment_portal.http.drawing.waits import Stop, waits_svg

SVG = "{http://www.w3.org/2000/svg}"
AWAITED = [
    Stop("rights", "Data <rights>", "nobody owns it", "/rights/", broken=True),
    Stop("log", "Decision log"),
]
WAITING = [Stop("B", "Pricing"), Stop("A", "Claims", "AI-0001", "/a/")]
NEEDS = [("rights", "A"), ("log", "A"), ("log", "B"), ("gone", "B")]


def drawn(needs=NEEDS, awaited=AWAITED, palette="screen"):
    svg = waits_svg(
        awaited, WAITING, needs, heads=("Waited for", "Waiting"), alternative="Who waits", palette=palette
    )
    return svg, ET.fromstring(svg)  # noqa: S314 — our own drawing


def places(root):
    return {text.text: float(text.get("y")) for text in root.iter(f"{SVG}text")}


def test_every_box_is_named_and_linked_and_said_in_words():
    svg, root = drawn()
    assert {"Data <rights>", "Decision log", "Claims", "Pricing", "AI-0001"} <= set(places(root))
    assert [link.get("href") for link in root.iter(f"{SVG}a")] == ["/rights/", "/a/"]
    assert (root[0].text, root.get("role")) == ("Who waits", "group")
    assert "<rights>" not in svg


def test_only_what_lacks_something_has_the_sign_and_broken_lines():
    _, root = drawn()
    assert len(list(root.iter(f"{SVG}polygon"))) == 1
    assert [path.get("stroke-dasharray") for path in root.iter(f"{SVG}path")] == ["5 3", None, None]


def test_who_waits_stands_near_to_what_it_waits_for():
    where = places(drawn()[1])
    assert where["Claims"] < where["Pricing"]
    turned = places(drawn(needs=[("rights", "B"), ("log", "A")])[1])
    assert turned["Pricing"] < turned["Claims"]


def test_boxes_never_overlap_and_lie_inside():
    _, root = drawn(
        awaited=[Stop(f"d{n}", "A very long name of what is waited for " * 3, "note") for n in range(5)]
    )
    width, height = (float(part) for part in root.get("viewBox").split()[2:])
    boxes = [
        tuple(float(box.get(key)) for key in ("x", "y", "width", "height")) for box in root.iter(f"{SVG}rect")
    ]
    assert all(x >= 0 and x + wide <= width and y + tall <= height for x, y, wide, tall in boxes)
    left = sorted((y, tall) for x, y, _wide, tall in boxes if x < width / 2)
    assert all(y + tall < below for (y, tall), (below, _) in itertools.pairwise(left))


@pytest.mark.parametrize("needs", [NEEDS, []])
def test_paper_has_literal_colours(needs):
    assert re.findall(r"var\(|currentColor|nan|inf", drawn(needs, palette="print")[0]) == []
