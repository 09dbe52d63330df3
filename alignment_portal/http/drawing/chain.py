"""The outcome chain as data: what is drawn, without saying how."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["ai_output", "change", "operational_effect", "outcome", "context"]
COLUMNS: Mapping[str, int] = {
    "ai_output": 0,
    "context": 0,
    "change": 1,
    "operational_effect": 2,
    "outcome": 3,
}


@dataclass(frozen=True)
class ChainNode:
    code: str
    kind: str
    title: str
    metrics: tuple[str, ...] = ()
    broken: str = ""
    href: str = ""

    @property
    def column(self) -> int:
        return COLUMNS[self.kind]


@dataclass(frozen=True)
class ChainLink:
    source: str
    target: str
    broken: str = ""
    mechanism: str = ""


@dataclass(frozen=True)
class Shield:
    """A counter-metric and the code of the node whose claim it guards."""

    metric: str
    guards: str


@dataclass(frozen=True)
class Chain:
    nodes: Sequence[ChainNode]
    links: Sequence[ChainLink]
    shields: Sequence[Shield] = field(default=())

    def node(self, code: str) -> ChainNode:
        return next(node for node in self.nodes if node.code == code)

    def shields_of(self, code: str) -> tuple[Shield, ...]:
        return tuple(shield for shield in self.shields if shield.guards == code)

    def summary(self) -> str:
        """The chain in a sentence, for those who hear it."""
        counts = [sum(node.kind == kind for node in self.nodes) for kind in COLUMNS if kind != "context"]
        broken = sum(bool(node.broken) for node in self.nodes) + sum(bool(link.broken) for link in self.links)
        names = ("AI outputs", "changes", "operational effects", "outcomes")
        told = ", ".join(
            f"{count} {name if count != 1 else name[:-1]}" for count, name in zip(counts, names, strict=True)
        )
        places = "place" if broken == 1 else "places"
        return f"Outcome chain with {told}" + (f"; broken in {broken} {places}." if broken else ".")
