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
from initiatives.dossier.metrics import Guard, Layer, Metric

LAYERS = {
    "model_health": "model health",
    "operational": "operations",
    "outcome": "outcomes",
    "counter": "counter-metric",
}


class ChangeKinds(Params, frozen=True):
    """What counts as a change."""

    subkinds: tuple[Literal["decision", "workflow_step", "customer_interaction"], ...]


class Layers(Params, frozen=True):
    """Which layers must be covered."""

    layers: tuple[Layer, ...]


class TimeUnits(Params, frozen=True):
    """Units in which less means time saved."""

    units: tuple[str, ...]


def _title(node: Node) -> str:
    return f"“{node.title}”"


def _way(path: tuple[Node, ...]) -> str:
    return " → ".join(node.title for node in path)


def _draw(text: str, node: str = "") -> NextMove:
    return deed(text, role="owner", place=f"chain/#node-{node}" if node else "chain/")


def _no_chain(ledger: Ledger, needed: str) -> Outcome:
    move = _draw("Draw the outcome chain from the AI output to a business or risk outcome")
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
            _way(path), found, _draw(f"Insert what changes between {_title(path[0])} and {_title(path[-1])}")
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
    move = _draw(f"Say of {_title(node)} {listing(missing)}", node.code)
    ledger.lack(node.title, f"{_title(node)} does not say {listing(missing)}", move, unknown=True)


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
                output.title, f"{_title(output)} leads to {_title(path[-1])}", place=_pointer(case, output)
            )
        else:
            move = _draw(f"Link {_title(output)} to what it changes and to an outcome", output.code)
            found = f"{_title(output)} leads to no business or risk outcome"
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
            _draw(f"Say what changes in operations before {_title(path[-1])}", path[-1].code),
        )
    for link in graph.links:
        here, there = graph.nodes[link.from_], graph.nodes[link.to]
        if {link.from_, link.to} <= graph.on_path and ORDER[here.kind] > ORDER[there.kind]:
            found = f"the link from {_title(here)} leads back to {_title(there)}, an earlier layer"
            ledger.lack(
                here.title, found, _draw(f"Turn or remove the link from {_title(here)} to {_title(there)}")
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


# -- every node on a claimed path is measured -----------------------------------------------------------------


def claimed_nodes(case: Case) -> dict[str, Metric]:
    """Nodes on a claimed path, each with the claim that runs through it."""
    found: dict[str, Metric] = {}
    for claim in case.view.claims:
        path = claim.target.path if claim.target else ()
        codes = path or (sorted(case.view.graph.between(claim.node)) if claim.node else ())
        for code in codes:
            found.setdefault(code, claim)
    return {code: found[code] for code in case.view.graph.nodes if code in found}


def no_claims(ledger: Ledger, needed: str) -> Outcome:
    """Nothing is claimed yet, so nothing about claims is shown."""
    move = deed(
        "Write down what is claimed: a metric with a target", role="owner", place="measurement/", key="claim"
    )
    ledger.lack("Claims", "no metric carries a claim yet", move, needed=needed, unknown=True)
    return ledger.settle()


@check("chain.claimed_paths_are_measured", Layers)
def claimed_paths_are_measured(case: Case, params: Layers) -> Outcome:
    """Every node on a claimed path has a metric, and the layers are each covered."""
    ledger, graph = Ledger(), case.view.graph
    if not case.view.claims:
        return no_claims(ledger, "a metric on every step of a claimed path")
    measured = {metric.node for metric in case.dossier.metrics}
    for code, claim in claimed_nodes(case).items():
        if code not in measured:
            node = graph.nodes[code]
            move = _draw(f"Name a metric for {_title(node)}", code)
            ledger.lack(
                node.title,
                f"nothing measures {_title(node)}, on the way to {claim.title}",
                move,
                unknown=True,
            )
    for layer in params.layers:
        titles = [metric.title for metric in case.dossier.metrics if metric.layer == layer]
        if titles:
            ledger.note(LAYERS[layer], f"{LAYERS[layer]} is shown by {some(titles)}")
        else:
            move = deed(f"Name a metric for the layer {LAYERS[layer]}", role="owner", place="measurement/")
            ledger.lack(LAYERS[layer], f"no metric covers the layer {LAYERS[layer]}", move, unknown=True)
    return ledger.settle()


@claimed_paths_are_measured.mend
def mend_claimed_paths_are_measured(case: Case, params: Layers) -> Facts:
    """Give each unmeasured node a metric, and each missing layer one."""
    facts = mending.with_a_claim(case.facts)
    view = type(case.view)(case.policy, facts, case.now)
    measured = {metric.node for metric in facts.dossier.metrics}
    for code in claimed_nodes(view.case(case.rule)):
        if code not in measured:
            facts = mending.with_more_metrics(
                facts, mending.new_operational(facts, case.today, "step", node=code)
            )
    for layer in params.layers:
        if not any(metric.layer == layer for metric in facts.dossier.metrics):
            make = mending.new_operational(facts, case.today, layer.replace("_", "-"), layer=layer)
            facts = mending.with_more_metrics(facts, make)
    return facts


# -- claims are guarded ---------------------------------------------------------------------------------------


def origins(metrics: dict[str, Metric], code: str) -> frozenset[str]:
    """The metric and all it is computed from."""
    seen: set[str] = set()
    waiting = [code]
    while waiting:
        here = waiting.pop()
        if here not in seen:
            seen.add(here)
            waiting += metrics[here].derived_from if here in metrics else ()
    return frozenset(seen)


def is_independent(case: Case, counter: Metric, claim: Metric) -> bool:
    """Whether the counter-metric is not computed from the same number as the claim."""
    metrics = dict(case.view.metrics)
    ratio = (claim.numerator, claim.denominator)
    same_ratio = all(ratio) and ratio == (counter.numerator, counter.denominator)
    return not same_ratio and not (origins(metrics, counter.code) & origins(metrics, claim.code))


def guards_of(case: Case, claim: Metric) -> tuple[Metric, ...]:
    """Counter-metrics that guard the claim."""
    return tuple(c for c in case.view.counters if any(guard.metric == claim.code for guard in c.guards))


@check("chain.claims_are_guarded", NoParams)
def claims_are_guarded(case: Case, _: NoParams) -> Outcome:
    """Every claim is guarded by a counter-metric that is not computed from the same number."""
    ledger = Ledger()
    if not case.view.claims:
        return no_claims(ledger, "a counter-metric that guards each claim")
    for claim in case.view.claims:
        guards = guards_of(case, claim)
        sound = [guard.title for guard in guards if is_independent(case, guard, claim)]
        place = case.view.metric_place(claim.code)
        if sound:
            ledger.note(claim.title, f"{claim.title} is guarded by {some(sound)}", place=place)
            continue
        found = (
            f"{guards[0].title} guards {claim.title} but is computed from the same number"
            if guards
            else f"no counter-metric guards {claim.title}"
        )
        move = deed(
            f"Name a counter-metric that would get worse if {claim.title} were won by gaming",
            role="owner",
            place=f"measurement/#metric-{claim.code}",
        )
        ledger.lack(claim.title, found, move, place=place, unknown=not guards)
    return ledger.settle()


@claims_are_guarded.mend
def mend_claims_are_guarded(case: Case, _: NoParams) -> Facts:
    """Add one counter-metric that guards every unguarded claim."""
    facts = mending.with_a_claim(case.facts)
    case = type(case.view)(case.policy, facts, case.now).case(case.rule)
    bare = [c for c in case.view.claims if not any(is_independent(case, g, c) for g in guards_of(case, c))]
    if not bare:
        return facts
    guards = tuple(Guard(metric=claim.code, gaming=mending.STAND_IN) for claim in bare)
    set_on = min([case.today, *(r.recorded_at.date() for r in facts.results)])
    counter = mending.new_counter(facts, guards=guards, set_on=set_on)
    return mending.with_more_metrics(facts, counter)


# -- no orphans -----------------------------------------------------------------------------------------------


@check("chain.no_orphans", NoParams)
def no_orphans(case: Case, _: NoParams) -> Outcome:
    """Every node but context lies on a way to an outcome, and every link says why it should hold."""
    ledger, graph = Ledger(), case.view.graph
    if not graph.on_path:
        return _no_chain(ledger, "no step beside the way")
    for node in graph.nodes.values():
        if node.kind != "context" and node.code not in graph.on_path:
            move = _draw(f"Link {_title(node)} to the chain, or remove it", node.code)
            ledger.lack(
                node.title, f"{_title(node)} lies on no way to an outcome", move, place=_pointer(case, node)
            )
    for link in case.dossier.outcome_chain.links:
        if not (link.mechanism.strip() or link.assumption.strip()):
            ends = [_title(graph.nodes[code]) for code in (link.from_, link.to) if code in graph.nodes]
            move = _draw(f"Say why {' leads to '.join(ends)}", link.from_)
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


# -- the headline ---------------------------------------------------------------------------------------------


class HeadlineLayers(Params, frozen=True):
    """Layers the headline may not come from."""

    forbidden: tuple[Layer, ...]


@check("chain.headline_is_not_a_model_metric", HeadlineLayers)
def headline_is_not_a_model_metric(case: Case, params: HeadlineLayers) -> Outcome:
    """What executives hear first is an operational change or an outcome."""
    ledger = Ledger()
    headlines = [metric for metric in case.dossier.metrics if metric.headline]
    if not headlines:
        move = deed("Mark the metric the executives hear first", role="owner", place="measurement/")
        ledger.lack("Headline", "no metric is marked as the headline", move, unknown=True)
    for metric in headlines:
        found = f"the headline {metric.title} is about {LAYERS[metric.layer]}"
        place = case.view.metric_place(metric.code)
        if metric.layer in params.forbidden:
            move = deed(
                f"Choose an operational metric or an outcome as headline in place of {metric.title}",
                role="owner",
                place=f"measurement/#metric-{metric.code}",
            )
            ledger.lack(metric.title, found, move, place=place)
        else:
            ledger.note(metric.title, found, place=place)
    return ledger.settle()


@headline_is_not_a_model_metric.mend
def mend_headline_is_not_a_model_metric(case: Case, params: HeadlineLayers) -> Facts:
    """Move the headline to a claim, or to a new operational metric."""
    facts = case.facts
    for metric in facts.dossier.metrics:
        if metric.layer in params.forbidden and metric.headline:
            facts = mending.with_metric(facts, metric.code, headline=False)
    if any(metric.headline for metric in facts.dossier.metrics):
        return facts
    able = [m for m in case.view.claims if m.layer not in params.forbidden]
    able += [m for m in facts.dossier.metrics if m.layer not in params.forbidden and m.layer != "counter"]
    if able:
        return mending.with_metric(facts, able[0].code, headline=True)
    return mending.with_more_metrics(
        facts, mending.new_metric(facts, "headline", headline=True, layer="outcome")
    )


# -- effort elsewhere -----------------------------------------------------------------------------------------


@check("chain.saved_time_is_followed", TimeUnits)
def saved_time_is_followed(case: Case, params: TimeUnits) -> Outcome:
    """Where time is claimed to be saved, a metric shows where the work may go."""
    ledger = Ledger()
    savings = [metric for metric in case.view.claims if saves_time(metric, params.units)]
    followers = [metric.title for metric in case.dossier.metrics if "effort_elsewhere" in metric.tags]
    if not savings:
        ledger.note("Time saved", "no saving of time is claimed")
    for metric in savings:
        if followers:
            found = f"{metric.title} claims saved time, and {some(followers)} shows where it may go"
            ledger.note(metric.title, found, place=case.view.metric_place(metric.code))
            continue
        move = deed(
            "Name a metric for rework, validation, escalation or exceptions, and tag it as effort elsewhere",
            role="operation",
            place="measurement/",
        )
        found = f"{metric.title} claims saved time, and nothing shows where the work may go"
        ledger.lack(metric.title, found, move, place=case.view.metric_place(metric.code), unknown=True)
    return ledger.settle()


def saves_time(metric: Metric, units: tuple[str, ...]) -> bool:
    """Whether less of the metric means time saved."""
    in_time = metric.unit.lower().startswith(units) and metric.direction == "lower_better"
    return "time_saved" in metric.tags or in_time


@saved_time_is_followed.mend
def mend_saved_time_is_followed(case: Case, _: TimeUnits) -> Facts:
    """Tag a captured operational metric, or a new metric, as effort elsewhere."""
    effort = mending.new_operational(case.facts, case.today, "effort-elsewhere", tags=("effort_elsewhere",))
    return mending.with_more_metrics(case.facts, effort)
