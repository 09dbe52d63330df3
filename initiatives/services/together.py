"""One change to several dossiers at once: all of them or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from alignment_portal.accounts.actors import Actor
from alignment_portal.audit.guard import service
from alignment_portal.refusals import Fault, Invalid, Refusal
from initiatives.selectors import initiative_or_404
from initiatives.services.dossiers import SavedDossier, change_section

AT_MOST = 200


@dataclass(frozen=True)
class Change:
    """What one initiative's first section shall say; ``version`` is the one the caller looked at."""

    key: str
    version: int
    value: Any


@service
def change_together(*, by: Actor, field: str, changes: Sequence[Change]) -> list[SavedDossier]:
    """Give one field of the first section its new value in each dossier, or refuse with what stands in the way of each.

    A dossier that somebody changed elsewhere in between is changed all the same; one whose field they changed is refused.
    """
    if not 1 <= len(changes) <= AT_MOST:
        raise Invalid(f"Choose at least one initiative, and {AT_MOST} at the most.", code="too_many_at_once")
    faults: list[Fault] = []
    saved: list[SavedDossier] = []
    for change in sorted(changes, key=lambda one: one.key):
        try:
            saved.append(
                change_section(
                    by=by,
                    initiative=initiative_or_404(by, change.key),
                    section=f"initiative/{field}",
                    value=change.value,
                    expected_version=change.version,
                )
            )
        except Refusal as refusal:
            reasons = [one.sentence for one in getattr(refusal, "faults", ())] or [refusal.sentence]
            faults += [Fault(f"/{change.key}", f"{change.key}: {reason}", refusal.code) for reason in reasons]
    if faults:
        raise Invalid(
            "Nothing was changed: not every one of these could be.", faults=faults, code="not_together"
        )
    return saved
