"""The form that offers evidence asks for what the rule will ask."""

from gates.engine.view import View
from gates.web.forms import OfferForm
from tests.gates.engine.builders import NOW, complete_facts
from tests.gates.engine.policies import policy


def test_a_number_the_rule_needs_is_asked_for_at_once():
    rules = policy()
    rule = next(rule for rule in rules.rules if rule.code == "GC-04")
    form = OfferForm({}, policy=rules, rule=rule, view=View(rules, complete_facts(), NOW))
    assert form.errors["measure_cases"] == ["This field is required."]
