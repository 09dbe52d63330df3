"""The same policy, facts and moment give the same verdict, byte for byte, in whatever order facts arrive."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from gates.engine import Facts
from tests.gates.engine.builders import judge
from tests.properties.strategies import situations


def as_bytes(facts):
    return msgspec.json.encode(judge(facts))


@given(situations())
def test_judging_twice_gives_the_same_bytes(situation):
    facts = situation.facts
    assert as_bytes(facts) == as_bytes(facts)


@given(situations())
def test_facts_that_were_stored_and_read_are_judged_alike(situation):
    facts = situation.facts
    read = msgspec.json.decode(msgspec.json.encode(facts), type=Facts)
    assert as_bytes(read) == as_bytes(facts)


@given(situations(), st.randoms(use_true_random=False))
def test_the_order_of_records_does_not_matter(situation, chance):
    facts = situation.facts

    def mixed(records):
        return tuple(chance.sample(records, len(records)))

    shuffled = msgspec.structs.replace(
        facts,
        evidence=mixed(facts.evidence),
        endorsements=mixed(facts.endorsements),
        waivers=mixed(facts.waivers),
        results=mixed(facts.results),
        people=dict(mixed(tuple(facts.people.items()))),
    )
    assert as_bytes(shuffled) == as_bytes(facts)
