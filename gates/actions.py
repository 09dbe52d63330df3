"""The audit codes of this app, and the one table of how status may move."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from alignment_portal.actions import ActionWords


class Actions(ActionWords):
    EVIDENCE_SUBMITTED = (
        "gates.evidence.submit",
        "evidence submitted",
        "{actor} submitted {subject} for {question}",
    )
    EVIDENCE_ACCEPTED = (
        "gates.evidence.accept",
        "evidence accepted",
        "{actor} accepted {subject} for {question}",
    )
    EVIDENCE_REJECTED = "gates.evidence.reject", "evidence rejected", "{actor} rejected {subject}: {reason}"
    EVIDENCE_WITHDRAWN = (
        "gates.evidence.withdraw",
        "evidence withdrawn",
        "{actor} withdrew {subject}: {reason}",
    )
    GATE_ENDORSED = "gates.endorsement.give", "gate endorsed", "{actor} endorsed the gate {gate} ({subject})"
    ENDORSEMENT_WITHDRAWN = (
        "gates.endorsement.withdraw",
        "endorsement withdrawn",
        "{actor} withdrew the endorsement {subject}: {reason}",
    )
    WAIVER_REQUESTED = (
        "gates.waiver.request",
        "waiver asked for",
        "{actor} asked to waive {rule} until {until} ({subject}): {reason}",
    )
    WAIVER_ACCEPTED = (
        "gates.waiver.accept",
        "waiver accepted",
        "{actor} accepted the waiver {subject}: {reason}",
    )
    WAIVER_DECLINED = (
        "gates.waiver.decline",
        "waiver declined",
        "{actor} declined the waiver {subject}: {reason}",
    )
    WAIVER_WITHDRAWN = (
        "gates.waiver.withdraw",
        "waiver withdrawn",
        "{actor} withdrew the waiver {subject}: {reason}",
    )
    EVALUATED = "gates.evaluation.record", "verdict recorded", "{actor} judged {initiative}: {level}"
    STATUS_MOVED = (
        "gates.status.move",
        "status moved",
        "{actor} moved {initiative} from {from_status} to {to_status}",
    )
    REINSTATEMENT_PROPOSED = (
        "gates.reinstatement.propose",
        "lifting a suspension proposed",
        "{actor} proposed to bring {initiative} back to {to_status}",
    )
    POLICY_PROPOSED = (
        "gates.policy.propose",
        "policy proposed",
        "{actor} proposed the policy {subject}: {reason}",
    )
    POLICY_ADOPTED = "gates.policy.adopt", "policy in force", "{actor} put the policy {subject} in force"
    REPLAY_OPENED = (
        "gates.replay.open",
        "history opened for loading",
        "{actor} began to load a portfolio's history",
    )
    REPLAY_CLOSED = "gates.replay.close", "history closed", "{actor} finished loading a portfolio's history"


class Mover(StrEnum):
    """Who may make a move."""

    AUTHOR = "author"
    EXECUTIVE = "executive"
    SYSTEM = "system"
    TWO_PEOPLE = "two people"


@dataclass(frozen=True)
class Move:
    """One row of the table of moves. `level` is the least verdict it needs; empty where it needs none."""

    from_status: str
    to_status: str
    movers: tuple[Mover, ...]
    level: str = ""


# INVARIANT: the table of moves in the policy; the database guards are written from it as well.
MOVES: tuple[Move, ...] = (
    Move("draft", "in_review", (Mover.AUTHOR,)),
    Move("in_review", "draft", (Mover.AUTHOR,)),
    Move("in_review", "learning_only", (Mover.EXECUTIVE,), "learning_only"),
    Move("in_review", "aligned", (Mover.EXECUTIVE,), "aligned"),
    Move("learning_only", "aligned", (Mover.EXECUTIVE,), "aligned"),
    Move("aligned", "scale_ready", (Mover.EXECUTIVE,), "scale_ready"),
    Move("learning_only", "suspended", (Mover.SYSTEM, Mover.EXECUTIVE)),
    Move("aligned", "suspended", (Mover.SYSTEM, Mover.EXECUTIVE)),
    Move("scale_ready", "suspended", (Mover.SYSTEM, Mover.EXECUTIVE)),
    Move("scale_ready", "aligned", (Mover.SYSTEM,), "aligned"),
    Move("scale_ready", "learning_only", (Mover.SYSTEM,), "learning_only"),
    Move("aligned", "learning_only", (Mover.SYSTEM,), "learning_only"),
    Move("suspended", "learning_only", (Mover.TWO_PEOPLE,), "learning_only"),
    Move("suspended", "aligned", (Mover.TWO_PEOPLE,), "aligned"),
    Move("suspended", "scale_ready", (Mover.TWO_PEOPLE,), "scale_ready"),
    *(
        Move(status, "retired", (Mover.EXECUTIVE,))
        for status in ("draft", "in_review", "learning_only", "aligned", "scale_ready", "suspended")
    ),
)
# Re-affirming keeps the status and lets it rest on a verdict under the policy in force.
REAFFIRMATIONS: tuple[Move, ...] = tuple(
    Move(status, status, (Mover.EXECUTIVE,), status) for status in ("learning_only", "aligned", "scale_ready")
)
BY_ENDS: Mapping[tuple[str, str], Move] = {(move.from_status, move.to_status): move for move in MOVES}
