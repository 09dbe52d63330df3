"""What the frame of every page shows."""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django.utils.translation import gettext_lazy as _

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action, may
from alignment_portal.accounts.roles import Role

# label, address, and the action that opens it (None: everybody)
NAV = (
    (_("Home"), "/", None),
    (_("Portfolio"), "/portfolio/", Action.PORTFOLIO_READ),
    (_("Initiatives"), "/initiatives/", None),
    (_("Reviews"), "/reviews/", None),
    (_("Packs"), "/packs/", None),
    (_("History"), "/history/", Action.HISTORY_READ),
    (_("Settings"), "/settings/", None),
)


@cache
def _exists(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


def _is_current(here: str, path: str) -> bool:
    return here == path if path == "/" else here.startswith(path)


def _policy_version() -> str:
    """Told by whoever knows the policy: the floor does not."""
    return str(getattr(settings, "POLICY_VERSION", ""))


def chrome(request: HttpRequest) -> dict[str, Any]:
    actor = getattr(request, "actor", None)
    common: dict[str, Any] = {
        "demo": settings.DEMO,
        "organisation": settings.ORGANISATION,
        "policy_version": _policy_version(),
        "now": clock.now(),
        "nav": [],
        "user_roles": [],
    }
    if not isinstance(actor, Actor):
        return common
    nav = [
        {"label": label, "url": path, "current": _is_current(request.path, path)}
        for label, path, action in NAV
        if _exists(path) and (action is None or may(actor, action))
    ]
    roles = [str(role.label) for role in Role if role in actor.roles]
    return {**common, "nav": nav, "user_roles": roles}
