from pathlib import Path

from gates.engine.manual import policy_page
from tests.gates.engine.policies import policy

PAGE = Path(__file__).parents[3] / "docs" / "policy.md"


def test_the_policy_page_says_what_the_policy_file_says():
    assert PAGE.read_text() == policy_page(policy()), "Run tools/write_policy_page.py."


def test_every_rule_stands_on_the_policy_page():
    headings = [line.split(":")[0] for line in policy_page(policy()).splitlines() if line.startswith("### ")]
    assert headings == [f"### {rule.code}" for rule in policy().rules]
