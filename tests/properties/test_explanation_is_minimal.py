"""Every listed remedy is needed: without any one of them the target is not reached."""

from hypothesis import given

from gates.engine import explain
from gates.engine.remedies import carried_out
from gates.engine.verdict import rank
from tests.gates.engine.builders import NOW, judge
from tests.gates.engine.policies import policy
from tests.properties.strategies import cut_dossiers


@given(cut_dossiers())
def test_no_remedy_can_be_left_out(situation):
    facts = situation.facts
    said = explain(policy(), facts, NOW)
    for code in said.clears:
        others = [other for other in said.clears if other != code]
        after = judge(carried_out(policy(), facts, NOW, others))
        assert rank(after.level) < rank(said.target), code
