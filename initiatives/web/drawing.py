"""The outcome chain of a dossier as it is drawn: metrics under their steps, shields, broken rules where they break."""

from alignment_portal.http.drawing.chain import Chain, ChainLink, ChainNode, Shield
from alignment_portal.http.drawing.scale import reading
from initiatives.dossier.metrics import Metric
from initiatives.web.looking import Look


def chain_of(look: Look) -> Chain:
    dossier = look.dossier
    codes = {node.code for node in dossier.outcome_chain.nodes}
    nodes = [
        ChainNode(
            code=node.code,
            kind=node.kind,
            title=node.title,
            metrics=tuple(
                metric_line(metric)
                for metric in dossier.metrics
                if metric.node == node.code and metric.layer != "counter"
            ),
            broken=_joined(look.broken_at(f"/outcome_chain/nodes/{position}", f"#node-{node.code}")),
            href=f"#node-{node.code}",
        )
        for position, node in enumerate(dossier.outcome_chain.nodes)
    ]
    links = [
        ChainLink(
            source=arrow.from_,
            target=arrow.to,
            broken=_joined(look.broken_at(f"/outcome_chain/links/{position}")),
            mechanism=arrow.mechanism,
        )
        for position, arrow in enumerate(dossier.outcome_chain.links)
        if arrow.from_ in codes and arrow.to in codes
    ]
    return Chain(nodes=nodes, links=links, shields=_shields(dossier.metrics, codes))


def _joined(reasons: list[str]) -> str:
    return "; ".join(dict.fromkeys(reasons))


def _shields(metrics: tuple[Metric, ...], codes: set[str]) -> list[Shield]:
    at = {metric.code: metric.node for metric in metrics}
    pairs = {
        (metric.title, at[guard.metric]): None
        for metric in metrics
        for guard in metric.guards
        if at.get(guard.metric) in codes
    }
    return [Shield(metric=title, guards=node) for title, node in pairs if node]


def metric_line(metric: Metric) -> str:
    """A metric in a line: what it is, what it was, what is claimed."""
    parts = [metric.title]
    if metric.baseline is not None:
        parts.append(reading(metric.baseline.value))
    if metric.target is not None:
        parts.append(f"{metric.target.effect:+g}".replace("-", "−"))
    return ", ".join(parts)
