"""Run every static check, each once, and say at the end which ones failed."""

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
PACKAGES = ("alignment_portal", "initiatives", "metrics", "portfolio", "reviews", "gates", "packs")

CHECKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("format", ("ruff", "format", "--check", "--quiet", ".")),
    ("lint", ("ruff", "check", "--quiet", ".")),
    ("reasons", ("python", "tools/check_noqa_reasons.py")),
    ("texts", ("python", "tools/check_text.py")),
    ("spelling", ("codespell",)),
    ("imports", ("python", "tools/check_imports.py")),
    ("templates", ("djlint", "templates", "--lint", "--quiet")),
    ("Django", ("python", "manage.py", "check", "--fail-level", "WARNING")),
    ("migrations", ("python", "manage.py", "makemigrations", "--check", "--dry-run")),
    # ruff's S rules judge every line; bandit is the second opinion on what is grave.
    ("security", ("bandit", "--quiet", "-lll", "--configfile", "pyproject.toml", "--recursive", *PACKAGES)),
    ("advisories", ("python", "tools/audit.py")),
    ("types", ("mypy",)),
)


def main() -> int:
    failed = []
    for name, (program, *arguments) in CHECKS:
        started = time.monotonic()
        outcome = subprocess.run(
            [BIN / program, *arguments], cwd=ROOT, text=True, capture_output=True, check=False
        )
        seconds = time.monotonic() - started
        print(f"{name:<12}{'ok' if outcome.returncode == 0 else 'FAILED':<8}{seconds:5.1f} s", flush=True)
        if name == "advisories" and outcome.returncode == 0:
            print(f"{'':<12}{outcome.stdout.strip()}", flush=True)  # whether anything was looked up at all
        if outcome.returncode != 0:
            failed.append(name)
            print(outcome.stdout, outcome.stderr, sep="", flush=True)
    if failed:
        print("Checks that failed: " + ", ".join(failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
