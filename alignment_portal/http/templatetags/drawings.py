"""The drawings as template tags, and the words their list twins need."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django import template
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from alignment_portal.http.drawing.chain import Chain, ChainNode, Shield
from alignment_portal.http.drawing.chain_svg import outcome_chain_svg
from alignment_portal.http.drawing.palette import Where

register = template.Library()

KIND_WORDS: Mapping[str, str | Promise] = {
    "ai_output": _("AI output"),
    "change": _("Change"),
    "operational_effect": _("Operational effect"),
    "outcome": _("Outcome"),
    "context": _("Context"),
}


class Step(NamedTuple):
    title: str
    mechanism: str
    broken: str


@register.simple_tag
def outcome_chain(chain: Chain, palette: str = "", alternative: str = "") -> SafeString:
    where: Where = "print" if palette == "print" else "screen"
    return mark_safe(outcome_chain_svg(chain, where, alternative=alternative))  # noqa: S308 — escaped where it is written


@register.filter
def kind_word(node: ChainNode) -> str | Promise:
    return KIND_WORDS[node.kind]


@register.filter
def links_from(chain: Chain, code: str) -> Sequence[Step]:
    return [
        Step(chain.node(link.target).title, link.mechanism, link.broken)
        for link in chain.links
        if link.source == code
    ]


@register.filter
def shields_of(chain: Chain, code: str) -> Sequence[Shield]:
    return chain.shields_of(code)
