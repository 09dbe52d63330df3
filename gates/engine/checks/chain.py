"""The outcome chain: does what the AI puts out change anything, and is the whole way to the outcome measured?"""

from __future__ import annotations

from typing import Literal

from gates.engine import mending
from gates.engine.checking import Ledger, Outcome, check, deed
from gates.engine.facts import Facts
from gates.engine.graph import ORDER
from gates.engine.policy import NoParams, Params
from gates.engine.verdict import NextMove
from gates.engine.view import Case
from gates.engine.words import listing, some
from initiatives.dossier.chain import Link, Node, OutcomeChain


class ChangeKinds(Params, frozen=True):
    """What counts as a change."""

    subkinds: tuple[Literal["decision", "workflow_step", "customer_interaction"], ...]


def title_of(node: Node) -> str:
    """A node's title, set apart from the sentence around it."""
    return f"“{node.title}”"


def _way(path: tuple[Node, ...]) -> str:
    return " → ".join(node.title for node in path)


def draw(text: str, node: str = "") -> NextMove:
    """A deed at the chain, or at one node of it."""
    return deed(text, role="owner", place=f"chain/#node-{node}" if node else "chain/")


def _no_chain(ledger: Ledger, needed: str) -> Outcome:
    move = draw("Draw the outcome chain from the AI output to a business or risk outcome")
    ledger.lack(
        "Outcome chain", "no way from an AI output to an outcome is drawn", move, needed=needed, unknown=True
    )
    return ledger.settle()


# -- a changed decision, step or interaction on every path ----------------------------------------------------


@check("chain.every_path_has_change", ChangeKinds)
def every_path_has_change(case: Case, params: ChangeKinds) -> Outcome:
    """Delete every complete change; if an outcome can still be reached, that path changes nothing."""
    ledger, graph = Ledger(), case.view.graph
    if not graph.on_path:
        return _no_chain(ledger, "a changed decision, step or interaction on the way")
    path = graph.path(graph.outputs, graph.outcomes, lambda node: not _is_change(node, params))
    for node in path:
        if node.kind == "change":
            _lack_in_change(ledger, node, params)
    if path and not ledger.has_failed:
        found = f"{_way(path)} reaches the outcome although nobody does anything differently"
        ledger.lack(
            _way(path),
            found,
            draw(f"Insert what changes between {title_of(path[0])} and {title_of(path[-1])}"),
        )
    for node in graph.of_kind("change") if not path else ():
        if node.code in graph.on_path:
            ledger.note(
                node.title, f"{node.performer}: {node.difference.rstrip('.')}", place=_pointer(case, node)
            )
    return ledger.settle()


def _is_change(node: Node, params: ChangeKinds) -> bool:
    return (
        node.kind == "change"
        and node.subkind in params.subkinds
        and bool(node.performer.strip())
        and bool(node.difference.strip())
    )


def _lack_in_change(ledger: Ledger, node: Node, params: ChangeKinds) -> None:
    missing = [
        words
        for words, given in (
            (
                "whether it is a decision, a workflow step or a customer interaction",
                node.subkind in params.subkinds,
            ),
            ("who performs it", node.performer.strip()),
            ("what they do differently", node.difference.strip()),
        )
        if not given
    ]
    move = draw(f"Say of {title_of(node)} {listing(missing)}", node.code)
    ledger.lack(node.title, f"{title_of(node)} does not say {listing(missing)}", move, unknown=True)


def _pointer(case: Case, node: Node) -> str:
    return f"/outcome_chain/nodes/{list(case.view.graph.nodes).index(node.code)}"


@every_path_has_change.mend
def mend_every_path_has_change(case: Case, params: ChangeKinds) -> Facts:
    """Complete the changes there are, and put one into every path that has none."""
    facts = case.facts if case.view.graph.on_path else mending.with_a_way(case.facts)
    for node in facts.dossier.outcome_chain.nodes:
        if node.kind == "change":
            facts = mending.with_node(
                facts,
                node.code,
                subkind=node.subkind if node.subkind in params.subkinds else params.subkinds[0],
                performer=node.performer.strip() or mending.STAND_IN,
                difference=node.difference.strip() or mending.STAND_IN,
            )
    return mending.bridged(facts, "change")


# -- an outcome reachable from every output -------------------------------------------------------------------


@check("chain.every_output_reaches_outcome", NoParams)
def every_output_reaches_outcome(case: Case, _: NoParams) -> Outcome:
    """From each AI output at least one business or risk outcome can be reached."""
    ledger, graph = Ledger(), case.view.graph
    if not graph.outputs:
        return _no_chain(ledger, "an outcome reachable from every AI output")
    for output in graph.of_kind("ai_output"):
        path = graph.path([output.code], graph.outcomes)
        if path:
            ledger.note(
                output.title,
                f"{title_of(output)} leads to {title_of(path[-1])}",
                place=_pointer(case, output),
            )
        else:
            move = draw(f"Link {title_of(output)} to what it changes and to an outcome", output.code)
            found = f"{title_of(output)} leads to no business or risk outcome"
            ledger.lack(output.title, found, move, place=_pointer(case, output))
    return ledger.settle()


@every_output_reaches_outcome.mend
def mend_every_output_reaches_outcome(case: Case, _: NoParams) -> Facts:
    """Link every output that leads nowhere into a way that leads to an outcome."""
    facts = case.facts if case.view.graph.on_path else mending.with_a_way(case.facts)
    view = type(case.view)(case.policy, facts, case.now)
    changes = [node.code for node in view.graph.of_kind("change") if node.code in view.graph.on_path]
    loose = [code for code in view.graph.outputs if not view.graph.path([code], view.graph.outcomes)]
    if not changes:
        return facts
    links = tuple(Link(from_=code, to=changes[0], mechanism=mending.STAND_IN) for code in loose)
    return mending.with_chain(facts, links=links)


# -- an operational effect on every path ----------------------------------------------------------------------


@check("chain.every_path_has_effect", NoParams)
def every_path_has_effect(case: Case, _: NoParams) -> Outcome:
    """Every path to an outcome passes an operational effect, and no link leads back to an earlier layer."""
    ledger, graph = Ledger(), case.view.graph
    if not graph.on_path:
        return _no_chain(ledger, "an operational effect on every way to an outcome")
    path = graph.path(graph.outputs, graph.outcomes, lambda node: node.kind != "operational_effect")
    if path:
        found = f"{_way(path)} jumps to the outcome without an operational effect"
        ledger.lack(
            _way(path),
            found,
            draw(f"Say what changes in operations before {title_of(path[-1])}", path[-1].code),
        )
    for link in graph.links:
        here, there = graph.nodes[link.from_], graph.nodes[link.to]
        if {link.from_, link.to} <= graph.on_path and ORDER[here.kind] > ORDER[there.kind]:
            found = f"the link from {title_of(here)} leads back to {title_of(there)}, an earlier layer"
            ledger.lack(
                here.title, found, draw(f"Turn or remove the link from {title_of(here)} to {title_of(there)}")
            )
    if not ledger.has_failed:
        effects = [n.title for n in graph.of_kind("operational_effect") if n.code in graph.on_path]
        ledger.note("Operational effects", f"every way to an outcome passes {some(effects)}")
    return ledger.settle()


@every_path_has_effect.mend
def mend_every_path_has_effect(case: Case, _: NoParams) -> Facts:
    """Drop the links that lead back, and put an effect where a path has none."""
    facts = case.facts if case.view.graph.on_path else mending.with_a_way(case.facts)
    chain = facts.dossier.outcome_chain
    kinds = {node.code: ORDER.get(node.kind, -1) for node in chain.nodes}
    links = tuple(
        link
        for link in chain.links
        if min(kinds.get(link.from_, -1), kinds.get(link.to, -1)) < 0 or kinds[link.from_] <= kinds[link.to]
    )
    return mending.bridged(mending.with_part(facts, "outcome_chain", links=links), "operational_effect")


# -- no orphans -----------------------------------------------------------------------------------------------


@check("chain.no_orphans", NoParams)
def no_orphans(case: Case, _: NoParams) -> Outcome:
    """Every node but context lies on a way to an outcome, and every link says why it should hold."""
    ledger, graph = Ledger(), case.view.graph
    if not graph.on_path:
        return _no_chain(ledger, "no step beside the way")
    for node in graph.nodes.values():
        if node.kind != "context" and node.code not in graph.on_path:
            move = draw(f"Link {title_of(node)} to the chain, or remove it", node.code)
            ledger.lack(
                node.title, f"{title_of(node)} lies on no way to an outcome", move, place=_pointer(case, node)
            )
    for link in case.dossier.outcome_chain.links:
        if not (link.mechanism.strip() or link.assumption.strip()):
            ends = [title_of(graph.nodes[code]) for code in (link.from_, link.to) if code in graph.nodes]
            move = draw(f"Say why {' leads to '.join(ends)}", link.from_)
            found = f"the link {' to '.join(ends)} states neither mechanism nor assumption"
            ledger.lack(" to ".join(ends), found, move, unknown=True)
    if not ledger.has_failed:
        ledger.note("Outcome chain", "every step lies on a way to an outcome, and every link says why")
    return ledger.settle()


@no_orphans.mend
def mend_no_orphans(case: Case, _: NoParams) -> Facts:
    """Remove steps that lead nowhere, and say why of every link."""
    facts = case.facts if case.view.graph.on_path else mending.with_a_way(case.facts)
    graph = type(case.view)(case.policy, facts, case.now).graph
    kept = tuple(
        n for n in facts.dossier.outcome_chain.nodes if n.kind == "context" or n.code in graph.on_path
    )
    codes = {node.code for node in kept}
    links = tuple(
        Link(
            from_=k.from_,
            to=k.to,
            lag_days=k.lag_days,
            sign=k.sign,
            mechanism=k.mechanism.strip() or mending.STAND_IN,
        )
        for k in facts.dossier.outcome_chain.links
        if {k.from_, k.to} <= codes
    )
    return mending.with_dossier(facts, outcome_chain=OutcomeChain(nodes=kept, links=links))
