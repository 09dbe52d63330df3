"""Every rule of the policy: the whole dossier passes it, and with one thing cut out it fails in the expected words."""

import tomllib
from functools import cache
from pathlib import Path

import pytest

from tests.gates.engine.builders import complete_facts, finding, judge
from tests.gates.engine.cutting import cut
from tests.gates.engine.policies import policy

CASES = Path(__file__).parent / "cases"


@cache
def case(code):
    return tomllib.loads((CASES / f"{code}.toml").read_text())


def cuts():
    for rule in policy().rules:
        if (CASES / f"{rule.code}.toml").exists():
            for one in case(rule.code)["cuts"]:
                yield pytest.param(rule.code, one, id=f"{rule.code}: {one['name']}")


def facts_for(code):
    given = case(code)
    return cut(complete_facts(given.get("archetype", "ml_decisioning")), given.get("before", []))


@pytest.mark.parametrize("code", [rule.code for rule in policy().rules])
def test_the_whole_dossier_passes_the_rule(code):
    assert finding(facts_for(code), code).outcome == "pass"


@pytest.mark.parametrize(("code", "one"), list(cuts()))
def test_the_cut_dossier_fails_the_rule_in_words(code, one):
    found = finding(cut(facts_for(code), one["change"]), code)
    told = (found.outcome, found.reason, found.next_mover_name, found.unknown)
    assert told == ("fail", one["reason"], one["next"], one.get("unknown", False))


@pytest.mark.parametrize(("code", "one"), list(cuts()))
def test_the_cut_dossier_is_held_at_the_level_of_the_rule(code, one):
    verdict = judge(cut(facts_for(code), one["change"]))
    held = {"blocker": "blocked", "suspender": "blocked", "limiter": "learning_only", "readiness": "aligned"}
    expected = held.get(policy().rule(code).severity, "scale_ready")
    assert verdict.level == one.get("level", expected)


def test_every_rule_has_a_case_that_fails_it():
    assert [rule.code for rule in policy().rules if not case(rule.code)["cuts"]] == []


def test_every_case_is_about_a_rule():
    codes = {rule.code for rule in policy().rules}
    assert {path.stem for path in CASES.glob("*.toml")} == codes
