"""Adding or accepting valid evidence never makes a verdict worse, nor turns any pass into a failure."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from gates.engine.verdict import rank
from tests.gates.engine.builders import judge
from tests.properties.strategies import further_evidence, situations


def holding(verdict):
    return {f.code for f in verdict.findings if f.outcome in {"pass", "waived"}}


def assert_no_worse(before, after):
    assert (rank(after.level) >= rank(before.level), holding(before) - holding(after)) == (True, set())


@given(st.data())
def test_adding_accepted_evidence_never_makes_it_worse(data):
    facts = data.draw(situations()).facts
    more = data.draw(st.lists(further_evidence(facts), min_size=1, max_size=3, unique_by=lambda e: e.ref))
    richer = msgspec.structs.replace(facts, evidence=(*facts.evidence, *more))
    assert_no_worse(judge(facts), judge(richer))


@given(st.data())
def test_accepting_what_waits_never_makes_it_worse(data):
    facts = data.draw(situations()).facts
    more = data.draw(further_evidence(facts))
    waiting = msgspec.structs.replace(more, state="in_review", reviewed_by=None, reviewed_at=None)
    before = msgspec.structs.replace(facts, evidence=(*facts.evidence, waiting))
    after = msgspec.structs.replace(facts, evidence=(*facts.evidence, more))
    assert_no_worse(judge(before), judge(after))
