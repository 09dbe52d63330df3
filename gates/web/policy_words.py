"""A policy in words: each rule with its terms and numbers, and two versions beside each other."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gates.engine import Gate, Policy, Rule
from gates.engine.policy import Evidenced
from gates.engine.words import capital, count, listing, number, span
from gates.selectors.policy_change import rule_changes
from gates.web.words import SEVERITIES, freshness_in_words, kinds_in_words, reviewers_in_words

WAIVERS: Mapping[str, str | Promise] = {
    "none": gettext_lazy("Nobody can waive it."),
    "exec": gettext_lazy("An executive may waive it for a while."),
    "h1_exec": gettext_lazy("An executive may waive it for a while, in H1 only, and never where customers’ personal data is concerned."),
}  # fmt: skip
FIELDS: Mapping[str, str | Promise] = {"params": gettext_lazy("Terms")}
_CODE = re.compile(r"[a-z]+(?:_[a-z]+)+")
CLAUSES: Mapping[str, str | Promise] = {
    "title": gettext_lazy("Title"),
    "effective_from": gettext_lazy("In effect from"),
    "lanes": gettext_lazy("Lanes"),
    "horizons": gettext_lazy("Horizons"),
    "waivers": gettext_lazy("Waivers"),
    "learning": gettext_lazy("Learning-only"),
    "kinds": gettext_lazy("Kinds of evidence"),
    "gates": gettext_lazy("Gates"),
    "notice_days": gettext_lazy("Warnings before evidence ends"),
}


@dataclass(frozen=True)
class Written:
    """One rule as the page shows it."""

    rule: Rule
    severity: str | Promise
    waiver: str | Promise
    asked_of: str
    evidence: str
    numbers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class WrittenGate:
    gate: Gate
    reviewers: str
    rules: tuple[Written, ...]


@dataclass(frozen=True)
class Changed:
    """One place in which two versions differ."""

    name: str | Promise
    before: str
    after: str


@dataclass(frozen=True)
class RuleChanged:
    code: str
    kind: str
    title: str
    fields: tuple[Changed, ...]


def written_gates(policy: Policy) -> tuple[WrittenGate, ...]:
    return tuple(
        WrittenGate(
            gate,
            reviewers_in_words(gate.reviewers),
            tuple(_written(policy, rule) for rule in policy.rules_of(gate.code)),
        )
        for gate in policy.gates
    )


def _written(policy: Policy, rule: Rule) -> Written:
    return Written(
        rule=rule,
        severity=SEVERITIES[rule.severity],
        waiver=WAIVERS[rule.waiver],
        asked_of=_asked_of(rule),
        evidence=_evidence(policy, rule.asks) if rule.asks else "",
        numbers=tuple(_numbers(rule)),
    )


def _asked_of(rule: Rule) -> str:
    parts = []
    if rule.archetypes:
        kinds = listing([archetype.replace("_", " ") for archetype in rule.archetypes])
        parts.append(_("Asked of %(kinds)s only.") % {"kinds": kinds})
    if rule.left_out_in:
        parts.append(_("Left out in the %(lanes)s lane.") % {"lanes": listing(rule.left_out_in)})
    return " ".join(parts)


def _evidence(policy: Policy, asks: Evidenced) -> str:
    words = _("%(kinds)s, not older than %(fresh)s.") % {
        "kinds": capital(kinds_in_words(policy, asks)),
        "fresh": freshness_in_words(asks),
    }
    recent = (
        _("At most %(days)s old when submitted.") % {"days": span(asks.recent_days)}
        if asks.recent_days
        else ""
    )
    each = {
        "deployment": _("For each deployment."),
        "added_control": _("For each added non-negotiable."),
    }.get(asks.each, "")
    return " ".join(part for part in (words, recent, each) if part)


def _numbers(rule: Rule) -> Iterator[tuple[str, str]]:
    """The thresholds the rule is judged by."""
    asks = rule.asks
    for measure in asks.measures if asks else ():
        bounds = ((_("at least"), measure.at_least), (_("at most"), measure.at_most))
        said = [
            f"{word} {number(bound)} {measure.unit}".strip() for word, bound in bounds if bound is not None
        ]
        if said:
            yield capital(measure.title), listing(said)
    own = set(Evidenced.__struct_fields__)
    for name, value in msgspec.to_builtins(rule.params).items():
        if name not in own and value not in ("", [], {}, None):
            yield capital(name.replace("_", " ")), plain(value)


def plain(value: Any) -> str:
    """Any value of a policy in one line."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, list | tuple):
        return ", ".join(plain(item) for item in value)
    if isinstance(value, Mapping):
        return "; ".join(
            f"{name.replace('_', ' ')} {plain(item)}"
            for name, item in value.items()
            if item not in ("", [], (), None)
        )
    text = str(value)
    return text.replace("_", " ") if _CODE.fullmatch(text) else text


def written_terms(policy: Policy) -> list[tuple[str, str]]:
    waivers, learning = policy.waivers, policy.learning
    often = count(waivers.renewals_at_most, _("renewal"))
    warned = listing([count(days, _("day")) for days in policy.notice_days])
    return [
        (
            _("Waivers"),
            _("%(days)s at most, %(often)s")
            % {"days": count(waivers.days_at_most, _("day")), "often": often},
        ),
        (_("Learning-only"), _("%(weeks)s at most") % {"weeks": count(learning.weeks_at_most, _("week"))}),
        (_("Warnings before evidence ends"), warned),
        *((f"{terms.code}: {terms.title}", _horizon(terms)) for terms in policy.horizons),
    ]


def _horizon(terms: Any) -> str:
    reach = _("up to %(share)s%% of the volume") % {"share": number(terms.volume_share_at_most * 100)}
    weeks = (
        _("%(weeks)s without a breach before the next") % {"weeks": count(terms.clean_weeks, _("week"))}
        if terms.clean_weeks
        else ""
    )
    return ", ".join(part for part in (reach, weeks) if part)


# --- two versions ------------------------------------------------------------------------------------------


def rule_differences(before: Policy, after: Policy) -> list[RuleChanged]:
    found = []
    for change in rule_changes(before, after):
        old, new = before.rules_by_code.get(change.code), after.rules_by_code.get(change.code)
        shown = new or old
        if shown is None:
            continue
        fields = tuple(_field(name, old, new) for name in change.fields if old and new)
        found.append(RuleChanged(change.code, change.kind, shown.title, fields))
    return found


def _field(name: str, old: Rule, new: Rule) -> Changed:
    label = FIELDS.get(name, capital(name.replace("_", " ")))
    return _changed(label, *(msgspec.to_builtins(getattr(rule, name)) for rule in (old, new)))


def _changed(name: str | Promise, old: Any, new: Any) -> Changed:
    """Of two tables of terms, only the terms that differ."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        names = [key for key in {**old, **new} if old.get(key) != new.get(key)]
        old, new = ({key: side[key] for key in names if key in side} for side in (old, new))
    return Changed(name, plain(old), plain(new))


def clause_differences(before: Policy, after: Policy) -> list[Changed]:
    """What differs outside the rules."""
    pairs = (
        (name, msgspec.to_builtins(getattr(before, name)), msgspec.to_builtins(getattr(after, name)))
        for name in CLAUSES
    )
    return [_changed(CLAUSES[name], old, new) for name, old, new in pairs if old != new]
