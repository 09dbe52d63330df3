"""Building a pack from its row: claim, print, keep the file, finish. The same for a worker and for the command."""

import hashlib

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse

from alignment_portal import clock, files
from alignment_portal.accounts.actors import SYSTEM, Actor
from alignment_portal.accounts.models import RoleGrant
from alignment_portal.accounts.roles import Role
from alignment_portal.audit.guard import service
from alignment_portal.refusals import Forbidden
from packs.actions import Actions
from packs.models import PackBuild, PackFile, State
from packs.rendering import CannotRender, Rendered
from packs.selectors.access import may_read
from packs.selectors.files import pack_name
from packs.selectors.subjects import PORTFOLIO
from packs.services.holding import Held, LostHold, claim, kept, note_error, note_progress
from packs.services.printing import print_pack
from packs.services.recording import record_of


def build_pack(build_id: int) -> PackBuild | None:
    """Build it, if it waits to be built. Answers the row as it is then; None when there was nothing to do."""
    held = claim(build_id)
    if held is None:
        return None
    build = PackBuild.objects.select_related("initiative", "cluster", "requested_by").get(pk=build_id)
    try:
        require_still_for(build)
        with kept(held):
            made = print_pack(build, lambda step, percent: note_progress(held, step, percent))
            finish(held, made)
    except LostHold:
        return None
    except CannotRender as refusal:
        note_error(held, refusal.sentence, lasting=refusal.is_lasting)
    except Forbidden as refusal:
        note_error(held, refusal.sentence, lasting=True)
    except SoftTimeLimitExceeded:
        note_error(
            held, f"Building took longer than {settings.CELERY_TASK_SOFT_TIME_LIMIT} seconds and was stopped."
        )
    except MemoryError:
        note_error(held, "The worker ran out of memory while it built this pack.")
    except OSError as error:
        note_error(held, f"The file could not be kept: {error.strerror or error}.")
    build.refresh_from_db()
    return build


def require_still_for(build: PackBuild) -> None:
    """Authorised again when it is rendered: whoever asked may have lost the right to read it since."""
    person = build.requested_by
    if person is not None and not may_read(Actor.of(person), build):
        raise Forbidden(f"{person.name} may no longer read all of what this pack holds, so it was not built.")


def note_fault(build_id: int, fault: BaseException) -> None:
    """A fault of ours that nobody foresaw: the build does not hang, and the log has the rest."""
    build = PackBuild.objects.filter(pk=build_id, state=State.BUILDING).first()
    if build is not None and build.token is not None:
        note_error(
            Held(build_id, build.token),
            f"A fault of the portal stopped it ({type(fault).__name__}). See the worker's log.",
        )


def keep_bytes(body: bytes) -> str:
    """Store under the hash, durably, before any row speaks of it; a file without a row harms nobody."""
    sha256 = hashlib.sha256(body).hexdigest()
    files.keep_bytes(body, pack_name(sha256))
    return sha256


@service
def finish(held: Held, made: Rendered) -> PackBuild:
    """INVARIANT: only the holder of the token finishes, and the file's row comes in the same transaction."""
    build = (
        PackBuild.objects.select_for_update(of=("self",))
        .select_related("initiative", "cluster")
        .get(pk=held.build_id)
    )
    if build.token != held.token or build.state != State.BUILDING:
        raise LostHold
    PackFile.objects.create(build=build, sha256=keep_bytes(made.body), size=len(made.body), pages=made.pages)
    build.state, build.token, build.lease_until, build.holder = State.READY, None, None, ""
    build.step, build.percent, build.error, build.finished_at = "", 100, "", clock.now()
    build.save()
    record_of(
        build,
        by=SYSTEM,
        action=Actions.READY,
        pages=made.pages,
        after={"size": len(made.body), "version": build.number},
    )
    return build


def tell_requester(build: PackBuild) -> None:
    """One e-mail to whoever asked, that it is ready or why it is not; to the executives when the calendar asked."""
    if not build.is_resting or build.state == State.CANCELLED:
        return
    to = _told(build)
    if not to:
        return
    place = settings.PORTAL_URL.rstrip("/") + reverse("packs:pack", args=[build.ref])
    told = "is ready to read" if build.state == State.READY else f"could not be built: {build.error}"
    send_mail(
        f"{build.ref} {'is ready' if build.state == State.READY else 'could not be built'}",
        f"The alignment pack {build.ref} {told}\n\n{place}\n",
        None,
        to,
        fail_silently=True,
    )


def _told(build: PackBuild) -> list[str]:
    person = build.requested_by
    if person is not None:
        return [person.email] if person.is_active else []
    if build.subject != PORTFOLIO or build.state != State.READY:
        return []
    holders = RoleGrant.objects.filter(role=Role.EXECUTIVE, revoked_at__isnull=True, user__is_active=True)
    return sorted(set(holders.values_list("user__email", flat=True)))
