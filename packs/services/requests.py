"""Asking for a pack, stopping it, having it built again, and noting when one no longer says what stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Max

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.audit.chain import head
from alignment_portal.audit.guard import service
from alignment_portal.http.references import next_reference
from alignment_portal.outbox.events import announce
from alignment_portal.refusals import Conflict
from initiatives.models import Initiative
from initiatives.selectors import initiative_or_404
from packs.actions import Actions
from packs.content.parts import encode
from packs.content.since import Since
from packs.models import Audience, PackBuild, PackMember, State
from packs.selectors.access import require_to_ask, require_to_build
from packs.selectors.packs import compared, content_of, latest_of
from packs.selectors.subjects import (
    cluster_or_404,
    initiatives_in,
    packs_that_speak_of,
    papers_of_several,
    subject_of,
)
from packs.selectors.writing import Written, member_page, write_pack
from packs.services.recording import record_of

AGAIN = (State.FAILED, State.CANCELLED)


@dataclass(frozen=True)
class Requested:
    """The pack, and whether it is new: the same content is never built twice."""

    build: PackBuild
    is_new: bool


def request_pack(*, by: Actor, subject: str, audience: str = Audience.READERS) -> Requested:
    """The pack of a subject as it stands now: a new one, or the one that already says the same.

    It is put into words before the transaction begins: reading takes long, and writers should not wait for it.
    """
    about = subject_of(subject)
    initiative = initiative_or_404(by, about.code) if about.kind == "initiative" else None
    cluster = cluster_or_404(by, about.code) if about.kind == "cluster" else None
    require_to_ask(by, about, audience)
    written = write_pack(about, audience)
    since = compared(latest_of(subject, audience), written.content)
    row = _as_row(subject, written, since)
    return _enqueue(
        by=by,
        row={**row, "initiative": initiative, "cluster": cluster, "audience": audience},
        written=written,
    )


@service
def _enqueue(*, by: Actor, row: Mapping[str, Any], written: Written) -> Requested:
    # The counter's row stays locked from here, so two requests for the same content take turns.
    ref = next_reference("PK")
    known = PackBuild.objects.select_related("initiative", "cluster").filter(key=written.key).first()
    if known is not None:
        return Requested(_again(by=by, build=known), is_new=False)
    anchor = head()
    last = PackBuild.objects.filter(subject=row["subject"]).aggregate(last=Max("number"))["last"] or 0
    build = PackBuild.objects.create(
        ref=ref,
        number=last + 1,
        requested_by_id=by.user_id,
        anchor_seq=anchor.seq,
        anchor_hash=anchor.hash,
        **row,
    )
    pks = Initiative.objects.filter(key__in=written.members).values_list("pk", flat=True)
    PackMember.objects.bulk_create([PackMember(build=build, initiative_id=pk) for pk in pks])
    record_of(
        build,
        by=by,
        action=Actions.REQUESTED,
        after={"fingerprint": build.fingerprint, "version": build.number, "audience": build.audience},
    )
    announce("packs.build_requested", build=build.pk)
    return Requested(build, is_new=True)


def _again(*, by: Actor, build: PackBuild) -> PackBuild:
    if build.state in AGAIN:
        retry_pack(by=by, build=build)
    PackBuild.objects.filter(pk=build.pk).update(stale_since=None)
    build.refresh_from_db()
    return build


def _as_row(subject: str, written: Written, since: Since) -> dict[str, Any]:
    return {
        "subject": subject,
        "key": written.key,
        "fingerprint": written.fingerprint,
        "content": written.text,
        "changes": encode(since),
        "dossier": written.dossier,
        "verdict": written.verdict,
        "as_of": written.as_of,
    }


@service
def cancel_pack(*, by: Actor, build: PackBuild) -> PackBuild:
    """Stop a build that is not finished; a worker that is at it finds its token gone and drops the result."""
    require_to_build(by, build)
    stopped = PackBuild.objects.filter(pk=build.pk, state__in=(State.QUEUED, State.BUILDING)).update(
        state=State.CANCELLED, token=None, lease_until=None, holder="", step="", finished_at=clock.now()
    )
    build.refresh_from_db()
    if not stopped and build.state != State.CANCELLED:
        raise Conflict(f"{build.ref} is {build.get_state_display()}: there is nothing left to cancel.")
    if stopped:
        record_of(build, by=by, action=Actions.CANCELLED)
    return build


@service
def retry_pack(*, by: Actor, build: PackBuild) -> PackBuild:
    """Build again what failed or was cancelled, from the same content."""
    require_to_build(by, build)
    queued = PackBuild.objects.filter(pk=build.pk, state__in=AGAIN).update(
        state=State.QUEUED,
        step="",
        percent=0,
        errors=0,
        losses=0,
        error="",
        finished_at=None,
        next_at=clock.wall(),
    )
    build.refresh_from_db()
    if not queued and build.state == State.READY:
        raise Conflict(f"{build.ref} is ready: there is nothing to build again.")
    if queued:
        record_of(build, by=by, action=Actions.RETRIED)
        announce("packs.build_requested", build=build.pk)
    return build


def mark_stale(*, key: str) -> bool:
    """Note on the newest packs that speak of an initiative that they no longer say what stands, or do again.

    A paper about several is only looked at where this one stands in it: nothing else can have changed.
    """
    stale = [build for build in packs_that_speak_of(key) if _weigh(build, key)]
    return bool(stale)


def weigh_papers() -> int:
    """Note which of the newest papers about several no longer say what stands; those noted already are left alone."""
    outdated = [build for build in papers_of_several() if build.stale_since is None and _is_outdated(build)]
    for build in outdated:
        _note_stale(build, is_stale=True)
    return len(outdated)


def _is_outdated(build: PackBuild) -> bool:
    try:
        return write_pack(subject_of(build.subject), build.audience).fingerprint != build.fingerprint
    except Conflict:  # no initiative belongs to it any more
        return True


def _weigh(build: PackBuild, key: str) -> bool:
    if build.initiative is not None:
        is_stale = write_pack(subject_of(build.subject), build.audience).fingerprint != build.fingerprint
    else:
        is_stale = build.stale_since is not None or _reads_otherwise(build, key)
    if is_stale != (build.stale_since is not None):
        _note_stale(build, is_stale=is_stale)
    return is_stale


def _reads_otherwise(build: PackBuild, key: str) -> bool:
    content = content_of(build)
    belongs = initiatives_in(subject_of(build.subject)).filter(key=key).exists()
    if belongs != build.members.filter(initiative__key=key).exists():
        return True
    printed = next((member for member in content.members if member.key == key), None)
    return belongs and printed is not None and printed != member_page(key)


@service
def _note_stale(build: PackBuild, *, is_stale: bool) -> None:
    PackBuild.objects.filter(pk=build.pk).update(stale_since=clock.now() if is_stale else None)
