import re
from xml.etree import ElementTree as ET

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from alignment_portal.http.drawing.chain import Chain, ChainLink, ChainNode, Shield
from alignment_portal.http.drawing.chain_svg import SHEETS, outcome_chain_svg
from alignment_portal.http.drawing.text import width_of

SVG = "{http://www.w3.org/2000/svg}"
KINDS = ("ai_output", "change", "operational_effect", "outcome")
NODES = (
    ChainNode("draft", "ai_output", "Draft answer"),
    ChainNode("edit", "change", "The agent edits and sends", ("Share edited, %",)),
    ChainNode("time", "operational_effect", "Handling time falls", ("Minutes per case",)),
    ChainNode("cost", "outcome", "Cost to serve falls"),
)
LINKS = (ChainLink("draft", "edit"), ChainLink("edit", "time"), ChainLink("time", "cost"))
CHAIN = Chain(NODES, LINKS, (Shield("Repeat contacts, %", "time"),))
printable = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Cn"]), max_size=90)


def drawn(chain=CHAIN, **more):
    return ET.fromstring(outcome_chain_svg(chain, **more))  # noqa: S314 — our own drawing


def lines_and_boxes(root):
    for group in root.iter(f"{SVG}g"):
        box = group.find(f"{SVG}rect")
        if box is not None:
            yield box, [text for text in group.findall(f"{SVG}text") if text.text]


def test_columns_run_from_ai_output_to_outcome():
    lefts = [float(box.get("x")) for box, _ in lines_and_boxes(drawn())]
    assert lefts == sorted(lefts)
    assert len(set(lefts)) == 4


def test_the_metric_stands_under_the_title_and_the_shield_on_the_claim_it_guards():
    words = [[text.text for text in texts] for _, texts in lines_and_boxes(drawn())]
    assert words[2] == ["Handling time falls", "Minutes per case", "Repeat contacts, %"]


def test_the_alternative_text_comes_first_and_says_what_is_broken():
    root = drawn(marks={"edit>time": "No metric.", "draft": "No owner."})
    assert (
        root[0].text
        == "Outcome chain with 1 AI output, 1 change, 1 operational effect, 1 outcome; broken in 2 places."
    )


def test_a_broken_node_says_why_inside_and_a_broken_link_under_the_drawing():
    root = drawn(marks={"edit>time": "No mechanism is stated.", "draft": "No owner."})
    words = [text.text for text in root.iter(f"{SVG}text")]
    assert ("No owner." in words, words[-1]) == (
        True,
        "The agent edits and sends to Handling time falls: No mechanism is stated.",
    )
    assert len(list(root.iter(f"{SVG}polygon"))) == 3  # the node, the link, the note


def test_a_link_that_skips_a_column_passes_beside_its_nodes():
    chain = Chain(NODES, (*LINKS, ChainLink("draft", "cost")))
    boxes = [
        [float(box.get(key)) for key in ("x", "y", "width", "height")]
        for box, _ in lines_and_boxes(drawn(chain))
    ]
    path = drawn(chain).findall(f".//{SVG}path[@fill='none']")[-1].get("d")
    lanes = [(float(x), float(y)) for x, y in re.findall(r" L([\d.]+) ([\d.]+)", path)]
    assert len(lanes) == 2
    assert [
        1
        for x, y in lanes
        for left, top, wide, tall in boxes
        if left < x <= left + wide and top <= y <= top + tall
    ] == []


def test_paper_has_literal_colours_only():
    svg = outcome_chain_svg(CHAIN, "print", {"draft": "No owner."})
    assert re.findall(r"var\(|currentColor|style=|class=|foreignObject", svg) == []


def test_a_dangling_link_is_left_out():
    assert outcome_chain_svg(Chain(NODES, (*LINKS, ChainLink("cost", "nowhere")))) == outcome_chain_svg(
        Chain(NODES, LINKS)
    )


def test_a_drawing_with_links_is_a_group_and_one_without_is_an_image():
    linked = Chain((ChainNode("draft", "ai_output", "Draft answer", href="#draft"),), ())
    assert (drawn().get("role"), drawn(linked).get("role")) == ("img", "group")


def test_an_empty_chain_is_an_empty_sheet():
    assert list(lines_and_boxes(drawn(Chain((), ())))) == []


@pytest.mark.parametrize("palette", SHEETS)
@given(
    st.lists(
        st.tuples(st.sampled_from(KINDS), printable, st.lists(printable, max_size=3), printable),
        min_size=1,
        max_size=6,
    )
)
def test_text_never_leaves_its_node(palette, rows):
    nodes = [
        ChainNode(f"n{index}", kind, title, tuple(metrics), broken)
        for index, (kind, title, metrics, broken) in enumerate(rows)
    ]
    root = drawn(
        Chain(nodes, (), (Shield("A counter-metric with a long name that must wrap", "n0"),)), palette=palette
    )
    outside = [
        text.text
        for box, texts in lines_and_boxes(root)
        for text in texts
        if float(text.get("x")) + width_of(text.text, float(text.get("font-size")))
        > float(box.get("x")) + float(box.get("width"))
        or float(text.get("y")) > float(box.get("y")) + float(box.get("height"))
    ]
    assert outside == []


def test_the_list_twin_says_the_same_as_the_drawing():
    html = render_to_string("parts/chain.html", {"chain": CHAIN, "title": "How it works"})
    twin = " ".join(re.sub(r"<[^>]+>", " ", html.partition("chain-list")[2]).split())
    assert (
        "Operational effect Handling time falls ; Minutes per case leads to Cost to serve falls guarded by Repeat contacts, %"
        in twin
    )
