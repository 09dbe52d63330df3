"""Taking a copy: authorised again, with the reader's name and the time on each sheet, and kept in the record."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.audit.guard import service
from alignment_portal.refusals import Conflict, Forbidden
from packs.actions import Actions
from packs.models import PackBuild, PackCopy, State
from packs.rendering import stamp_copy
from packs.selectors.access import require_to_read
from packs.selectors.files import read_file
from packs.services.printing import in_words
from packs.services.recording import record_of
from packs.services.signing import signed


@dataclass(frozen=True)
class Copy:
    body: bytes
    name: str


def take_copy(*, by: Actor, build: PackBuild) -> Copy:
    """The stamp is drawn before anything is written, so that nobody waits for it."""
    require_to_read(by, build)
    if by.user_id is None:
        raise Forbidden("A copy carries a reader’s name, so only a person can take one.")
    if build.state != State.READY:
        raise Conflict(
            f"{build.ref} is {build.get_state_display()}: there is no PDF to download.", code="pack_not_ready"
        )
    now = clock.now()
    line = f"Copy for {by.name}, {in_words(now)} · {build.ref}"
    body = signed(stamp_copy(read_file(build.file), line=line, moment=now))
    _note_copy(by=by, reader=by.user_id, build=build, sha256=hashlib.sha256(body).hexdigest(), at=now)
    return Copy(body, f"{build.ref}-{build.about}-v{build.number}.pdf")


@service
def _note_copy(*, by: Actor, reader: UUID, build: PackBuild, sha256: str, at: datetime) -> None:
    PackCopy.objects.create(file=build.file, user_id=reader, sha256=sha256, at=at)
    record_of(build, by=by, action=Actions.TAKEN, after={"sha256": sha256})
