"""Who wants what, how far it may reach, and who carries it."""

from __future__ import annotations

from typing import Annotated, Literal

from initiatives.dossier.scalars import (
    Archetype,
    Code,
    Count,
    Day,
    Email,
    Horizon,
    Key,
    Lane,
    Line,
    Part,
    Share,
    Text,
    ask,
)


class Scope(Part):
    """How far the initiative may reach at its horizon; live deployments are checked against it."""

    description: Annotated[
        Text,
        ask(
            "What is inside the scope, and what is not?",
            good="Tickets about order status and returns; everything else goes to a person.",
        ),
    ] = ""
    categories: Annotated[
        tuple[Line, ...],
        ask(
            "Which named categories may it touch?",
            "One per line. A live deployment outside them is a breach.",
        ),
    ] = ()
    volume_share_limit: Annotated[
        Share | None,
        ask("At most which share of the volume?", "0.1 is ten per cent. H1 usually stays at or below 0.1."),
    ] = None
    people_affected: Annotated[Count | None, ask("How many people does it affect?", unit="people")] = None
    audience: Annotated[Literal["internal", "customer"], ask("Who meets its output?")] = "internal"
    personal_data: Annotated[
        Literal["none", "employees", "customers"], ask("Whose personal data does it touch?")
    ] = "none"
    everything_else_to: Annotated[
        Line,
        ask("Where does everything outside the scope go?", good="To the agent's normal queue, unassisted."),
    ] = ""


class Initiative(Part):
    """One AI use case under review."""

    key: Key
    title: Annotated[Line, ask("What is it called?", min_length=1)]
    archetype: Annotated[Archetype, ask("Which kind of AI is it?", "It selects the extra rules.")]
    owner: Annotated[Email, ask("Who owns it?", "The programme manager who keeps this dossier.")]
    sponsor: Annotated[Email | None, ask("Which executive sponsors it?")] = None
    summary: Annotated[
        Text,
        ask(
            "What does it do, in two sentences?",
            "Say which decision or step changes, not which model is used.",
        ),
    ] = ""
    horizon: Annotated[
        Horizon,
        ask(
            "Which horizon is this package for?",
            "H1 proves in a limited scope, H2 extends, H3 is full scale.",
        ),
    ] = "H1"
    cluster: Annotated[Code | None, ask("Which cluster does it belong to, if any?")] = None
    team: Annotated[tuple[Email, ...], ask("Who else works on it?", "They may edit this dossier.")] = ()
    scope: Scope = Scope()
    lane: Annotated[
        Lane | None,
        ask("Raise the review lane?", "The policy computes a lane; it may be raised, never lowered."),
    ] = None
    decision_sought: Annotated[
        Text,
        ask(
            "Which decision is sought from the executives?",
            good="Agree to extend to all consumer tickets at H2 from 1 September.",
        ),
    ] = ""
    learning_question: Annotated[
        Text,
        ask(
            "If it may only learn: which question is to be answered?",
            good="Do agents accept drafts for returns without more repeat contacts?",
        ),
    ] = ""
    learning_ends_on: Annotated[Day | None, ask("Until when may it learn?", "At most 12 weeks.")] = None
    planned_launch_on: Annotated[Day | None, ask("When is launch planned?")] = None
    classification: Annotated[
        Literal["public", "internal", "confidential", "restricted"], ask("How is its board paper classified?")
    ] = "internal"


class Deployment(Part):
    """One place where the AI runs for real."""

    code: Code
    title: Annotated[Line, ask("Where does it run?", good="Contact centre Leeds, returns team")] = ""
    state: Annotated[Literal["planned", "live", "paused", "retired"], ask("In which state is it?")] = (
        "planned"
    )
    horizon: Annotated[Horizon, ask("At which horizon?")] = "H1"
    mode: Annotated[Literal["advisory", "binding"], ask("Is its output advisory or binding?")] = "advisory"
    live_from: Annotated[Day | None, ask("Live since?")] = None
    live_until: Annotated[Day | None, ask("Live until?")] = None
    categories: Annotated[tuple[Line, ...], ask("Which categories does it serve?", "One per line.")] = ()
    volume_share: Annotated[
        Share | None, ask("Which share of the volume goes through it?", "The observed share, 0 to 1.")
    ] = None
    model_version: Annotated[Line, ask("Which model or prompt version runs?")] = ""
