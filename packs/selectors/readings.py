"""Who read a pack: opened it in the portal, or took a copy of the PDF."""

import datetime as dt
from dataclasses import dataclass
from operator import attrgetter

from packs.models import PackBuild, PackCopy, PackReading

MOST = 2_000


@dataclass(frozen=True)
class Reading:
    name: str
    email: str
    at: dt.datetime
    way: str  # opened | copy
    sha256: str = ""


def readings_of(build: PackBuild) -> list[Reading]:
    """Newest first. Two queries."""
    opened = PackReading.objects.filter(build=build).values_list("user__name", "user__email", "at")
    copies = PackCopy.objects.filter(file__build=build).values_list(
        "user__name", "user__email", "at", "sha256"
    )
    found = [Reading(name, email, at, "opened") for name, email, at in opened[:MOST]]
    found += [Reading(name, email, at, "copy", sha256) for name, email, at, sha256 in copies[:MOST]]
    return sorted(found, key=attrgetter("at"), reverse=True)
