"""Run the whole suite on the embedded database, then what touches the database on PostgreSQL.

Every line pytest prints is shown. The closing line adds both runs up in pytest's own form.
A skipped test is a failure: what the tests need, `make test` brings up.
"""

import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORKERS = ("-n", os.environ.get("TEST_WORKERS", "2"), "--dist", "loadgroup")
ORDER = ("failed", "passed", "skipped", "deselected", "xfailed", "xpassed", "warnings", "errors")


def counts_of(line: str) -> Counter[str]:
    """Read pytest's closing line: `= 2 failed, 31 passed, 1 error in 4.20s =` gives the three counts."""
    if not re.search(r" in \d+\.\d+s", line):
        return Counter()
    found = re.findall(r"(\d+) ([a-z]+)", line.split(" in ", maxsplit=1)[0])
    plural = {"error": "errors", "warning": "warnings"}
    return Counter({plural.get(word, word): int(number) for number, word in found})


def closing_line(totals: Counter[str], seconds: float) -> str:
    parts = [f"{totals[word]} {word}" for word in ORDER if totals[word]] or ["no tests ran"]
    return f" {', '.join(parts)} in {seconds:.2f}s ".center(80, "=")


def relay(lines: Iterable[str]) -> Counter[str]:
    """Print every line as it comes; answer with the counts of the last closing line."""
    counts: Counter[str] = Counter()
    for line in lines:
        print(line, end="", flush=True)
        counts = counts_of(line) or counts
    return counts


def run(title: str, arguments: Sequence[str], environment: dict[str, str]) -> tuple[int, Counter[str]]:
    print(f"\n{title}", flush=True)
    command = [sys.executable, "-m", "pytest", "--color=no", *WORKERS, *arguments, *sys.argv[1:]]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert process.stdout is not None  # noqa: S101 — asked for as a pipe above
    counts = relay(process.stdout)
    return process.wait(), counts


def main() -> int:
    started = time.monotonic()
    embedded = {
        name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}
    }
    on_postgres = {**embedded, "DATABASE_URL": embedded["TEST_POSTGRES_URL"]}
    first, counts = run("Every test, on the embedded database (SQLite)", [], embedded)
    second, more = run("What touches the database, on PostgreSQL", ["-m", "db and not browser"], on_postgres)
    totals = counts + more
    if totals["skipped"]:
        print("Skipped tests count as failures: nothing the tests need may be missing.")
    print("\nBoth runs together")
    print(closing_line(totals, time.monotonic() - started), flush=True)
    failed = first or second
    return 1 if failed or totals["skipped"] or not totals["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
