import pytest

from tests.gates.engine.builders import ARCHETYPES, complete_facts, judge


@pytest.mark.parametrize("archetype", ARCHETYPES)
def test_a_dossier_that_leaves_nothing_open_is_scale_ready(archetype):
    verdict = judge(complete_facts(archetype))
    assert ([f.code for f in verdict.findings if f.is_failing], verdict.level) == ([], "scale_ready")
