#!/usr/bin/env python3
"""See that the machine has what pip cannot bring: WeasyPrint's libraries, and the programs the tests drive.

What is missing is installed where we are root and apt-get exists; otherwise one sentence says what to install.
With `--optional` a missing package is said and passed over.
"""

import argparse
import ctypes
import ctypes.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


def has_library(name: str) -> bool:
    """Say whether a shared library loads; `name` is its soname, such as `libpango-1.0.so.0`."""
    for candidate in (name, ctypes.util.find_library(name.split(".so", maxsplit=1)[0].removeprefix("lib"))):
        try:
            if candidate:
                ctypes.CDLL(candidate)
                return True
        except OSError:
            continue
    return False


def has_program(*names: str) -> bool:
    return any(shutil.which(name) for name in names)


def has_postgres() -> bool:
    return has_program("initdb") or any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


@dataclass(frozen=True)
class Package:
    name: str  # as Debian and Ubuntu call it
    is_there: Callable[[], bool]


PDF = (
    Package(
        "libpango-1.0-0", lambda: has_library("libpango-1.0.so.0") and has_library("libgobject-2.0.so.0")
    ),
    Package("libpangoft2-1.0-0", lambda: has_library("libpangoft2-1.0.so.0")),
    Package("libharfbuzz-subset0", lambda: has_library("libharfbuzz-subset.so.0")),
    Package("libfontconfig1", lambda: has_library("libfontconfig.so.1")),
)
TEST = (
    *PDF,
    Package("chromium", lambda: has_program("chromium", "chromium-browser", "google-chrome")),
    Package("postgresql", has_postgres),
    Package("redis-server", lambda: has_program("redis-server")),
    Package("poppler-utils", lambda: has_program("pdftotext") and has_program("pdftoppm")),
    Package("qpdf", lambda: has_program("qpdf")),
    Package("curl", lambda: has_program("curl")),
)
GROUPS = {"pdf": PDF, "test": TEST}
CONSEQUENCE = {
    "pdf": "Until then packs are web pages to print from the browser, and no PDF is built.",
    "test": "The tests need them and skip nothing.",
}


def missing(packages: Sequence[Package]) -> list[str]:
    return [package.name for package in packages if not package.is_there()]


def may_install() -> bool:
    return os.geteuid() == 0 and has_program("apt-get")


def install(names: Sequence[str]) -> None:
    print("Installing system packages: " + " ".join(names), flush=True)
    command = ["install", "--no-install-recommends", *names]
    if apt_get(command, errors=subprocess.DEVNULL) != 0:
        # A fresh machine has no package lists yet.
        apt_get(["update"])
        apt_get(command)


def apt_get(arguments: Sequence[str], errors: int | None = None) -> int:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "--yes", "--quiet", *arguments]
    return subprocess.run(
        command, check=False, stdout=subprocess.DEVNULL, stderr=errors, env=environment
    ).returncode


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="Check for system packages, and install them where allowed.")
    parser.add_argument("group", choices=GROUPS)
    parser.add_argument("--optional", action="store_true", help="go on without them")
    options = parser.parse_args(arguments)
    needed = missing(GROUPS[options.group])
    if needed and may_install():
        install(needed)
        needed = missing(GROUPS[options.group])
    if not needed:
        return 0
    line = f"apt-get install --yes {' '.join(needed)}"
    print(f"Missing on this machine; as root run: {line}\n{CONSEQUENCE[options.group]}", file=sys.stderr)
    return 0 if options.optional else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
