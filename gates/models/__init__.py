"""What the judge keeps, by noun. This file imports the tables because Django finds models nowhere else.

Every table but Notice and ReplayWindow only grows; endings are rows of their own. The guards that hold
this against any client are in migrations/_guards.py.
"""

from gates.models.columns import Status
from gates.models.endorsements import EndorsedEvidence, Endorsement, EndorsementWithdrawal
from gates.models.evidence import Blob, Evidence, EvidenceReview, EvidenceWithdrawal, Form
from gates.models.notices import Notice, NoticeQuerySet
from gates.models.policy import PolicyGate, PolicyQuestion, PolicyVersion
from gates.models.status import REINSTATEMENT_LIFE, Reinstatement, ReplayWindow, StatusMove
from gates.models.verdicts import LEVELS, Evaluation, FindingSet
from gates.models.waivers import WAIVER_DAYS, WAIVER_RENEWALS, Waiver, WaiverAnswer, WaiverWithdrawal

__all__ = [
    "LEVELS",
    "REINSTATEMENT_LIFE",
    "WAIVER_DAYS",
    "WAIVER_RENEWALS",
    "Blob",
    "EndorsedEvidence",
    "Endorsement",
    "EndorsementWithdrawal",
    "Evaluation",
    "Evidence",
    "EvidenceReview",
    "EvidenceWithdrawal",
    "FindingSet",
    "Form",
    "Notice",
    "NoticeQuerySet",
    "PolicyGate",
    "PolicyQuestion",
    "PolicyVersion",
    "Reinstatement",
    "ReplayWindow",
    "Status",
    "StatusMove",
    "Waiver",
    "WaiverAnswer",
    "WaiverWithdrawal",
]
