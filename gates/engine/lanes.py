"""The review lane: computed from facts, raised by people, never lowered."""

from __future__ import annotations

from gates.engine.policy import Lanes
from gates.engine.words import count, listing
from initiatives.dossier.document import Dossier
from initiatives.dossier.scalars import Lane

RANKS: tuple[Lane, ...] = ("light", "standard", "enhanced")
ARCHETYPES = {
    "genai_customer_facing": "it is generative AI in front of customers",
    "ml_decisioning": "it is machine learning in decisions",
    "agentic_automation": "it acts by itself",
    "internal_copilot": "it is an internal copilot",
    "forecasting": "it forecasts",
}


def _modes(dossier: Dossier) -> tuple[str, ...]:
    rights = dossier.operating_model.decision_rights
    return tuple(right.mode for right in rights) + tuple(
        deployment.mode for deployment in dossier.deployments if deployment.state != "retired"
    )


def _raisers(terms: Lanes, dossier: Dossier) -> list[str]:
    initiative = dossier.initiative
    reasons = []
    if initiative.archetype in terms.enhanced_archetypes:
        reasons.append(ARCHETYPES[initiative.archetype])
    if any(mode in terms.enhanced_modes for mode in _modes(dossier)):
        reasons.append("its output is binding")
    if initiative.scope.personal_data == "customers":
        reasons.append("it touches customers' personal data")
    return reasons


def _weights(terms: Lanes, dossier: Dossier) -> list[str]:
    scope = dossier.initiative.scope
    reasons = []
    if scope.audience != terms.light_audience:
        reasons.append("customers meet its output")
    if any(mode not in terms.light_modes for mode in _modes(dossier)):
        reasons.append("its output is more than advice")
    if scope.people_affected is None:
        reasons.append("the number of people it affects is not stated")
    elif scope.people_affected > terms.light_people_at_most:
        reasons.append(f"it affects {count(scope.people_affected, 'person', 'people')}")
    return reasons


def lane_of(terms: Lanes, dossier: Dossier) -> tuple[Lane, str]:
    """The lane and the reason for it in one sentence."""
    if reasons := _raisers(terms, dossier):
        lane, why = "enhanced", listing(reasons)
    elif reasons := _weights(terms, dossier):
        lane, why = "standard", listing(reasons)
    else:
        lane, why = (
            "light",
            "it is internal, advisory, without customers' personal data, and affects few people",
        )
    computed: Lane = RANKS[RANKS.index(lane)]
    asked = dossier.initiative.lane
    if asked is not None and RANKS.index(asked) > RANKS.index(computed):
        return (
            asked,
            f"{asked.capitalize()} lane: raised by its owner; the facts alone ask for {computed}, because {why}.",
        )
    return computed, f"{computed.capitalize()} lane, because {why}."
