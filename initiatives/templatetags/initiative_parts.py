"""Words of the dossier in templates, and the links to where a part of it is edited."""

from collections.abc import Mapping
from typing import Any

import msgspec
from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from initiatives.dossier.parts import PART_OF
from initiatives.web import words
from initiatives.web.fields import typed_number
from initiatives.web.frame import edit_address
from initiatives.web.places import row_name

register = template.Library()
register.filter("word", words.word)
register.filter("gate_word", words.gate_word)
register.filter("section_word", words.section_word)


@register.filter
def named(email: str | None, names: Mapping[str, str]) -> str:
    """The name behind an e-mail; the e-mail of somebody the portal does not know."""
    return names.get(email or "", email or "")


@register.filter
def named_all(emails: tuple[str, ...], names: Mapping[str, str]) -> str:
    return ", ".join(names.get(email, email) for email in emails)


@register.filter
def of(code: str | None, titles: Mapping[str, str]) -> str:
    """What a code is called."""
    return titles.get(code or "", code or "")


@register.filter
def figure(value: float | None) -> str:
    """A number as it was typed, its thousands apart, with a true minus."""
    if value is None:
        return ""
    whole, point, rest = typed_number(value).partition(".")
    if whole.removeprefix("-").isdecimal():
        whole = f"{int(whole):,}" if int(whole) or not whole.startswith("-") else whole
    return f"{whole}{point}{rest}".replace("-", "−")


@register.filter
def percent(share: float | None) -> str:
    return "" if share is None else f"{share * 100:g}%"


@register.simple_tag(takes_context=True)
def edit_link(context: Context, path: str, row: Any = None, what: str = "") -> SafeString:
    """A quiet link to where this is edited, for those who may; `what` says what to those who only hear it."""
    if not context.get("may_edit"):
        return mark_safe("")
    if row is not None:
        path = f"{path}/{row_name(msgspec.to_builtins(row), PART_OF[path])}"
    return format_html(
        '<a class="edit-link" href="{}">{}<span class="screen-reader"> {}</span></a>',
        edit_address(context["key"], path), _("Edit"), what,
    )  # fmt: skip


@register.simple_tag(takes_context=True)
def add_link(context: Context, path: str, label: str) -> SafeString:
    if not context.get("may_edit"):
        return mark_safe("")
    return format_html(
        '<a class="button button-quiet" href="{}">{}</a>', edit_address(context["key"], f"{path}/_new"), label
    )


@register.filter
def met_count(findings: list[Any]) -> int:
    return sum(finding.outcome == "pass" for finding in findings)


@register.filter
def item(mapping: Mapping[str, Any], key: str) -> Any:
    return mapping.get(key)
