"""Rule codes are data: they stand in policy files, tests, docs and demo, and nowhere in code."""

import re
from pathlib import Path

from tests.gates.engine.policies import policy

ROOT = Path(__file__).parents[3]
APPS = ("alignment_portal", "initiatives", "metrics", "portfolio", "reviews", "gates", "packs", "tools")


def test_no_rule_code_stands_in_code():
    codes = re.compile(rf"\b({'|'.join(rule.code for rule in policy().rules)})\b")
    named = {
        f"{path.relative_to(ROOT)}: {found[0]}"
        for app in APPS
        for path in sorted((ROOT / app).rglob("*.py"))
        for found in codes.finditer(path.read_text())
    }
    assert named == set()
