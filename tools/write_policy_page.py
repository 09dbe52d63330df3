"""Write docs/policy.md from the policy file in force. Run after every change of the policy."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from gates.engine import load_policy  # noqa: E402 — the path comes first
from gates.engine.manual import policy_page  # noqa: E402 — the path comes first

POLICY = ROOT / "gates" / "policies" / "2026.1.toml"
PAGE = ROOT / "docs" / "policy.md"


def main() -> None:
    """Write the page."""
    PAGE.write_text(
        policy_page(load_policy(POLICY.read_text(encoding="utf-8"), POLICY.name)), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
