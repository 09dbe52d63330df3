"""What somebody typed and has not saved: kept so that nothing is lost, judged by nobody, seen by its writer only."""

from typing import Any
from uuid import UUID

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action
from alignment_portal.audit.guard import service
from alignment_portal.refusals import Forbidden, Invalid
from initiatives.dossier.canonical import canonical_json
from initiatives.models import Draft, Initiative
from initiatives.selectors import require_on

LARGEST = 500_000


def _writer(by: Actor) -> UUID:
    if by.user_id is None:
        raise Forbidden("Only a person types drafts.")
    return by.user_id


@service
def save_draft(*, by: Actor, initiative: Initiative, section: str, body: Any, based_on: int) -> Draft:
    """Keep a section as it was typed, with the version it was typed upon; one draft a person and section."""
    require_on(by, Action.INITIATIVE_EDIT, initiative)
    if len(canonical_json(body)) > LARGEST:
        raise Invalid("This draft is too long to be kept.", code="too_large")
    draft, _ = Draft.objects.update_or_create(
        initiative=initiative,
        user_id=_writer(by),
        section=section,
        defaults={"body": body, "based_on": based_on, "saved_at": clock.now()},
    )
    return draft


@service
def discard_draft(*, by: Actor, initiative: Initiative, section: str) -> None:
    Draft.objects.filter(initiative=initiative, user_id=_writer(by), section=section).delete()
