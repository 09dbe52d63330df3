#!/usr/bin/env python3
"""Look every locked package up in the advisory database, and fail on a known vulnerability.

Where the database cannot be reached, nothing was looked up: that is said, and is no failure, so that the checks can be
run without a network. What was clean is not asked for again on the same day, unless the lock has changed.
"""

import datetime as dt
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements" / "main.lock"
SECONDS = 60
# What the program says when nobody answers; anything else that goes wrong is a failure.
UNREACHED = (
    "ConnectionError",
    "Connection refused",
    "Max retries",
    "timed out",
    "ServiceError",
    "resolve",
    "Proxy",
)


def main() -> int:
    kept = Path(os.environ.get("PORTAL_VAR") or ROOT / "var") / "audited"
    today = f"{dt.datetime.now(dt.UTC):%Y-%m-%d} {hashlib.sha256(LOCK.read_bytes()).hexdigest()}"
    if kept.exists() and kept.read_text("utf-8") == today:
        print("Looked up today already: no known vulnerability.")
        return 0
    told = ask()
    if told is None:
        print("The advisory database could not be reached: nothing was looked up.")
        return 0
    if told.returncode not in (0, 1) or not told.stdout.strip():
        return without_findings(told)
    return judge(json.loads(told.stdout), kept, today)


def ask() -> subprocess.CompletedProcess[str] | None:
    """What pip-audit answers; None when it gets no answer itself in time."""
    program = os.environ.get("PIP_AUDIT") or str(ROOT / ".venv" / "bin" / "pip-audit")
    options = ("--require-hashes", "--disable-pip", "--progress-spinner", "off", "--format", "json")
    command = [program, "--requirement", str(LOCK), *options]
    try:
        return subprocess.run(command, cwd=ROOT, text=True, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return None


def without_findings(told: subprocess.CompletedProcess[str]) -> int:
    if any(word in told.stderr for word in UNREACHED):
        print("The advisory database could not be reached: nothing was looked up.")
        return 0
    print(told.stdout, told.stderr, sep="", file=sys.stderr)
    return 1


def judge(found: Mapping[str, Any], kept: Path, today: str) -> int:
    packages = found["dependencies"]
    hurt = [package for package in packages if package.get("vulns")]
    for package in hurt:
        for one in package["vulns"]:
            mended = ", ".join(one.get("fix_versions", ())) or "no version yet"
            print(
                f"{package['name']} {package['version']}: {one['id']}; mended in {mended}.", file=sys.stderr
            )
    if hurt:
        return 1
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    if len(skipped) == len(packages):
        print("The advisory database knows none of the packages here: nothing was looked up.")
    elif skipped:
        print(f"No known vulnerability; could not be looked up: {', '.join(skipped)}.")
    else:
        print(f"{len(packages)} packages looked up: no known vulnerability.")
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(today, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
