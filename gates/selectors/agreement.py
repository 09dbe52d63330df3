"""What the policy in force asks of an alignment review; the doors of the reviews hand it to their service."""

from collections.abc import Iterable
from dataclasses import dataclass

from gates.engine import Policy
from gates.engine.checks.agreement import Period, Quorum
from gates.engine.lanes import lane_of
from gates.selectors.policies import current_policy
from initiatives.dossier.document import Dossier


@dataclass(frozen=True)
class ReviewTerms:
    """Who has to agree, how many have to take part, and which policy says so."""

    required_roles: tuple[str, ...]
    quorum: float
    policy_version: str
    reaffirm_days: int  # how long an agreement holds


def review_terms(dossiers: Iterable[Dossier], policy: Policy | None = None) -> ReviewTerms:
    """Terms for a review of these dossiers together; only where all are in the light lane are its roles enough."""
    in_force = policy or current_policy()
    asked = next(rule.params for rule in in_force.rules if isinstance(rule.params, Quorum))
    lanes = {lane_of(in_force.lanes, dossier)[0] for dossier in dossiers}
    roles = asked.light_roles if lanes == {"light"} else asked.roles
    period = next((rule.params for rule in in_force.rules if isinstance(rule.params, Period)), Period())
    return ReviewTerms(roles, asked.share, in_force.version, period.reaffirm_days)


def gate_titles() -> dict[str, str]:
    """The gates of the policy in force, by code: what a commitment can unblock."""
    return {gate.code: gate.title for gate in current_policy().gates}
