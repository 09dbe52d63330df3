"""What Home says to each role when nothing waits: what will come, and one way on."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.roles import Role


@dataclass(frozen=True)
class Welcome:
    sentence: str | Promise
    help: str | Promise
    href: str = ""
    action: str | Promise = ""


WELCOMES = {
    Role.PROGRAMME_MANAGER: Welcome(
        _("Nothing waits for you."),
        _(
            "When a gate of one of your initiatives needs evidence or an answer, it is listed here with the place to supply it."
        ),
        "/initiatives/new/",
        _("Begin a dossier"),
    ),
    Role.CONTRIBUTOR: Welcome(
        _("Nothing waits for you."),
        _(
            "When you are asked for evidence, it is listed here with what is accepted and how fresh it must be."
        ),
        "/initiatives/",
        _("See your initiatives"),
    ),
    Role.ASSURER: Welcome(
        _("No evidence waits for your review."),
        _(
            "Evidence for the gates of your function is listed here as soon as it is submitted, the oldest first."
        ),
        "/initiatives/",
        _("See all initiatives"),
    ),
    Role.EXECUTIVE: Welcome(
        _("Nothing waits for your decision."),
        _(
            "Stances, waivers, gates to endorse and status to decide are listed here when they are ready for you."
        ),
        "/initiatives/",
        _("See all initiatives"),
    ),
    Role.AUDITOR: Welcome(
        _("Nothing is asked of you here."),
        _("You may read everything, the record of every change included, and change nothing."),
        "/history/",
        _("Read the record"),
    ),
    Role.ADMINISTRATOR: Welcome(
        _("Nothing waits for you."),
        _("You look after people, roles, policy versions and tokens."),
        "/settings/people/",
        _("See people and roles"),
    ),
}
NOBODY = Welcome(
    _("You have no role yet."),
    _("Until an administrator gives you one, there is nothing you may see or do."),
)  # fmt: skip


def welcome_for(by: Actor) -> Welcome:
    """The words for the first of the reader's roles."""
    return next((WELCOMES[role] for role in Role if role in by.roles), NOBODY)
