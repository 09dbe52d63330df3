"""What the pages of one initiative share: who may, where the tabs lead, and links to pages of other apps."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action, may
from alignment_portal.http.requests import actor_of
from initiatives.models import Initiative, Status
from initiatives.selectors import initiative_or_404, standing


@dataclass(frozen=True)
class Visit:
    """One request about one initiative: who asks, for what, and what they may do with it."""

    request: HttpRequest
    by: Actor
    initiative: Initiative
    may_edit: bool

    @property
    def key(self) -> str:
        return self.initiative.key


def visit(request: HttpRequest, key: str) -> Visit:
    """The initiative somebody asks for; one they may not see is not found."""
    by = actor_of(request)
    initiative = initiative_or_404(by, key)
    stands = standing(by, initiative)
    may_edit = may(by, Action.INITIATIVE_EDIT, own=stands.own, invited=stands.invited)
    return Visit(request, by, initiative, may_edit and initiative.status != Status.RETIRED)


def link(name: str, *args: str) -> str:
    """The address of a page that another app owns; empty while that page does not exist."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def address(key: str, tab: str = "") -> str:
    return f"/initiatives/{key}/{tab}"


def edit_address(key: str, path: str = "") -> str:
    path = path.strip("/")
    return f"/initiatives/{key}/edit/{path}/" if path else f"/initiatives/{key}/edit/"


TABS = (
    ("overview", _("Overview"), ""),
    ("chain", _("Outcome chain"), "chain/"),
    ("measurement", _("Measurement"), "measurement/"),
    ("gates", _("Gates & evidence"), "gates:list"),
    ("risk", _("Risk & controls"), "risk/"),
    ("operating-model", _("Operating model"), "operating-model/"),
    ("change", _("Change impact"), "change/"),
    ("alignment", _("Alignment"), "alignment/"),
    ("packs", _("Packs"), "packs/"),
    ("history", _("History"), "history/"),
)
# The gates whose rules are judged on a tab.
TAB_GATES = {
    "chain": ("outcome_chain",),
    "measurement": ("measurement",),
    "gates": ("data_rights", "instrumentation", "integration", "governance", "endorsement", "archetype"),
    "risk": ("risk", "operation"),
    "operating-model": ("ownership",),
    "change": ("change",),
    "alignment": ("alignment", "portfolio"),
}


def tabs(
    key: str, current: str, open_items: dict[str, int] | None = None, at: str = ""
) -> list[dict[str, Any]]:
    """The tabs of an initiative, each with the number of rules that are not met there."""
    found = []
    for name, label, tab in TABS:
        url = link(tab, key) if ":" in tab else address(key, tab)
        if not url:
            continue
        found.append(
            {
                "label": label,
                "url": f"{url}?at={at}" if at and ":" not in tab else url,
                "current": name == current,
                "count": (open_items or {}).get(name, 0),
            }
        )
    return found


def crumbs(key: str, *more: tuple[str, str]) -> list[dict[str, str]]:
    start = [(str(_("Initiatives")), "/initiatives/"), (key, address(key))]
    return [{"label": label, "url": url} for label, url in (*start, *more)]
