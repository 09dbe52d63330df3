"""What must hold between the parts of a dossier: unique names, references that lead somewhere, order, no cycle.

It works on plain values and passes over what has another shape, so that these faults are told together with the
schema's and not one round later.
"""

from __future__ import annotations

import graphlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from initiatives.dossier.faults import Fault
from initiatives.dossier.parts import PART_LISTS
from initiatives.dossier.pointers import find, rows

Document = Mapping[str, Any]

# (where a code is used, the list it must be in, what it is called)
REFERENCES: tuple[tuple[str, str, str], ...] = (
    ("outcome_chain/links/*/from", "outcome_chain/nodes", "node of the outcome chain"),
    ("outcome_chain/links/*/to", "outcome_chain/nodes", "node of the outcome chain"),
    ("metrics/*/node", "outcome_chain/nodes", "node of the outcome chain"),
    ("metrics/*/target/path/*", "outcome_chain/nodes", "node of the outcome chain"),
    ("operating_model/decision_rights/*/node", "outcome_chain/nodes", "node of the outcome chain"),
    ("metrics/*/derived_from/*", "metrics", "metric"),
    ("metrics/*/guards/*/metric", "metrics", "metric"),
    ("metrics/*/leading/metric", "metrics", "metric"),
    ("operating_model/triggers/*/metric", "metrics", "metric"),
    ("risk_posture/harms/*/metric", "metrics", "metric"),
    ("change_impact/incentive_conflicts/*/counter_metric", "metrics", "metric"),
    ("operating_model/rota/*/deployment", "deployments", "deployment"),
    ("non_negotiables/per_deployment/*/deployment", "deployments", "deployment"),
    ("change_impact/workload_shifts/*/group", "change_impact/groups", "group"),
    ("change_impact/incentive_conflicts/*/group", "change_impact/groups", "group"),
    ("change_impact/training/*/group", "change_impact/groups", "group"),
    ("change_impact/bad_day/*/group", "change_impact/groups", "group"),
)
# (list or object, the field that comes first, the field that comes after, words)
ORDERS: tuple[tuple[str, str, str, str], ...] = (
    ("metrics/*/baseline", "period_start", "period_end", "The period ends before it begins"),
    ("metrics/*/comparison", "start_on", "end_on", "The comparison ends before it begins"),
    ("operating_model/rota/*", "from_on", "to_on", "The shift ends before it begins"),
    ("deployments/*", "live_from", "live_until", "The deployment ends before it begins"),
    (
        "change_impact/workload_shifts/*",
        "low_minutes",
        "minutes_per_case",
        "The low estimate is above the likely one",
    ),
    (
        "change_impact/workload_shifts/*",
        "minutes_per_case",
        "high_minutes",
        "The high estimate is below the likely one",
    ),
    (
        "change_impact/workload_shifts/*",
        "low_minutes",
        "high_minutes",
        "The high estimate is below the low one",
    ),
    ("bottleneck_demand/*", "days_low", "days_likely", "The most likely number of days is below the least"),
    (
        "bottleneck_demand/*",
        "days_likely",
        "days_high",
        "The greatest number of days is below the most likely one",
    ),
)
# A demand that names only some of its three figures is compared with what it leaves out, which is 0.
_LEFT_OUT_IS_ZERO = {"days_low", "days_likely", "days_high"}
SUBKINDS = {
    "change": ("decision", "workflow_step", "customer_interaction"),
    "outcome": ("business", "risk"),
}
NAMED_ONCE = (
    "initiative/team",
    "metrics/*/tags",
    "metrics/*/derived_from",
    "operating_model/raci/*/accountable",
    "operating_model/raci/*/responsible",
    "operating_model/raci/*/consulted",
    "operating_model/raci/*/informed",
    "non_negotiables/per_deployment/*/log_fields",
)


def coherence_faults(document: Document) -> Iterator[Fault]:
    """Every fault between the parts."""
    for check in _CHECKS:
        yield from check(document)


def _duplicates(document: Document) -> Iterator[Fault]:
    for part in PART_LISTS:
        outer, inside, inner = part.path.partition("/*/")
        for above, parent in rows(document, outer) if inside else [("", document)]:
            yield from _twice(rows(parent, inner if inside else outer), part.key, part.noun, above)


def _twice(
    found: Iterator[tuple[str, Document]], key: tuple[str, ...], noun: str, above: str
) -> Iterator[Fault]:
    seen: set[tuple[Any, ...]] = set()
    for at, row in found:
        name = tuple(_folded(row.get(field)) for field in key)
        # A field that is missing is the schema's to tell; only an optional one may be part of a key and absent.
        if name[0] is None:
            continue
        if name in seen:
            shown = ", ".join(str(row[field]) for field in key if row.get(field))
            yield Fault(
                f"{above}{at}/{key[0]}",
                f"There is already another {noun} “{shown}”; keep one of them.",
                "duplicate",
            )
        seen.add(name)


def _folded(value: Any) -> Any:
    """A value that can be compared: e-mails and codes alike, without regard to capitals."""
    return value.casefold() if isinstance(value, str) else value if isinstance(value, int) else None


def _named_twice(document: Document) -> Iterator[Fault]:
    for path in NAMED_ONCE:
        for at, names in find(document, path):
            seen: set[Any] = set()
            for position, name in enumerate(names if isinstance(names, list) else ()):
                if isinstance(name, str) and _folded(name) in seen:
                    yield Fault(f"{at}/{position}", f"“{name}” is named here twice.", "duplicate")
                seen.add(_folded(name))


def _unknown_references(document: Document) -> Iterator[Fault]:
    for path, target, noun in REFERENCES:
        known = {row.get("code") for _, row in rows(document, target) if isinstance(row.get("code"), str)}
        for at, code in find(document, path):
            if isinstance(code, str) and code not in known:
                yield Fault(at, f"There is no {noun} “{code}” in this dossier.", "unknown_reference")


def _out_of_order(document: Document) -> Iterator[Fault]:
    for path, first, after, words in ORDERS:
        for at, row in find(document, path):
            if isinstance(row, Mapping):
                low, high = _figure(row, first), _figure(row, after)
                if type(low) is type(high) and low is not None and high < low:
                    shown = f"{row.get(after, 0)} against {row.get(first, 0)}"
                    yield Fault(f"{at}/{after}", f"{words}: {shown}.", "order")


def _figure(row: Document, field: str) -> Any:
    value = row.get(field, 0 if field in _LEFT_OUT_IS_ZERO else None)
    if isinstance(value, bool):
        return None
    return float(value) if isinstance(value, int | float) else value if isinstance(value, str) else None


def _wrong_subkinds(document: Document) -> Iterator[Fault]:
    for at, node in rows(document, "outcome_chain/nodes"):
        kind, subkind = node.get("kind"), node.get("subkind")
        allowed = SUBKINDS.get(kind, ()) if isinstance(kind, str) else ()
        if isinstance(subkind, str) and isinstance(kind, str) and subkind not in allowed:
            words = f"one of {', '.join(allowed)}" if allowed else "left empty"
            yield Fault(f"{at}/subkind", f"For a node of the kind “{kind}” this must be {words}.", "choice")


def _chain_cycles(document: Document) -> Iterator[Fault]:
    links = [(at, row.get("from"), row.get("to")) for at, row in rows(document, "outcome_chain/links")]
    yield from _cycles(
        [(at, a, b) for at, a, b in links if isinstance(a, str) and isinstance(b, str)], "The chain"
    )


def _derivation_cycles(document: Document) -> Iterator[Fault]:
    edges = [
        (f"{at}/derived_from", code, source)
        for at, row in rows(document, "metrics")
        if isinstance(code := row.get("code"), str)
        for _, source in find(row, "derived_from/*")
        if isinstance(source, str)
    ]
    yield from _cycles(edges, "The computation")


def _cycles(edges: list[tuple[str, str, str]], what: str) -> Iterator[Fault]:
    """One fault a cycle, until no cycle is left; each names its nodes in order."""
    left = list(edges)
    while cycle := _one_cycle(left):
        closing = next(edge for edge in left if edge[1:] == (cycle[-2], cycle[-1]))
        yield Fault(closing[0], f"{what} goes round in a circle: {' → '.join(cycle)}.", "cycle")
        inside = set(cycle)
        left = [edge for edge in left if not {edge[1], edge[2]} <= inside]


def _one_cycle(edges: list[tuple[str, str, str]]) -> list[str]:
    sorter: graphlib.TopologicalSorter[str] = graphlib.TopologicalSorter()
    for _, start, end in edges:
        if start == end:
            return [start, start]
        sorter.add(end, start)
    try:
        sorter.prepare()
    except graphlib.CycleError as error:
        return [str(name) for name in error.args[1]]
    return []


def _own_guards(document: Document) -> Iterator[Fault]:
    for at, row in rows(document, "metrics"):
        for where, guarded in find(row, "guards/*/metric"):
            if guarded == row.get("code"):
                yield Fault(f"{at}{where}", "A metric cannot guard itself.", "reference")
        for where, leader in find(row, "leading/metric"):
            if leader == row.get("code"):
                yield Fault(f"{at}{where}", "A metric cannot lead itself.", "reference")


_CHECKS: tuple[Callable[[Document], Iterator[Fault]], ...] = (
    _duplicates,
    _named_twice,
    _unknown_references,
    _out_of_order,
    _wrong_subkinds,
    _chain_cycles,
    _derivation_cycles,
    _own_guards,
)
