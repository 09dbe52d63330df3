"""Asking for a pack, stopping it, having it built again, and noting when one no longer says what stands."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Max

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action
from alignment_portal.audit.chain import head, record
from alignment_portal.audit.guard import service
from alignment_portal.http.references import next_reference
from alignment_portal.outbox.events import announce
from alignment_portal.refusals import Conflict
from initiatives.models import Initiative
from initiatives.selectors import initiative_or_404, require_on
from packs.actions import Actions
from packs.models import PackBuild, State
from packs.selectors.packs import latest_of, require_to_read
from packs.selectors.writing import Written, initiative_key, write_pack

AGAIN = (State.FAILED, State.CANCELLED)


@dataclass(frozen=True)
class Requested:
    """The pack, and whether it is new: the same content is never built twice."""

    build: PackBuild
    is_new: bool


def request_pack(*, by: Actor, subject: str) -> Requested:
    """The pack of a subject as it stands now: a new one, or the one that already says the same.

    It is put into words before the transaction begins: reading takes long, and writers should not wait for it.
    """
    initiative = initiative_or_404(by, initiative_key(subject))
    require_on(by, Action.PACK_BUILD, initiative)
    require_to_read(by, initiative)
    return _enqueue(by=by, initiative=initiative, subject=subject, written=write_pack(initiative.key))


@service
def _enqueue(*, by: Actor, initiative: Initiative, subject: str, written: Written) -> Requested:
    # The counter's row stays locked from here, so two requests for the same content take turns.
    ref = next_reference("PK")
    known = PackBuild.objects.select_related("initiative").filter(key=written.key).first()
    if known is not None:
        return Requested(_again(by=by, build=known), is_new=False)
    build = PackBuild.objects.create(
        ref=ref, initiative=initiative, requested_by_id=by.user_id, **_as_row(subject, written)
    )
    record(
        by=by,
        action=Actions.REQUESTED,
        subject=build.ref,
        initiative=initiative.key,
        after={"fingerprint": build.fingerprint, "version": build.number},
    )
    announce("packs.build_requested", build=build.pk)
    return Requested(build, is_new=True)


def _again(*, by: Actor, build: PackBuild) -> PackBuild:
    if build.state in AGAIN:
        retry_pack(by=by, build=build)
    PackBuild.objects.filter(pk=build.pk).update(stale_since=None)
    build.refresh_from_db()
    return build


def _as_row(subject: str, written: Written) -> dict[str, Any]:
    anchor = head()
    last = PackBuild.objects.filter(subject=subject).aggregate(last=Max("number"))["last"] or 0
    return {
        "subject": subject,
        "number": last + 1,
        "key": written.key,
        "fingerprint": written.fingerprint,
        "content": written.text,
        "dossier": written.dossier,
        "verdict": written.verdict,
        "as_of": written.as_of,
        "anchor_seq": anchor.seq,
        "anchor_hash": anchor.hash,
    }


@service
def cancel_pack(*, by: Actor, build: PackBuild) -> PackBuild:
    """Stop a build that is not finished; a worker that is at it finds its token gone and drops the result."""
    require_on(by, Action.PACK_BUILD, build.initiative)
    stopped = PackBuild.objects.filter(pk=build.pk, state__in=(State.QUEUED, State.BUILDING)).update(
        state=State.CANCELLED, token=None, lease_until=None, holder="", step="", finished_at=clock.now()
    )
    build.refresh_from_db()
    if not stopped and build.state != State.CANCELLED:
        raise Conflict(f"{build.ref} is {build.get_state_display()}: there is nothing left to cancel.")
    if stopped:
        record(by=by, action=Actions.CANCELLED, subject=build.ref, initiative=build.initiative.key)
    return build


@service
def retry_pack(*, by: Actor, build: PackBuild) -> PackBuild:
    """Build again what failed or was cancelled, from the same content."""
    require_on(by, Action.PACK_BUILD, build.initiative)
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
        record(by=by, action=Actions.RETRIED, subject=build.ref, initiative=build.initiative.key)
        announce("packs.build_requested", build=build.pk)
    return build


def mark_stale(*, key: str) -> bool:
    """Note on the newest pack of an initiative that it no longer says what stands, or that it does again."""
    latest = latest_of(f"initiative:{key}")
    if latest is None:
        return False
    is_stale = write_pack(key).fingerprint != latest.fingerprint
    if is_stale != (latest.stale_since is not None):
        _note_stale(latest, is_stale=is_stale)
    return is_stale


@service
def _note_stale(build: PackBuild, *, is_stale: bool) -> None:
    PackBuild.objects.filter(pk=build.pk).update(stale_since=clock.now() if is_stale else None)
