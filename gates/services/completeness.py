"""Whether a dossier is complete enough to be reviewed: every part has been begun. Judging it is another matter."""

from collections.abc import Callable

from initiatives.dossier.document import Dossier

# Pointer, what is missing, and whether it is there.
PARTS: tuple[tuple[str, str, Callable[[Dossier], object]], ...] = (
    ("/initiative/summary", "Say what it does.", lambda d: d.initiative.summary.strip()),
    ("/initiative/sponsor", "Name the executive who sponsors it.", lambda d: d.initiative.sponsor),
    (
        "/initiative/scope/description",
        "Describe what is inside the scope.",
        lambda d: d.initiative.scope.description.strip(),
    ),
    (
        "/initiative/decision_sought",
        "Say which decision is sought.",
        lambda d: d.initiative.decision_sought.strip(),
    ),
    (
        "/outcome_chain/nodes",
        "Draw the outcome chain from an AI output to an outcome.",
        lambda d: {"ai_output", "outcome"} <= {node.kind for node in d.outcome_chain.nodes},
    ),
    ("/outcome_chain/links", "Say what leads to what in the outcome chain.", lambda d: d.outcome_chain.links),
    ("/metrics", "Define at least one metric.", lambda d: d.metrics),
    ("/operating_model/owners", "Name who owns what in operation.", lambda d: d.operating_model.owners),
    (
        "/risk_posture/harms",
        "Write at least one harm that is not acceptable.",
        lambda d: d.risk_posture.harms,
    ),
    (
        "/change_impact/groups",
        "Name the groups of people it changes work for.",
        lambda d: d.change_impact.groups,
    ),
    ("/trade_offs", "Write at least one trade-off.", lambda d: d.trade_offs),
)


def missing_parts(dossier: Dossier) -> tuple[tuple[str, str], ...]:
    """Pointer and sentence of every part that is still empty, in the order of the document."""
    return tuple((pointer, sentence) for pointer, sentence, is_there in PARTS if not is_there(dossier))
