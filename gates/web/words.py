"""Codes of the gates in words."""

from collections.abc import Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from alignment_portal.accounts.roles import Function
from gates.engine.policy import Conditional, Evidenced, Policy
from gates.engine.words import span

SEVERITIES: Mapping[str, str | Promise] = {
    "blocker": _("Blocks while it is not met"),
    "suspender": _("Suspends while it is not met"),
    "limiter": _("Learning-only while it is not met"),
    "readiness": _("Needed before it scales"),
    "advisory": _("Advice: decides nothing"),
}
STATUSES: Mapping[str, str | Promise] = {
    "draft": _("Draft"),
    "in_review": _("In review"),
    "learning_only": _("Learning-only"),
    "aligned": _("Aligned"),
    "scale_ready": _("Scale-ready"),
    "suspended": _("Suspended"),
    "retired": _("Retired"),
}
LEVELS: Mapping[str, str | Promise] = {"blocked": _("Blocked"), **STATUSES}


def either(words: Iterable[str]) -> str:
    """a, b or c"""
    found = list(words)
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} or {found[-1]}" if found else ""


def reviewers_in_words(functions: Iterable[str]) -> str:
    return either(str(Function(function).label).lower() for function in functions)


def kinds_in_words(policy: Policy, asks: Evidenced) -> str:
    if isinstance(asks, Conditional):
        return str(_("evidence of any kind"))
    return either(policy.kind(code).title.lower() for code in asks.kinds)


def freshness_in_words(asks: Evidenced) -> str:
    return span(asks.fresh_days)
