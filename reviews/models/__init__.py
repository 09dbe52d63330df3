"""The tables of this app, by noun. This file imports them because Django finds models nowhere else."""

from reviews.models.conclusions import Conclusion, Outcome, Signature
from reviews.models.invitations import MailedInvitation
from reviews.models.promises import Commitment, Fulfilment, GateQuestion, Settlement
from reviews.models.review import (
    Delegation,
    Participant,
    Review,
    ReviewQuerySet,
    ReviewTradeOff,
    State,
    SubjectKind,
)
from reviews.models.stances import PART_POINTS, Answer, Condition, Part, Snapshot, Stance

__all__ = [
    "PART_POINTS",
    "Answer",
    "Commitment",
    "Conclusion",
    "Condition",
    "Delegation",
    "Fulfilment",
    "GateQuestion",
    "MailedInvitation",
    "Outcome",
    "Part",
    "Participant",
    "Review",
    "ReviewQuerySet",
    "ReviewTradeOff",
    "Settlement",
    "Signature",
    "Snapshot",
    "Stance",
    "State",
    "SubjectKind",
]
