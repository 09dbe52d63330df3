import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()


def test_make_alone_lists_every_target_a_person_may_want():
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    promised = [
        "help",
        "run",
        "test",
        "check",
        "audit",
        "client",
        "bench",
        "fmt",
        "lock",
        "screenshots",
        "vendor",
    ]
    assert re.findall(r"^  make (\S+) +\S", listed, flags=re.MULTILINE) == promised


def test_every_target_is_declared_to_be_no_file():
    targets = re.findall(r"^([a-z-]+):", MAKEFILE, flags=re.MULTILINE)
    assert re.search(r"^\.PHONY: (.+)$", MAKEFILE, flags=re.MULTILINE)[1].split() == targets


def test_continuous_integration_runs_the_one_command():
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text().splitlines()[-1] == "exec make test"
