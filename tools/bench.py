#!/usr/bin/env python3
"""Measure the portal against what its database and disk can do, and print the ratios as JSON.

    tools/bench.py            at 1,000, 3,000 and 10,000 initiatives and 300,000 readings of one, within six minutes
    tools/bench.py --quick    at a few, in half a minute: whether it measures, not what
    tools/bench.py --initiatives 100000
                              at a tenth of so many and at so many, without the readings and the what-if; a hundred
                              thousand take about twenty minutes and 3 GB a database
    tools/bench.py --readings 10000000
                              only what becomes of one initiative with so many readings; ten million take about a
                              quarter of an hour and 4 GB a database

Each database is made for the run and taken away again: SQLite always, PostgreSQL where it is installed. A short table
for people goes to standard error. docs/performance.md says what each figure means.
"""

import argparse
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SIZES, QUICK_SIZES = (1000, 3000, 10000), (20, 60)
# For making and judging initiatives; the what-if, whatever the database, needs a minute or two beside.
SECONDS = {"sqlite": 160.0, "postgresql": 110.0}
SLOWEST = 5  # pages named in the table
READINGS, QUICK_READINGS = 300_000, 2_000
WHAT_IF, QUICK_WHAT_IF = (200, 1000), (20, 20)  # initiatives and runs


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--initiatives", type=int, default=0, metavar="N")
    parser.add_argument("--readings", type=int, default=0, metavar="N")
    asked = parser.parse_args()
    runs, left_out, failed = [], {}, []
    for database in ("sqlite", "postgresql"):
        if reason := missing(database):
            left_out[database] = reason
        else:
            given = arguments(
                database,
                quick=asked.quick,
                seed=asked.seed,
                readings=asked.readings,
                initiatives=asked.initiatives,
            )
            try:
                runs.append(run(database, given))
            except MeasuringFailed:  # the other's figures took as long, and are worth no less
                failed.append(database)
    print(json.dumps({"runs": runs, "left_out": left_out, "failed": failed}, indent=2))
    for line in table(runs, left_out):
        print(line, file=sys.stderr)
    for database in failed:
        print(f"\nMeasuring on {database} failed; what went wrong stands above.", file=sys.stderr)
    return 1 if failed else 0


class MeasuringFailed(Exception):
    """What went wrong was printed by the measurement itself."""


def missing(database: str) -> str:
    """Why a database cannot be measured here; empty when it can."""
    if database == "sqlite":
        return ""
    if importlib.util.find_spec("psycopg2") is None:
        return "psycopg2 is not installed"
    installed = shutil.which("postgres") or any(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not installed or shutil.which("redis-server") is None:
        return "PostgreSQL or Redis is not installed"
    return ""


def run(database: str, arguments: Sequence[str]) -> dict[str, Any]:
    """One database from nothing: made, migrated, filled, measured, removed."""
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        place = {
            "PORTAL_VAR": folder,
            "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3",
            "REDIS_URL": "",
            # As an installed portal has it: what a process imports is compiled.
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": f"{folder}/compiled",
        }
        script = (
            f'"{sys.executable}" manage.py migrate --verbosity 0 && exec "{sys.executable}" manage.py measure'
        )
        script = f"{script} {' '.join(arguments)}"
        command = ["/bin/sh", "-c", script]
        if database == "postgresql":
            script = f'DATABASE_URL="$TEST_POSTGRES_URL"; export DATABASE_URL; {script}'
            command = [sys.executable, str(ROOT / "tools/with_services.py"), "/bin/sh", "-c", script]
        done = subprocess.run(
            command, cwd=ROOT, env={**os.environ, **place}, stdout=subprocess.PIPE, text=True, check=False
        )
    if done.returncode != 0:
        raise MeasuringFailed(database)
    found: dict[str, Any] = json.loads(done.stdout[done.stdout.index("{") :])
    return found


def arguments(database: str, *, quick: bool, seed: int, readings: int = 0, initiatives: int = 0) -> list[str]:
    """What `manage.py measure` is told."""
    if initiatives:
        few = max(1, initiatives // 10)
        return ["--sizes", str(few), str(initiatives), "--seed", str(seed), "--seconds", "inf", "--no-packs"]
    if readings:
        return ["--sizes", "100", "--seed", str(seed), "--only-readings", "--readings", str(readings)]
    sizes = QUICK_SIZES if quick else SIZES
    more = ["--rounds", "2", "--no-packs"] if quick else ["--seconds", str(SECONDS[database])]
    more += ["--readings", str(QUICK_READINGS if quick else READINGS)]
    if database == "sqlite":
        more += ["--what-if", *map(str, QUICK_WHAT_IF if quick else WHAT_IF)]
        more += [] if quick else ["--long-pack"]
    return ["--sizes", *map(str, sizes), "--seed", str(seed), *more]


def table(runs: Sequence[Mapping[str, Any]], left_out: Mapping[str, str]) -> Iterator[str]:
    """The figures for people."""
    for one in runs:
        yield f"\n{one['database']}"
        if "judging" in one:
            yield from judging_told(one["judging"])
        for name in (
            "list_of_100",
            "post_1000_observations",
            "post_10000_observations",
            "judged_again",
            "pack_asked_again",
        ):
            if name in one:
                yield f"  {name.replace('_', ' ')}: {one[name]['ratio']:.2f} x its floor"
        if "deep_page" in one:
            yield f"  the page from row {one['deep_page']['row']:,} on: {one['deep_page']['ratio']:.2f} x the first page"
        if "search" in one:
            told = ", ".join(f"{name} {ms:.1f} ms" for name, ms in one["search"]["ms"].items())
            yield f"  search as one types: {told}"
        if "pack_in_parts" in one:
            yield long_pack_told(one["pack_in_parts"], one["pack_over_weasyprint"])
        if "pages" in one:
            yield from pages_told(one["pages"])
        if "history" in one:
            yield from history_told(one["history"])
        if "what_if" in one:
            yield what_if_told(one["what_if"])
    for database, reason in left_out.items():
        yield f"\n{database} was left out: {reason}."


def long_pack_told(parts: Mapping[str, Any], whole: Mapping[str, Any]) -> str:
    return (
        f"  a pack of {parts['pages']} sheets on {parts['cores']} cores: laid out in parts {parts['ratio']:.2f} x whole"
        f" ({parts['processor_ratio']:.2f} x the processor); whole {whole['ratio']:.2f} x bare WeasyPrint"
    )


def pages_told(found: Mapping[str, Any]) -> Iterator[str]:
    """The slowest pages, and how many are over the limit."""
    over, limit = len(found["over_the_limit"]), found["limit_ms"]
    yield (
        f"  {len(found['pages'])} pages at {found['initiatives']:,} initiatives, {over} of them over {limit} ms;"
        " the slowest:"
    )
    for page in found["pages"][:SLOWEST]:
        yield (
            f"    {page['page']}: {page['ms']:.0f} ms, {page['queries']} queries,"
            f" {page['over_bare_template']:.0f} x a bare template of {page['bytes'] / 1000:,.0f} kB"
        )


def judging_told(judging: Mapping[str, Any]) -> Iterator[str]:
    for size in judging["sizes"]:
        yield (
            f"  judging {size['initiatives']:>7,}: {size['ms_per_initiative']:.2f} ms each,"
            f" {size['queries']} queries in {size['chunks']} chunks,"
            f" {size['over_reading_the_documents']:.1f} x reading the documents,"
            f" {size['over_counting_in_sql']:,.0f} x counting in SQL"
        )
    yield f"  queries: {judging['queries']}; time for each, largest over smallest: {judging['growth']:.2f}"


def history_told(history: Mapping[str, Any]) -> Iterator[str]:
    """One initiative with ever more readings: what reading and judging it takes, and the last size over the first."""
    for size in history["sizes"]:
        yield (
            f"  one initiative with {size['readings']:>10,} readings: its series {size['series_ms']:.1f} ms,"
            f" judged again {size['judged_again_ms']:.1f} ms, the next readings posted {size['posted_ms']:.1f} ms"
        )
    grown = ", ".join(f"{name.removesuffix('_ms')} {ratio:.2f}" for name, ratio in history["growth"].items())
    yield f"  most readings over fewest: {grown.replace('_', ' ')}"


def what_if_told(found: Mapping[str, Any]) -> str:
    each = ", ".join(
        f"{name.replace('_', ' ')} {found[name]['ms_per_run']:.1f} ms a run, {found[name]['ratio']:.1f} x its floor"
        for name in ("start_all", "capped")
    )
    return f"  what-if of {found['initiatives']:,} initiatives, {found['runs']:,} runs: {each}"


if __name__ == "__main__":
    sys.exit(main())
