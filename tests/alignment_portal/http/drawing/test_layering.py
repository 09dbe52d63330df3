from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from alignment_portal.http.drawing.layering import Stack, crossings, ordered

GAP = 24


@st.composite
def graphs(draw):
    columns = [[f"{column}-{row}" for row in range(draw(st.integers(1, 5)))] for column in range(4)]
    pairs = [(a, b) for left, right in pairwise(columns) for a in left for b in right]
    edges = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=14))
    tall = {code: draw(st.integers(30, 160)) for column in columns for code in column}
    return columns, edges, tall


def test_a_crossing_that_can_be_undone_is_undone():
    columns, edges = [["a", "b"], ["x", "y"]], [("a", "y"), ("b", "x")]
    assert (crossings(columns, edges), crossings(ordered(columns, edges), edges)) == (1, 0)


@given(graphs())
def test_ordering_keeps_every_node_in_its_column_and_never_adds_crossings(graph):
    columns, edges, _ = graph
    found = ordered(columns, edges)
    assert [sorted(column) for column in found] == [sorted(column) for column in columns]
    assert crossings(found, edges) <= crossings(columns, edges)


@given(graphs())
def test_no_two_nodes_of_a_column_overlap_and_none_leaves_the_sheet(graph):
    columns, edges, tall = graph
    stack = Stack(tall, GAP)
    tops = stack.tops(columns, edges)
    full = max(stack.extent(column) for column in columns)
    too_near = [
        (one, other)
        for column in columns
        for one, other in pairwise(column)
        if tops[other] - tops[one] - tall[one] < GAP - 1e-6
    ]
    outside = [code for code, y in tops.items() if y < -1e-6 or y + tall[code] > full + 1e-6]
    assert (too_near, outside) == ([], [])


@given(graphs())
def test_the_same_chain_is_always_laid_out_alike(graph):
    columns, edges, tall = graph
    assert ordered(columns, edges) == ordered(columns, edges)
    assert Stack(tall, GAP).tops(columns, edges) == Stack(tall, GAP).tops(columns, edges)
