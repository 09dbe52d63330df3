"""Entries about a pack: filed under its initiative where it is about one."""

from alignment_portal.accounts.actors import Actor
from alignment_portal.audit.chain import record
from packs.models import PackBuild


def record_of(
    build: PackBuild, *, by: Actor, action: str, after: object = None, reason: str = "", **more: object
) -> None:
    record(
        by=by,
        action=action,
        subject=build.ref,
        initiative=build.initiative.key if build.initiative else "",
        after=after,
        reason=reason,
        about="" if build.initiative else build.title,
        **more,
    )
