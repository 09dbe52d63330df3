"""The tree names no package registry's host, no path of the machine it was written on, and no secret key.

Files under version control are read, binary ones and vendored ones passed over.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PASSED_OVER = (
    ".venv/",
    ".bootstrap/",
    "var/",
    "static/vendor/",
    "tools/check_text.py",
    "tests/tools/test_check_text.py",
)


@dataclass(frozen=True)
class Ban:
    pattern: re.Pattern[str]
    sentence: str


# Written in parts, so that no such name stands in this file either.
REGISTRIES = (
    ("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "(?:org|com)"), ("yarnpkg", "com"), ("golang", "org"),
    ("crates", "io"), ("debian", "org"), ("ubuntu", "com"),
)  # fmt: skip
BANS = (
    Ban(
        re.compile(r"\b(?:" + "|".join(rf"{name}\.{end}" for name, end in REGISTRIES) + r")\b"),
        "names a package registry: the machine's own settings say where packages come from",
    ),
    Ban(
        re.compile(
            r"(?:cdn\.jsdelivr\.net|unpkg\.com|cdnjs\.cloudflare\.com|fonts\.googleapis\.com|fonts\.gstatic\.com)"
        ),
        "names a content network: what pages need is kept under static/",
    ),
    Ban(
        re.compile(r"(?<![\w./-])/(?:work|root|home/[a-z][\w-]*|Users/[A-Za-z][\w-]*)/[\w.-]"),
        "names a path of one machine: build it from the project's folder",
    ),
    Ban(
        re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bghp_[A-Za-z0-9]{36}\b"),
        "holds a secret: take it from the environment",
    ),
)


def faults_in(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        for ban in BANS:
            if ban.pattern.search(line):
                yield number, ban.sentence


def kept_files(root: Path) -> list[str]:
    """List what is under version control, or is about to be; outside a checkout, everything."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if listing.returncode == 0:
        names = listing.stdout.split("\0")
    else:
        names = [str(path.relative_to(root)) for path in root.rglob("*")]
    return sorted(name for name in names if name and not name.startswith(PASSED_OVER))


def text_of(path: Path) -> str:
    content = path.read_bytes() if path.is_file() else b""
    return "" if b"\0" in content else content.decode(errors="replace")


def main(root: Path = ROOT) -> int:
    n_faults = 0
    for name in kept_files(root):
        for line, sentence in faults_in(text_of(root / name)):
            n_faults += 1
            print(f"{name}:{line}: {sentence}")
    return 1 if n_faults else 0


if __name__ == "__main__":
    sys.exit(main())
