"""Changing a copy of the facts, for mends: every function answers a new value and leaves the old one alone."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import msgspec

from gates.engine.facts import Facts
from gates.engine.graph import ORDER
from initiatives.dossier.chain import Link, Node, OutcomeChain
from initiatives.dossier.initiative import Deployment
from initiatives.dossier.metrics import Capture, Limits, Metric, Target
from initiatives.dossier.operating_model import DecisionRight

STAND_IN = "to be written"


def with_dossier(facts: Facts, **sections: Any) -> Facts:
    """Facts whose dossier has other sections."""
    return msgspec.structs.replace(facts, dossier=msgspec.structs.replace(facts.dossier, **sections))


def with_part(facts: Facts, section: str, **fields: Any) -> Facts:
    """Facts whose dossier has other fields in one section."""
    part = msgspec.structs.replace(getattr(facts.dossier, section), **fields)
    return with_dossier(facts, **{section: part})


def with_scope(facts: Facts, **fields: Any) -> Facts:
    """Facts whose initiative has another scope."""
    scope = msgspec.structs.replace(facts.dossier.initiative.scope, **fields)
    return with_part(facts, "initiative", scope=scope)


def with_metric(facts: Facts, code: str, **fields: Any) -> Facts:
    """Facts with one metric changed."""
    metrics = tuple(
        msgspec.structs.replace(metric, **fields) if metric.code == code else metric
        for metric in facts.dossier.metrics
    )
    return with_dossier(facts, metrics=metrics)


def with_more_metrics(facts: Facts, *metrics: Metric) -> Facts:
    """Facts with further metrics."""
    return with_dossier(facts, metrics=(*facts.dossier.metrics, *metrics))


def with_node(facts: Facts, code: str, **fields: Any) -> Facts:
    """Facts with one node of the chain changed."""
    nodes = tuple(
        msgspec.structs.replace(node, **fields) if node.code == code else node
        for node in facts.dossier.outcome_chain.nodes
    )
    return with_part(facts, "outcome_chain", nodes=nodes)


def with_chain(facts: Facts, nodes: tuple[Node, ...] = (), links: tuple[Link, ...] = ()) -> Facts:
    """Facts with further nodes and links."""
    chain = facts.dossier.outcome_chain
    return with_part(facts, "outcome_chain", nodes=(*chain.nodes, *nodes), links=(*chain.links, *links))


def free_code(stem: str, taken: tuple[str, ...]) -> str:
    """A code nobody uses yet."""
    return next(code for n in range(len(taken) + 2) if (code := f"{stem}-{n}" if n else stem) not in taken)


def new_metric(facts: Facts, stem: str, **fields: Any) -> Metric:
    """A further metric under a free code."""
    taken = tuple(metric.code for metric in facts.dossier.metrics)
    given: dict[str, Any] = {"layer": "operational", "unit": "cases", "direction": "lower_better", **fields}
    return Metric(code=free_code(stem, taken), title=STAND_IN, **given)


def with_a_claim(facts: Facts) -> Facts:
    """Facts in which something is claimed: of the headline, else of the first operational metric, else of a new one."""
    if any(metric.target for metric in facts.dossier.metrics):
        return facts
    able = [
        m
        for m in facts.dossier.metrics
        if m.layer in {"operational", "outcome"} and m.direction != "within_band"
    ]
    target = Target(effect=-1.0)
    if not able:
        return with_more_metrics(facts, new_metric(facts, "claim", target=target))
    chosen = next((m for m in able if m.headline), able[0])
    effect = 1.0 if chosen.direction == "higher_better" else -1.0
    return with_metric(facts, chosen.code, target=Target(effect=effect))


def new_counter(facts: Facts, *, set_on: dt.date, **fields: Any) -> Metric:
    """A further counter-metric with limits."""
    return new_metric(
        facts, "counter", layer="counter", limits=Limits(margin=1.0, limit=2.0, set_on=set_on), **fields
    )


def new_operational(facts: Facts, today: dt.date, stem: str, **fields: Any) -> Metric:
    """A further metric that is captured in the workflow."""
    capture = Capture(system=STAND_IN, field=STAND_IN, first_record_on=today, coverage=1.0, sample_size=1000)
    return new_metric(facts, stem, **{"capture": capture, **fields})


def with_a_way(facts: Facts) -> Facts:
    """Facts with one short complete way to an outcome, reusing the outputs, changes, effects and outcomes there are."""
    kinds: dict[str, str] = {node.kind: node.code for node in facts.dossier.outcome_chain.nodes}
    taken = tuple(node.code for node in facts.dossier.outcome_chain.nodes)
    fresh: tuple[Node, ...] = ()
    for kind in ORDER:
        if kind not in kinds:
            kinds[kind] = free_code(kind.replace("_", "-"), taken)
            fresh = (*fresh, stand_in_node(kinds[kind], kind))
    codes = [kinds[kind] for kind in ORDER]
    links = tuple(Link(from_=a, to=b, mechanism=STAND_IN) for a, b in itertools.pairwise(codes))
    return with_chain(facts, fresh, links)


def stand_in_node(code: str, kind: Any) -> Node:
    """A complete node of that kind."""
    if kind == "change":
        return Node(
            code=code, kind=kind, title=STAND_IN, subkind="decision", performer=STAND_IN, difference=STAND_IN
        )
    return Node(code=code, kind=kind, title=STAND_IN, subkind="business" if kind == "outcome" else None)


def bridged(facts: Facts, kind: str) -> Facts:
    """Facts in which every link that jumps over the kind runs through a new node of that kind."""
    chain = facts.dossier.outcome_chain
    kinds = {node.code: ORDER.get(node.kind) for node in chain.nodes}
    nodes: list[Node] = list(chain.nodes)
    links: list[Link] = []
    for link in chain.links:
        start, end = kinds.get(link.from_), kinds.get(link.to)
        if start is None or end is None or not start < ORDER[kind] < end:
            links.append(link)
            continue
        code = free_code(kind.replace("_", "-"), tuple(node.code for node in nodes))
        nodes.append(stand_in_node(code, kind))
        links.append(Link(from_=link.from_, to=code, mechanism=STAND_IN))
        links.append(Link(from_=code, to=link.to, mechanism=link.mechanism, assumption=link.assumption))
    return with_dossier(facts, outcome_chain=OutcomeChain(nodes=tuple(nodes), links=tuple(links)))


def planned(code: str, horizon: Any) -> Deployment:
    """A deployment that has not gone live."""
    return Deployment(code=code, title=STAND_IN, horizon=horizon)


def advisory_right() -> DecisionRight:
    """A decision right that says everything, advisory."""
    return DecisionRight(
        code="decision",
        decision=STAND_IN,
        before=STAND_IN,
        after=STAND_IN,
        mode="advisory",
        accountable=STAND_IN,
        override_rule=STAND_IN,
        override_reasons=(STAND_IN,),
        escalation_to=STAND_IN,
        escalation_hours=4.0,
        logged_in=STAND_IN,
    )
