"""Is this a pack of ours, unchanged, and does it still say what stands today?

Whoever holds a paper may know whether it is genuine and current, although they may not read what it says: the answer
then names the pack and its date, and nothing of its content. A fingerprint or the bytes of a file show that they hold
it; a reference alone does not, since it can be guessed.
"""

import hashlib
from dataclasses import dataclass
from typing import Literal

from django.db.models import QuerySet

from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action, require
from alignment_portal.refusals import Conflict, NotFound
from packs.content.differences import SectionChange, what_changed
from packs.models import PackBuild, PackCopy, PackFile, State
from packs.selectors.access import may_read, visible_packs
from packs.selectors.packs import content_of, latest_of
from packs.selectors.subjects import subject_of
from packs.selectors.writing import write_pack

SHORTEST = 16  # characters of a fingerprint as printed
REFERENCE = "PK-"


@dataclass(frozen=True)
class Checked:
    """The answer. Where `may_read` is false, content, copy, newer versions and changes are left out."""

    state: Literal["genuine", "altered", "unknown"]
    build: PackBuild | None = None
    may_read: bool = False
    copy: PackCopy | None = None
    is_current: bool = False
    latest: PackBuild | None = None
    changes: tuple[SectionChange, ...] = ()


UNKNOWN = Checked("unknown")


def check_words(by: Actor, words: str) -> Checked:
    """A pack by its fingerprint, by the first sixteen characters of it that the sheets carry, or by its reference."""
    require(by, Action.PACK_READ, own=True, invited=True)
    wanted = words.strip()
    if wanted.upper().startswith(REFERENCE):
        found = visible_packs(by).filter(state=State.READY, ref=wanted.upper()).first()
        return UNKNOWN if found is None else _standing(by, found)
    wanted = wanted.lower()
    if len(wanted) < SHORTEST or not all(sign in "0123456789abcdef" for sign in wanted):
        return UNKNOWN
    known = _ready().filter(fingerprint__startswith=wanted).order_by("-number").first()
    return UNKNOWN if known is None else _standing(by, known)


def check_file(by: Actor, body: bytes, *, names: str = "", fingerprint: str = "") -> Checked:
    """A PDF by its bytes: the stored one or a copy with a name on it. The rest is what the file says of itself."""
    require(by, Action.PACK_READ, own=True, invited=True)
    sha256 = hashlib.sha256(body).hexdigest()
    copy = PackCopy.objects.filter(sha256=sha256).select_related("file", "user").first()
    file = copy.file if copy else PackFile.objects.filter(sha256=sha256).first()
    if file is not None:
        build = _ready().filter(pk=file.build_id).first()
        return UNKNOWN if build is None else _standing(by, build, copy)
    said = _ready().filter(ref=names).first() if names else None
    if said is None or not (said.fingerprint == fingerprint or may_read(by, said)):
        return UNKNOWN
    return Checked("altered", build=said, may_read=may_read(by, said))


def _ready() -> QuerySet[PackBuild]:
    return PackBuild.objects.ready().select_related("initiative", "cluster", "file")


def _standing(by: Actor, build: PackBuild, copy: PackCopy | None = None) -> Checked:
    """What is true of it today: written anew and compared, since no mark on a row can be late then."""
    try:
        today = write_pack(subject_of(build.subject), build.audience)
    except (Conflict, NotFound):  # a cluster that has no member left has no paper that could be current
        reads = may_read(by, build)
        return Checked("genuine", build=build, may_read=reads, copy=copy if reads else None)
    is_current = today.fingerprint == build.fingerprint
    if not may_read(by, build):
        return Checked("genuine", build=build, is_current=is_current)
    latest = latest_of(build.subject, build.audience)
    return Checked(
        "genuine",
        build=build,
        may_read=True,
        copy=copy,
        is_current=is_current,
        latest=latest if latest and latest.pk != build.pk and may_read(by, latest) else None,
        changes=() if is_current else what_changed(content_of(build), today.content),
    )
