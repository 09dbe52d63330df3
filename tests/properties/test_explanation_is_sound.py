"""Carrying out the remedies an explanation lists reaches the verdict it names; it never lists what it did not prove."""

from hypothesis import given

from gates.engine import explain
from gates.engine.remedies import carried_out
from gates.engine.verdict import rank
from tests.gates.engine.builders import NOW, complete_facts, judge
from tests.gates.engine.policies import policy
from tests.properties.strategies import all_cuts, cut_where_it_fits, situations


@given(situations())
def test_the_listed_remedies_reach_the_target(situation):
    facts = situation.facts
    said = explain(policy(), facts, NOW)
    if said.target is None:
        assert said.moves == ()
        return
    after = judge(carried_out(policy(), facts, NOW, said.clears))
    assert (said.proven, rank(after.level) >= rank(said.target)) == (True, True)


@given(situations())
def test_every_deed_says_what_who_and_where(situation):
    facts = situation.facts
    for move in explain(policy(), facts, NOW).moves:
        assert all([move.deed, move.role, move.person, move.place.startswith("/"), move.key])


@given(situations())
def test_no_deed_stands_before_one_it_waits_for(situation):
    moves = explain(policy(), situation.facts, NOW).moves
    keys = [move.key for move in moves]
    late = [key for place, move in enumerate(moves) for key in move.after if key in keys[place:]]
    assert late == []


def test_a_result_read_by_another_method_brings_nothing_of_it_into_the_one_read_anew():
    facts = complete_facts("genai_customer_facing")
    for name in (
        "ME-05: the groups are not of the sizes planned",
        "ME-06: few were matched",
    ):
        facts = cut_where_it_fits(facts, all_cuts()[name])
    assert reached(facts) == ("scale_ready", [True, True, True])


@given(situations())
def test_following_the_explanations_leads_to_scale_ready_in_three_steps(situation):
    assert reached(situation.facts) == ("scale_ready", [True, True, True])


def reached(facts):
    proofs = []
    for _ in range(3):
        said = explain(policy(), facts, NOW)
        facts = carried_out(policy(), facts, NOW, said.clears)
        proofs.append(said.proven)
    return judge(facts).level, proofs


@given(situations())
def test_every_failing_finding_has_reason_remedy_mover_and_link(situation):
    facts = situation.facts
    for found in judge(facts).failing():
        told = (found.reason, found.remedy, found.next_role, found.next_mover, found.link)
        assert [part for part in told if not part] == []
