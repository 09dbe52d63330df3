"""Whatever is sent, the answer is a dossier or a list of faults, and never an accident."""

import copy
import json

from hypothesis import given
from hypothesis import strategies as st

from initiatives.dossier.canonical import pretty_json
from initiatives.dossier.faults import DossierFaults
from initiatives.dossier.parsing import parse
from initiatives.dossier.pointers import steps_of
from tests.factories.initiatives import full_document

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def places(value, at=()):
    yield at
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in items:
        yield from places(inner, (*at, step))


PLACES = [place for place in places(full_document()) if place]


def put(document, place, value):
    *above, last = place
    for step in above:
        document = document[step]
    document[last] = value


@given(st.lists(st.tuples(st.sampled_from(PLACES), VALUES), min_size=1, max_size=4))
def test_a_document_changed_at_random_is_read_or_refused_in_words(changes):
    document = copy.deepcopy(full_document())
    for place, value in sorted(changes, key=lambda change: -len(change[0])):
        put(document, place, value)
    assert_read_or_refused(json.dumps(document).encode())


@given(VALUES)
def test_any_json_is_read_or_refused_in_words(value):
    assert_read_or_refused(json.dumps(value).encode())


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_in_words(raw):
    assert_read_or_refused(raw)


def assert_read_or_refused(raw):
    dossier, faults = outcome(raw)
    assert (dossier is None) == bool(faults)
    assert [fault for fault in faults if not fault.sentence.endswith((".", "?"))] == []
    assert [fault for fault in faults if fault.pointer and not steps_of(fault.pointer)] == []
    if dossier is not None:
        assert parse(pretty_json(dossier)) == dossier


def outcome(raw):
    try:
        return parse(raw), ()
    except DossierFaults as refused:
        return None, refused.faults
