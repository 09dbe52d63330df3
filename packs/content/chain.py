"""The outcome chain, drawn, with what each link rests on."""

from __future__ import annotations

from gates.engine.verdict import Finding
from packs.content.parts import (
    Block,
    Cell,
    ChainDrawing,
    ChainLink,
    ChainNode,
    Column,
    Gap,
    Section,
    Shield,
    Table,
    Words,
)
from packs.content.source import Source
from packs.content.words import capital, count, counted, joined, sentence, title_of

GATE = "outcome_chain"
STRENGTHS = {
    "none": "assumed",
    "expert": "expert judgement",
    "prior_data": "earlier data",
    "experiment": "experiment",
}


def chain_section(source: Source) -> Section:
    """What the AI changes, and how that is thought to lead to outcomes."""
    chain = source.dossier.outcome_chain
    title = "Outcome chain"
    if not chain.nodes:
        gap = Gap(
            sentence=source.missing(
                "The outcome chain is not drawn yet, so no effect can be expected", source.mover(GATE)
            )
        )
        return Section(code="chain", title=title, lead="", blocks=(gap,))
    blocks: list[Block] = [_drawing(source)]
    failing = tuple(finding for finding in source.findings(GATE) if finding.is_failing)
    if failing:
        blocks.append(_broken(failing))
    blocks.append(_changes(source))
    blocks.append(_links(source))
    return Section(code="chain", title=title, lead=_lead(source), blocks=tuple(blocks))


def _lead(source: Source) -> str:
    chain = source.dossier.outcome_chain
    counts = {
        kind: sum(node.kind == kind for node in chain.nodes) for kind in ("ai_output", "change", "outcome")
    }
    lag = max((link.lag_days for link in chain.links), default=0)
    told = (
        f"{counted(counts['ai_output'], 'AI output')} should change {count(counts['change'], 'decision, step or interaction', 'decisions, steps or interactions')} "
        f"and reach {count(counts['outcome'], 'outcome')}"
    )
    return f"{told}; the slowest link takes about {count(lag, 'day')} to show." if lag else f"{told}."


def _drawing(source: Source) -> ChainDrawing:
    chain = source.dossier.outcome_chain
    broken = _marks(source)
    of_node: dict[str, list[str]] = {}
    for metric in source.dossier.metrics:
        if metric.node and metric.layer != "counter":
            of_node.setdefault(metric.node, []).append(metric.title)
    return ChainDrawing(
        title="From AI output to outcome, with the metric of each step and the counter-metrics that guard the claims.",
        nodes=tuple(
            ChainNode(
                code=node.code,
                kind=node.kind,
                title=node.title,
                metrics=tuple(of_node.get(node.code, ())),
                broken=broken.get(node.code, ""),
            )
            for node in chain.nodes
        ),
        links=tuple(
            ChainLink(source=link.from_, target=link.to, mechanism=link.mechanism) for link in chain.links
        ),
        shields=_shields(source),
    )


def _marks(source: Source) -> dict[str, str]:
    """The rule that names a node as its place, by node."""
    found: dict[str, str] = {}
    codes = [node.code for node in source.dossier.outcome_chain.nodes]
    for finding in source.findings(GATE):
        for item in finding.items if finding.is_failing else ():
            index = item.place.removeprefix("/outcome_chain/nodes/").split("/")[0]
            if (
                item.place.startswith("/outcome_chain/nodes/")
                and index.isdecimal()
                and int(index) < len(codes)
            ):
                found.setdefault(codes[int(index)], finding.code)
    return found


def _shields(source: Source) -> tuple[Shield, ...]:
    found = []
    for metric in source.dossier.metrics:
        for guard in metric.guards:
            guarded = source.metric(guard.metric)
            if guarded is not None and guarded.node:
                found.append(Shield(metric=metric.title, guards=guarded.node))
    return tuple(found)


def _broken(failing: tuple[Finding, ...]) -> Table:
    return Table(
        title="Where the chain does not hold",
        columns=(
            Column(title="Rule", width=12),
            Column(title="What is wrong", width=44),
            Column(title="Remedy", width=44),
        ),
        rows=tuple((Cell(text=f.code), Cell(text=f.reason), Cell(text=f.remedy)) for f in failing),
    )


def _changes(source: Source) -> Block:
    changes = [node for node in source.dossier.outcome_chain.nodes if node.kind == "change"]
    if not changes:
        return Gap(
            sentence=source.missing(
                "No changed decision, workflow step or customer interaction is named", source.mover(GATE)
            )
        )
    return Table(
        title="What people do differently",
        columns=(
            Column(title="Change", width=30),
            Column(title="Who", width=18),
            Column(title="Differently, how", width=52),
        ),
        rows=tuple(
            (
                Cell(text=node.title, note=title_of(node.subkind) if node.subkind else ""),
                Cell(text=node.performer or "Not named yet"),
                Cell(text=node.difference or "Not described yet"),
            )
            for node in changes
        ),
    )


def _links(source: Source) -> Block:
    chain = source.dossier.outcome_chain
    titles = {node.code: node.title for node in chain.nodes}
    if not chain.links:
        return Words(text=source.missing("The steps are not linked yet", source.mover(GATE)))
    return Table(
        title="Why one thing should lead to the next",
        columns=(
            Column(title="From and to", width=28),
            Column(title="Mechanism", width=27),
            Column(title="What must be true", width=28),
            Column(title="Rests on", width=17),
        ),
        rows=tuple(
            (
                Cell(text=f"{titles.get(link.from_, link.from_)} → {titles.get(link.to, link.to)}"),
                Cell(text=sentence(link.mechanism) or "Not stated"),
                Cell(text=sentence(link.assumption) or "Not stated"),
                Cell(
                    text=capital(STRENGTHS[link.strength]),
                    note=joined(
                        (
                            f"{count(link.lag_days, 'day')} to show" if link.lag_days else "",
                            "the more, the less" if link.sign == "-" else "",
                        )
                    ),
                ),
            )
            for link in chain.links
        ),
    )
