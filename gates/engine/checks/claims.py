"""Claims: is every step towards them measured, are they guarded, and is the headline about the work?"""

from __future__ import annotations

from gates.engine import mending
from gates.engine.checking import Ledger, Outcome, check, deed
from gates.engine.checks.chain import draw, title_of
from gates.engine.facts import Facts
from gates.engine.policy import NoParams, Params
from gates.engine.view import Case
from gates.engine.words import some
from initiatives.dossier.metrics import Guard, Layer, Metric

LAYERS = {
    "model_health": "model health",
    "operational": "operations",
    "outcome": "outcomes",
    "counter": "counter-metric",
}


class Layers(Params, frozen=True):
    """Which layers must be covered."""

    layers: tuple[Layer, ...]


class TimeUnits(Params, frozen=True):
    """Units in which less means time saved."""

    units: tuple[str, ...]


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
            move = draw(f"Name a metric for {title_of(node)}", code)
            ledger.lack(
                node.title,
                f"nothing measures {title_of(node)}, on the way to {claim.title}",
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
