"""Roles, trade-offs and refusals in words that people read."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext_lazy as _

from alignment_portal.accounts.roles import Function

ROLES: Mapping[str, object] = {
    "business": _("Business"),
    "risk_legal": _("Risk and legal"),
    "operations": _("Operations"),
    "technology": _("Technology"),
    "front_line": _("Front line"),
}


def role_word(role: str) -> str:
    return str(ROLES.get(role, role.replace("_", " ").capitalize()))


def role_choices(required: Iterable[str]) -> list[tuple[str, str]]:
    """The required roles first, then every function that takes part as itself."""
    asked = sorted(required)
    others = [value for value in (*ROLES, *Function.values) if value not in asked]
    return [(role, role_word(role)) for role in dict.fromkeys((*asked, *others))]


def with_names(sentence: str, names: Mapping[str, str]) -> str:
    """A sentence of the domain, which names people by e-mail, as people read it."""
    for email, name in names.items():
        sentence = sentence.replace(email, name)
    return sentence
