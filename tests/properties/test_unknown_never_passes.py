"""What is not recorded is not shown: leaving something out never raises a verdict, and nothing passes by absence."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from gates.engine.verdict import rank
from initiatives.dossier.document import Dossier
from tests.gates.engine.builders import ARCHETYPES, NOW, complete_facts, judge
from tests.gates.engine.policies import policy
from tests.properties.strategies import situations

NEEDED = ("outcome_chain", "metrics", "operating_model", "risk_posture", "deployments", "change_impact")


def without(facts, sections):
    empty = Dossier(schema="dossier/1", initiative=facts.dossier.initiative)
    blank = {section: getattr(empty, section) for section in sections}
    return msgspec.structs.replace(facts, dossier=msgspec.structs.replace(facts.dossier, **blank))


@given(situations(), st.sets(st.sampled_from(NEEDED), min_size=1))
def test_leaving_a_section_out_never_raises_the_verdict(situation, sections):
    facts = situation.facts
    assert rank(judge(without(facts, sections)).level) <= rank(judge(facts).level)


@given(situations(), st.data())
def test_leaving_evidence_out_never_raises_the_verdict(situation, data):
    facts = situation.facts
    kept = data.draw(st.lists(st.booleans(), min_size=len(facts.evidence), max_size=len(facts.evidence)))
    fewer = tuple(item for item, keep in zip(facts.evidence, kept, strict=True) if keep)
    poorer = msgspec.structs.replace(facts, evidence=fewer)
    assert rank(judge(poorer).level) <= rank(judge(facts).level)


@given(situations())
def test_what_is_unknown_is_never_a_pass(situation):
    facts = situation.facts
    assert [f.code for f in judge(facts).findings if f.unknown and f.outcome == "pass"] == []


@given(st.sampled_from(ARCHETYPES))
def test_no_question_passes_without_evidence(archetype):
    bare = msgspec.structs.replace(complete_facts(archetype), evidence=())
    asking = {rule.code for rule in policy().rules if rule.asks} - ADVISORY_SO_NOTHING_TO_PROVE
    assert [f.code for f in judge(bare, NOW).findings if f.code in asking and f.outcome == "pass"] == []


ADVISORY_SO_NOTHING_TO_PROVE = {"AR-06"}  # its evidence is asked for only once the output binds
