"""What the page parts need beyond Django's own tags: icons, status marks, dates in words, sort links."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path

from django import template
from django.http import HttpRequest
from django.template import Context
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

register = template.Library()

STATIC = Path(__file__).resolve().parents[3] / "static"
ICON_FOLDERS = (STATIC / "icons", STATIC / "vendor" / "tabler")


@dataclass(frozen=True)
class Mark:
    """How a state is shown: always shape, word and colour together."""

    icon: str
    word: str | Promise
    tone: str


DRAFT = Mark("circle-dashed", _("Draft"), "draft")
STATES: Mapping[str, Mark] = {
    "blocked": Mark("octagon-filled", _("Blocked"), "blocked"),
    "learning_only": Mark("flask-filled", _("Learning-only"), "learning"),
    "aligned": Mark("link", _("Aligned"), "aligned"),
    "scale_ready": Mark("circle-arrow-up-filled", _("Scale-ready"), "ready"),
    "suspended": Mark("player-pause-filled", _("Suspended"), "suspended"),
    "draft": DRAFT,
    "in_review": Mark("eye", _("In review"), "draft"),
    "retired": Mark("archive", _("Retired"), "draft"),
    # findings
    "pass": Mark("circle-check", _("Met"), "ready"),
    "fail": Mark("circle-x-filled", _("Not met"), "blocked"),
    "waived": Mark("hourglass", _("Waived"), "learning"),
    "not_applicable": Mark("circle-minus", _("Not applicable"), "draft"),
    # answers
    "yes": Mark("circle-check-filled", _("Yes"), "ready"),
    "no": Mark("octagon-filled", _("No"), "blocked"),
    "not_yet": Mark("hourglass", _("Not yet"), "learning"),
    # evidence, endorsements, waivers
    "submitted": Mark("eye", _("Awaiting review"), "draft"),
    "accepted": Mark("circle-check", _("Accepted"), "ready"),
    "rejected": Mark("circle-x-filled", _("Rejected"), "blocked"),
    "expiring": Mark("clock", _("Expiring soon"), "learning"),
    "expired": Mark("hourglass", _("Expired"), "blocked"),
    "superseded": Mark("copy", _("Superseded"), "draft"),
    "withdrawn": Mark("archive", _("Withdrawn"), "draft"),
    "endorsed": Mark("certificate", _("Endorsed"), "ready"),
    "missing": Mark("circle-dashed", _("Missing"), "blocked"),
    "open": Mark("circle-dashed", _("Open"), "draft"),
    # stances
    "agree": Mark("circle-check", _("Agree"), "ready"),
    "agree_with_conditions": Mark("circle-dot", _("Agree with conditions"), "learning"),
    "disagree": Mark("circle-x-filled", _("Disagree"), "blocked"),
    "abstain": Mark("circle-minus", _("Abstain"), "draft"),
    # pack builds
    "queued": Mark("clock", _("Queued"), "draft"),
    "running": Mark("refresh", _("Being built"), "aligned"),
    "ready": Mark("circle-check", _("Ready"), "ready"),
    "failed": Mark("octagon-filled", _("Failed"), "blocked"),
    "cancelled": Mark("circle-minus", _("Cancelled"), "draft"),
    "stale": Mark("history", _("Out of date"), "learning"),
    # webhooks and their deliveries
    "live": Mark("circle-check", _("Running"), "ready"),
    "failing": Mark("alert-triangle", _("Failing"), "learning"),
    "stopped": Mark("player-pause-filled", _("Stopped"), "suspended"),
    "waiting": Mark("clock", _("Waiting"), "draft"),
    "delivered": Mark("circle-check", _("Delivered"), "ready"),
    "withheld": Mark("circle-minus", _("Withheld"), "draft"),
}
MEGABYTE = 1_000_000
MESSAGE_ICONS = {"success": "circle-check", "warning": "alert-triangle", "error": "alert-octagon"}


@cache
def drawing_of(name: str) -> str:
    for folder in ICON_FOLDERS:
        path = folder / f"{name}.svg"
        if path.is_file():
            return path.read_text("utf-8").partition(">")[2].removesuffix("</svg>").strip()
    message = f"There is no icon {name!r} in static/icons or static/vendor/tabler."
    raise template.TemplateSyntaxError(message)


@register.simple_tag
def icon(name: str, css: str = "", label: str = "") -> SafeString:
    """The icon, inlined. Without a label it is decoration and hidden from screen readers."""
    return _drawn(name, css, str(label))


@lru_cache(maxsize=1024)  # a list prints the same few hundreds of times
def _drawn(name: str, css: str, label: str) -> SafeString:
    inside = mark_safe(drawing_of(name))  # noqa: S308 — a file of this project
    paint = "fill=currentColor stroke=none" if name.endswith("-filled") else "fill=none stroke=currentColor"
    voice = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon {}" viewBox="0 0 24 24" {} stroke-linecap="round" stroke-linejoin="round" {}>{}</svg>',
        css, mark_safe(paint.replace("=", '="').replace(" ", '" ') + '"'), voice, inside,  # noqa: S308 — literals above
    )  # fmt: skip


@register.filter
def mark(state: object) -> Mark:
    """The icon, word and tone of a verdict, status, finding, evidence state, stance or build."""
    value = getattr(state, "value", state)
    key = value if isinstance(value, str) else str(getattr(state, "name", value))
    return STATES.get(key.lower(), Mark("circle-dashed", key.replace("_", " ").capitalize(), "draft"))


@register.filter
def true_minus(figure: str) -> str:
    """A figure for reading with the sign that is as wide as a digit."""
    return figure.replace("-", "−", 1) if figure.startswith("-") else figure


@register.filter
def after_word(sentence: str, word: str) -> str:
    """The sentence without the word it may open with, so that the mark says the word once."""
    head, colon, rest = sentence.partition(":")
    said, shown = (text.strip().lower().replace("-", " ") for text in (head, str(word)))
    return rest.strip() if colon and said == shown else sentence


@register.filter
def message_icon(level: str) -> str:
    return MESSAGE_ICONS.get(level, "info-circle")


@register.filter
def long_date(day: date | None) -> str:
    """9 March 2026."""
    if day is None:
        return ""
    return date_format(timezone.localtime(day) if isinstance(day, datetime) else day, "j F Y")


@register.filter
def long_moment(moment: datetime | None) -> str:
    """9 March 2026, 14:02 CET: in the reader's zone, with the zone said."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    return f"{date_format(local, 'j F Y, H:i')} {local.tzname()}"


@register.filter
def short_moment(moment: datetime | None) -> str:
    return "" if moment is None else date_format(timezone.localtime(moment), "j M, H:i")


@register.filter
def age(start: date | None, now: date | None) -> str:
    """How long something has waited, in whole days: today, 1 day, 12 days."""
    if start is None or now is None:
        return ""
    days = (_day(now) - _day(start)).days
    return gettext("today") if days <= 0 else ngettext("%(days)d day", "%(days)d days", days) % {"days": days}


@register.filter
def since(start: date | None, now: date | None) -> str:
    """How long ago something was, for a sentence: today, 1 day ago, 12 days ago."""
    passed = age(start, now)
    return passed if passed in ("", gettext("today")) else gettext("%(age)s ago") % {"age": passed}


def _day(moment: date) -> date:
    return timezone.localtime(moment).date() if isinstance(moment, datetime) else moment


@register.filter
def megabytes(size: int) -> str:
    """2,411,724 → 2.4 MB; small files in kB."""
    return f"{size / MEGABYTE:.1f} MB" if size >= MEGABYTE else f"{max(1, round(size / 1000))} kB"


@register.inclusion_tag("parts/sort_head.html", takes_context=True)
def sort_head(
    context: Context, key: str, label: str, css: str = "", param: str = "order"
) -> dict[str, object]:
    """A column head that sorts: a link that keeps every other part of the address."""
    request: HttpRequest = context["request"]
    current = request.GET.get(param, "")
    query = request.GET.copy()
    query.pop("cursor", None)
    query[param] = f"-{key}" if current == key else key
    direction = {key: "ascending", f"-{key}": "descending"}.get(current, "")
    return {"href": f"?{query.urlencode()}", "label": label, "direction": direction, "css": css}
