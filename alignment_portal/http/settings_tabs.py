"""The tabs of the settings pages, which belong to more than one door."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from alignment_portal.accounts.permissions import Action, may
from alignment_portal.http.requests import actor_of

# label, address, and the action that shows it (None: everybody)
TABS = (
    (_("People and roles"), "/settings/people/", Action.PEOPLE_MANAGE),
    (_("Policy"), "/settings/policy/", None),
    (_("Operations"), "/settings/operations/", Action.OPERATIONS_MANAGE),
    (_("Frameworks"), "/settings/frameworks/", Action.INITIATIVE_READ),
    (_("Profile"), "/settings/profile/", None),
    (_("Your data"), "/settings/data/", None),
    (_("Sign-in"), "/settings/sign-in/", None),
    (_("Calendar"), "/settings/calendar/", None),
    (_("Tokens"), "/settings/tokens/", None),
    (_("Service accounts"), "/settings/service-accounts/", Action.PEOPLE_MANAGE),
    (_("Webhooks"), "/settings/webhooks/", Action.WEBHOOK_MANAGE),
)


def settings_tabs(request: HttpRequest) -> list[dict[str, Any]]:
    by = actor_of(request)
    return [
        {"label": label, "url": url, "current": request.path.startswith(url)}
        for label, url, action in TABS
        if action is None or may(by, action, own=True)
    ]
