"""Is this a pack of ours, unchanged, and does it still say what stands today?"""

import hashlib
from dataclasses import dataclass
from typing import Literal

from alignment_portal.accounts.actors import Actor
from packs.content.differences import SectionChange, what_changed
from packs.models import PackBuild, PackCopy, PackFile, State
from packs.selectors.packs import content_of, latest_of, visible_packs
from packs.selectors.writing import write_pack

SHORTEST = 16  # characters of a fingerprint as printed


@dataclass(frozen=True)
class Checked:
    """The answer. `unknown` is also what somebody gets who may not see the pack."""

    state: Literal["genuine", "altered", "unknown"]
    build: PackBuild | None = None
    copy: PackCopy | None = None
    is_current: bool = False
    latest: PackBuild | None = None
    changes: tuple[SectionChange, ...] = ()


UNKNOWN = Checked("unknown")


def check_fingerprint(by: Actor, fingerprint: str) -> Checked:
    """The pack of a fingerprint, or of its first sixteen characters as the sheets carry it."""
    wanted = fingerprint.strip().lower()
    if len(wanted) < SHORTEST or not all(sign in "0123456789abcdef" for sign in wanted):
        return UNKNOWN
    found = visible_packs(by).filter(state=State.READY, fingerprint__startswith=wanted).order_by("-number")
    build = found.first()
    return UNKNOWN if build is None else _standing(build)


def check_file(by: Actor, body: bytes, *, names: str = "") -> Checked:
    """A PDF by its bytes: the stored one or a copy with a name on it. `names` is the pack it says it is."""
    sha256 = hashlib.sha256(body).hexdigest()
    copy = PackCopy.objects.filter(sha256=sha256).select_related("file", "user").first()
    file = copy.file if copy else PackFile.objects.filter(sha256=sha256).first()
    visible = visible_packs(by).filter(state=State.READY)
    if file is not None:
        build = visible.filter(pk=file.build_id).first()
        return UNKNOWN if build is None else _standing(build, copy)
    said = visible.filter(ref=names).first() if names else None
    return Checked("altered", build=said) if said else UNKNOWN


def _standing(build: PackBuild, copy: PackCopy | None = None) -> Checked:
    """What is true of it today: written anew and compared, since no mark on a row can be late then."""
    today = write_pack(build.initiative.key)
    latest = latest_of(build.subject)
    return Checked(
        "genuine",
        build=build,
        copy=copy,
        is_current=today.fingerprint == build.fingerprint,
        latest=latest if latest and latest.pk != build.pk else None,
        changes=()
        if today.fingerprint == build.fingerprint
        else what_changed(content_of(build), today.content),
    )
