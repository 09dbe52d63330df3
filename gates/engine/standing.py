"""Endorsements: the fingerprint of the evidence a gate rests on, and whether an endorsement still stands on it.

A gate rests, for each of its questions, on one piece of sufficient evidence, or on a slice of the dossier, or on a
waiver in force. An endorsement stands while every piece it saw is still accepted, fresh and sufficient: evidence that
is added beside it changes nothing, evidence that ends, is withdrawn or is replaced makes it fall.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from gates.engine.answers import ONCE, answers_to, last_day, slots
from gates.engine.checking import CHECKS, outcome_of
from gates.engine.facts import Endorsement, Evidence, Facts
from gates.engine.policy import Gate, Policy, Rule
from gates.engine.view import View, midnight_after
from gates.engine.waivers import waiver_in_force

_MOST_CHOICES = 4096  # combinations tried; a gate has four questions and an executive saw one of them
_encode = msgspec.json.Encoder(order="deterministic").encode


class Ground(NamedTuple):
    """One thing a gate may rest on for one question."""

    token: str
    touched_by: frozenset[str]
    until: dt.datetime | None


def gate_fingerprint(facts: Facts, policy: Policy, gate: str, now: dt.datetime) -> str:
    """SHA-256 over what the gate rests on now; an endorsement carries it as what was seen."""
    return fingerprint_of(View(policy, facts, now), gate)


def fingerprint_of(view: View, gate: str) -> str:
    """The same, of a view that may hold what its gates rest on already."""
    return _fingerprint(gate, tuple(options[0] for options in _options(view, gate)))


def standing_ground(view: View, endorsement: Endorsement) -> tuple[Ground, ...] | None:
    """What the endorsement rests on, when all that was seen still stands; None when something changed."""
    choices = itertools.product(*_options(view, endorsement.gate))
    for choice in itertools.islice(choices, _MOST_CHOICES):
        if _fingerprint(endorsement.gate, choice) == endorsement.seen:
            return choice
    return None


def _fingerprint(gate: str, grounds: tuple[Ground, ...]) -> str:
    return hashlib.sha256("\n".join([gate, *(ground.token for ground in grounds)]).encode()).hexdigest()


def _options(view: View, gate: str) -> tuple[tuple[Ground, ...], ...]:
    """For each question of the gate, in order, what it may rest on; the longest lasting first."""
    if gate not in view.options:
        asked = (rule for rule in view.policy.rules_of(gate) if not view.not_asked(rule))
        view.options[gate] = tuple(options for rule in asked for options in _options_of(view, rule))
    return view.options[gate]


def _options_of(view: View, rule: Rule) -> Iterator[tuple[Ground, ...]]:
    sees = CHECKS[rule.check].sees
    if sees is not None:
        digest = hashlib.sha256(_encode(sees(view.dossier))).hexdigest()
        yield (Ground(f"{rule.code}:{digest}", frozenset(), None),)
    if rule.asks is None:
        return
    for slot in slots(view, rule.asks) or (ONCE,):
        name = f"{rule.code}/{slot.key}"
        found = tuple(_ground(rule, name, item) for item in answers_to(view, rule, rule.asks, slot))
        bare = Ground(f"{name}:none", frozenset(), None)
        yield (*found, bare) if not found or waiver_in_force(view, rule) else found


def _ground(rule: Rule, name: str, item: Evidence) -> Ground:
    asks = rule.asks
    until = midnight_after(last_day(item, asks)) if asks else None
    digest = (
        item.sha256 or hashlib.sha256(f"{item.statement}{sorted(item.measures.items())}".encode()).hexdigest()
    )
    return Ground(f"{name}:{item.ref}:{digest}", item.touched_by | {item.submitted_by}, until)


def open_rules(view: View, gate: Gate) -> tuple[Rule, ...]:
    """Rules of the gate that are asked, not met and not waived."""
    return tuple(
        rule
        for rule in view.policy.rules_of(gate.code)
        if not view.not_asked(rule) and not outcome_of(view, rule) and not waiver_in_force(view, rule)
    )
