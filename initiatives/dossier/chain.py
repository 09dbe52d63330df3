"""The outcome chain: AI output, changed decision or step, operational effect, outcome."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from initiatives.dossier.scalars import Code, Count, Line, Part, Text, ask

NodeKind = Literal["ai_output", "change", "operational_effect", "outcome", "context"]
Subkind = Literal["decision", "workflow_step", "customer_interaction", "business", "risk"]


class Node(Part):
    """One box of the chain."""

    code: Code
    kind: Annotated[NodeKind, ask("What kind of step is it?")]
    title: Annotated[Line, ask("What happens here?", min_length=1)]
    subkind: Annotated[
        Subkind | None,
        ask(
            "More exactly?",
            "A change is a decision, a workflow step or a customer interaction; an outcome is business or risk.",
        ),
    ] = None
    performer: Annotated[Line, ask("Who performs it?", good="Underwriter")] = ""
    difference: Annotated[
        Text,
        ask(
            "What do they do differently?",
            good="Starts from the recommended limit and records a reason when deviating.",
        ),
    ] = ""


class Link(Part):
    """One arrow: what leads to what, and why one should believe it."""

    from_: Annotated[Code, ask("From")] = msgspec.field(name="from")
    to: Annotated[Code, ask("To")]
    mechanism: Annotated[Text, ask("Why does one lead to the other?")] = ""
    assumption: Annotated[
        Text, ask("What must be true for that?", "Something that could turn out false.")
    ] = ""
    lag_days: Annotated[Count, ask("How long until it shows?", unit="days")] = 0
    sign: Annotated[Literal["+", "-"], ask("Does more lead to more, or to less?")] = "+"
    strength: Annotated[
        Literal["none", "expert", "prior_data", "experiment"], ask("How strong is the evidence?")
    ] = "none"


class OutcomeChain(Part):
    """The directed acyclic graph from AI output to outcome."""

    nodes: tuple[Node, ...] = ()
    links: tuple[Link, ...] = ()
