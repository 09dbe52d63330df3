"""What a view of changed facts takes over from the one before is what it would work out itself."""

from functools import cached_property

import msgspec
from hypothesis import given

from gates.engine import evaluate
from gates.engine.evaluation import verdict_of
from gates.engine.remedies import after_remedies, carried_out
from gates.engine.view import View
from tests.gates.engine.builders import NOW, complete_facts
from tests.gates.engine.policies import policy
from tests.properties.strategies import cut_dossiers

WORKED_OUT = [name for name, value in vars(View).items() if isinstance(value, cached_property)]


@given(cut_dossiers())
def test_a_view_after_remedies_judges_as_a_fresh_one(situation):
    view = View(policy(), situation.facts, NOW)
    failing = [finding.code for finding in verdict_of(view).findings if finding.is_failing]
    for name in WORKED_OUT:
        getattr(view, name)
    for code in failing:
        expected = evaluate(policy(), carried_out(policy(), situation.facts, NOW, [code]), NOW)
        assert verdict_of(after_remedies(view, [code])) == expected, code


def test_what_rests_on_people_is_not_taken_over_when_they_change():
    facts = complete_facts("ml_decisioning")
    view = View(policy(), facts, NOW)
    assert list(view.people_with("executive"))
    nobody = view.after(msgspec.structs.replace(facts, people={}))
    assert not list(nobody.people_with("executive"))
