"""The guards of the gates: what holds on both databases against every client, raw SQL included.

Conditions are written once where both databases read them alike, twice where they do not. They avoid NULL:
a condition that is NULL refuses nothing.
"""

from alignment_portal.audit.triggers import (
    Guard,
    append_only,
    postgres_refusal,
    postgres_trigger,
    register,
    sqlite_trigger,
)
from gates.actions import MOVES, REAFFIRMATIONS, Move, Mover
from gates.migrations._inputs import INPUTS
from gates.models import LEVELS, WAIVER_DAYS

INITIATIVE = "initiatives_initiative"
JUDGED_ON = tuple(INPUTS)  # importing them registers their guards too
DATABASE_CLOCK = ("strftime('%Y-%m-%d %H:%M:%f', 'now')", "clock_timestamp()")


def refuse(  # noqa: PLR0917 — the guards below read as a table of these
    table: str, what: str, event: str, condition: str, sentence: str, code: str, *, postgres: str = ""
) -> Guard:
    """A guard that refuses the event while the condition holds."""
    name = f"guard_{table}_{what}"
    body = f"IF {postgres or condition} THEN\n    {postgres_refusal(name)}\n  END IF;\n  RETURN NEW;"
    return Guard(
        name,
        table,
        sqlite_trigger(name, table, event=event, when=condition),
        postgres_trigger(name, table, event=event, body=body),
        sentence=sentence,
        code=code,
    )


# --- what only grows ---------------------------------------------------------------------------------------

KEPT = {
    "gates_policygate": (("id",), ("policy_id", "gate")),
    "gates_policyquestion": (("id",), ("policy_gate_id", "question")),
    "gates_blob": (("sha256",),),
    "gates_evidence": (("id",), ("ref",), ("first_id", "version"), ("supersedes_id",)),
    "gates_evidencereview": (("id",), ("evidence_id",)),
    "gates_evidencewithdrawal": (("id",), ("evidence_id",)),
    "gates_endorsement": (("id",), ("ref",)),
    "gates_endorsedevidence": (("id",), ("endorsement_id", "evidence_id")),
    "gates_endorsementwithdrawal": (("id",), ("endorsement_id",)),
    "gates_waiver": (("id",), ("ref",), ("renews_id",)),
    "gates_waiveranswer": (("id",), ("waiver_id",)),
    "gates_waiverwithdrawal": (("id",), ("waiver_id",)),
    "gates_findingset": (("sha256",),),
    "gates_evaluation": (("id",),),
    "gates_reinstatement": (("id",),),
    "gates_statusmove": (("id",), ("initiative_id", "number"), ("reinstatement_id",)),
}
for _table, _unique in KEPT.items():
    register(*append_only(_table, unique=_unique))

# --- policies ----------------------------------------------------------------------------------------------

register(
    *append_only(
        "gates_policyversion",
        except_columns=("is_current", "adopted_at", "confirmed_by_id"),
        unique=(("id",), ("version",), ("sha256",)),
    ),
    refuse(
        "gates_policyversion",
        "one_current",
        "BEFORE INSERT",
        "NEW.is_current AND EXISTS (SELECT 1 FROM gates_policyversion WHERE is_current)",
        "Another policy is in force. Propose this one, and let a second person confirm it.",
        "policy_in_force",
    ),
    refuse(
        "gates_policyversion",
        "adopted_once",
        "BEFORE UPDATE",
        "OLD.adopted_at IS NOT NULL AND (NEW.adopted_at IS NULL OR NEW.adopted_at <> OLD.adopted_at"
        " OR COALESCE(CAST(NEW.confirmed_by_id AS TEXT), '') <> COALESCE(CAST(OLD.confirmed_by_id AS TEXT), '')"
        " OR (NEW.is_current AND NOT OLD.is_current))",
        "A policy is put in force once. To return to an earlier one, propose it under a new version.",
        "policy_adopted_once",
    ),
)

# --- evidence, endorsements, waivers -----------------------------------------------------------------------

_LINEAGE = (
    "EXISTS (SELECT 1 FROM gates_evidence item JOIN gates_evidence version"
    " ON COALESCE(version.first_id, version.id) = COALESCE(item.first_id, item.id)"
    " WHERE item.id = {item} AND version.submitted_by_id = {person})"
)
_GONE = (
    "EXISTS (SELECT 1 FROM gates_evidencewithdrawal WHERE evidence_id = {item})"
    " OR EXISTS (SELECT 1 FROM gates_evidence WHERE supersedes_id = {item})"
)
OWN = "Nobody judges what they submitted. Somebody else must do this."

register(
    refuse(
        "gates_evidence",
        "not_later",
        "BEFORE INSERT",
        "NEW.observed_on > date(NEW.submitted_at, '+1 day')",
        "Evidence cannot have been true later than the day on which it was submitted.",
        "in_the_future",
        postgres="NEW.observed_on > (NEW.submitted_at AT TIME ZONE 'UTC')::date + 1",
    ),
    refuse(
        "gates_evidence",
        "lineage",
        "BEFORE INSERT",
        "NEW.supersedes_id IS NOT NULL AND (EXISTS (SELECT 1 FROM gates_evidencewithdrawal"
        " WHERE evidence_id = NEW.supersedes_id) OR NOT EXISTS (SELECT 1 FROM gates_evidence earlier"
        " WHERE earlier.id = NEW.supersedes_id AND earlier.initiative_id = NEW.initiative_id"
        " AND earlier.question = NEW.question AND earlier.version + 1 = NEW.version"
        " AND COALESCE(earlier.first_id, earlier.id) = NEW.first_id))",
        "A new version follows the current one of the same item.",
        "evidence_lineage",
    ),
    refuse(
        "gates_evidencereview",
        "maker",
        "BEFORE INSERT",
        f"{_LINEAGE.format(item='NEW.evidence_id', person='NEW.by_id')} OR NOT EXISTS (SELECT 1 FROM gates_evidence"
        " WHERE id = NEW.evidence_id AND submitted_by_id = NEW.submitted_by_id)",
        OWN,
        "own_evidence",
    ),
    refuse(
        "gates_evidencereview",
        "current",
        "BEFORE INSERT",
        _GONE.format(item="NEW.evidence_id"),
        "This item was withdrawn or replaced. Look at the current one.",
        "evidence_superseded",
    ),
    refuse(
        "gates_endorsedevidence",
        "maker",
        "BEFORE INSERT",
        "EXISTS (SELECT 1 FROM gates_endorsement yes WHERE yes.id = NEW.endorsement_id AND "
        + _LINEAGE.format(item="NEW.evidence_id", person="yes.by_id")
        + ")",
        OWN,
        "own_evidence",
    ),
    refuse(
        "gates_endorsedevidence",
        "accepted",
        "BEFORE INSERT",
        "NOT EXISTS (SELECT 1 FROM gates_endorsement yes JOIN gates_evidence item"
        " ON item.initiative_id = yes.initiative_id JOIN gates_evidencereview review"
        " ON review.evidence_id = item.id AND review.accepted"
        " WHERE yes.id = NEW.endorsement_id AND item.id = NEW.evidence_id)",
        "An endorsement rests on accepted evidence of the same initiative.",
        "evidence_not_accepted",
    ),
    refuse(
        "gates_waiver",
        "terms",
        "BEFORE INSERT",
        f"NEW.until > date(NEW.requested_at, '+{WAIVER_DAYS} days') OR NEW.until < date(NEW.requested_at)",
        f"A waiver lasts at most {WAIVER_DAYS} days.",
        "waiver_too_long",
        postgres=(
            f"NEW.until > (NEW.requested_at AT TIME ZONE 'UTC')::date + {WAIVER_DAYS}"
            " OR NEW.until < (NEW.requested_at AT TIME ZONE 'UTC')::date"
        ),
    ),
    refuse(
        "gates_waiver",
        "renewal",
        "BEFORE INSERT",
        "NEW.renews_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM gates_waiver earlier WHERE earlier.id = NEW.renews_id"
        " AND earlier.initiative_id = NEW.initiative_id AND earlier.rule = NEW.rule"
        " AND earlier.renewals + 1 = NEW.renewals)",
        "A renewal continues a waiver of the same rule.",
        "waiver_renewal",
    ),
    refuse(
        "gates_waiveranswer",
        "independent",
        "BEFORE INSERT",
        "NOT EXISTS (SELECT 1 FROM gates_waiver WHERE id = NEW.waiver_id AND requested_by_id = NEW.requested_by_id)"
        " OR EXISTS (SELECT 1 FROM gates_waiver asked JOIN gates_evidence item"
        " ON item.initiative_id = asked.initiative_id AND item.question = asked.rule"
        " WHERE asked.id = NEW.waiver_id AND item.submitted_by_id = NEW.by_id)"
        f" OR EXISTS (SELECT 1 FROM gates_waiver asked JOIN {INITIATIVE} about ON about.id = asked.initiative_id"
        " WHERE asked.id = NEW.waiver_id AND about.sponsor_id = NEW.by_id)",
        "A waiver is answered by an executive who neither asked, nor submitted the evidence, nor sponsors the initiative.",
        "waiver_not_independent",
    ),
    refuse(
        "gates_waiveranswer",
        "in_time",
        "BEFORE INSERT",
        "EXISTS (SELECT 1 FROM gates_waiver WHERE id = NEW.waiver_id AND until < date(NEW.at))",
        "This waiver has run out. A new one must be asked for.",
        "waiver_lapsed",
        postgres=(
            "EXISTS (SELECT 1 FROM gates_waiver WHERE id = NEW.waiver_id"
            " AND until < (NEW.at AT TIME ZONE 'UTC')::date)"
        ),
    ),
)

# --- verdicts ----------------------------------------------------------------------------------------------

# A gate that must be endorsed has an endorsement, and an answer by accepted evidence or an accepted waiver.
_OPEN_GATE = (
    "EXISTS (SELECT 1 FROM gates_policygate asked WHERE asked.policy_id = NEW.policy_id"
    " AND (NEW.level = 'scale_ready' OR NOT asked.waivable) AND NOT ("
    "EXISTS (SELECT 1 FROM gates_endorsement yes WHERE yes.initiative_id = NEW.initiative_id"
    " AND yes.gate = asked.gate AND NOT EXISTS (SELECT 1 FROM gates_endorsementwithdrawal back"
    " WHERE back.endorsement_id = yes.id))"
    " AND (EXISTS (SELECT 1 FROM gates_policyquestion question JOIN gates_evidence item"
    " ON item.question = question.question AND item.initiative_id = NEW.initiative_id"
    " JOIN gates_evidencereview review ON review.evidence_id = item.id AND review.accepted"
    " WHERE question.policy_gate_id = asked.id"
    " AND NOT EXISTS (SELECT 1 FROM gates_evidencewithdrawal back WHERE back.evidence_id = item.id)"
    " AND NOT EXISTS (SELECT 1 FROM gates_evidence later WHERE later.supersedes_id = item.id))"
    " OR EXISTS (SELECT 1 FROM gates_policyquestion question JOIN gates_waiver waiver"
    " ON waiver.rule = question.question AND waiver.initiative_id = NEW.initiative_id"
    " JOIN gates_waiveranswer answer ON answer.waiver_id = waiver.id AND answer.accepted"
    " WHERE question.policy_gate_id = asked.id))))"
)
# The policy in force, or the one the present status was decided under.
_POLICY_COUNTS = (
    "EXISTS (SELECT 1 FROM gates_policyversion WHERE id = {policy} AND is_current)"
    f" OR EXISTS (SELECT 1 FROM {INITIATIVE} about JOIN gates_evaluation rests ON rests.id = about.verdict_evaluation_id"
    " WHERE about.id = NEW.initiative_id AND rests.policy_id = {policy})"
)

register(
    refuse(
        "gates_evaluation",
        "inputs",
        "BEFORE INSERT",
        f"NOT EXISTS (SELECT 1 FROM {INITIATIVE} WHERE id = NEW.initiative_id AND inputs_rev = NEW.inputs_rev"
        " AND fingerprint = NEW.fingerprint)",
        "Something changed while this was judged. It will be judged again.",
        "evaluation_outdated",
    ),
    refuse(
        "gates_evaluation",
        "policy",
        "BEFORE INSERT",
        f"NOT ({_POLICY_COUNTS.format(policy='NEW.policy_id')})",
        "This was judged under a policy that is not in force.",
        "policy_not_in_force",
    ),
    refuse(
        "gates_evaluation",
        "backstop",
        "BEFORE INSERT",
        f"NEW.level <> 'blocked' AND {_OPEN_GATE}",
        "A gate that executives endorse has no independent evidence or no endorsement, so this verdict cannot be right.",
        "evaluation_backstop",
    ),
)

# --- moves of status ---------------------------------------------------------------------------------------


def _by(move: Move) -> str:
    if Mover.SYSTEM not in move.movers:
        return "NEW.by_id IS NOT NULL"
    return "NEW.by_id IS NULL" if move.movers == (Mover.SYSTEM,) else "1 = 1"


def _is(move: Move, *more: str) -> str:
    ends = f"NEW.from_status = '{move.from_status}' AND NEW.to_status = '{move.to_status}'"
    return "(" + " AND ".join((ends, *more)) + ")"


def _rank(column: str) -> str:
    cases = " ".join(f"WHEN '{level}' THEN {number}" for number, level in enumerate(LEVELS))
    return f"CASE {column} {cases} ELSE -1 END"


_TABLE_OF_MOVES = (*MOVES, *REAFFIRMATIONS)
_KNOWN = " OR ".join(_is(move, _by(move)) for move in _TABLE_OF_MOVES)
_NEEDS_LEVEL = " OR ".join(_is(move) for move in _TABLE_OF_MOVES if move.level)
_NEEDS_TWO = " OR ".join(_is(move) for move in _TABLE_OF_MOVES if Mover.TWO_PEOPLE in move.movers)
# While a past is loaded into an empty portal, a verdict need only have been valid at its own moment.
_MOMENT = (
    "CASE WHEN EXISTS (SELECT 1 FROM gates_replaywindow WHERE closed_at IS NULL) THEN NEW.at ELSE {clock} END"
)
_RESTS = (
    f"EXISTS (SELECT 1 FROM gates_evaluation rests JOIN {INITIATIVE} about ON about.id = rests.initiative_id"
    " WHERE rests.id = NEW.evaluation_id AND about.id = NEW.initiative_id"
    " AND rests.inputs_rev = about.inputs_rev AND rests.fingerprint = about.fingerprint"
    f" AND {_rank('rests.level')} >= {_rank('NEW.to_status')}"
    " AND (rests.valid_until IS NULL OR rests.valid_until > {moment})"
    " AND (EXISTS (SELECT 1 FROM gates_policyversion WHERE id = rests.policy_id AND is_current)"
    # Under the policy it was decided under, an initiative may still be lowered, by the portal.
    f" OR (NEW.by_id IS NULL AND ({_POLICY_COUNTS.format(policy='rests.policy_id')}))))"
)


def _unfounded(clock: str) -> str:
    moment = _MOMENT.format(clock=clock)
    return f"({_NEEDS_LEVEL}) AND (NEW.evaluation_id IS NULL OR NOT {_RESTS.format(moment=moment)})"


_JUDGED = "('learning_only', 'aligned', 'scale_ready')"
_APPLY = (
    f"UPDATE {INITIATIVE} SET status = NEW.to_status, status_since = NEW.at, verdict_evaluation_id ="
    f" CASE WHEN NEW.to_status IN {_JUDGED} THEN NEW.evaluation_id ELSE NULL END WHERE id = NEW.initiative_id;"
)
_APPLIES = "guard_gates_statusmove_applies"
STATUS = "A status moves only with a recorded move, and only where the policy and a current verdict allow it."

register(
    refuse(
        "gates_statusmove",
        "known",
        "BEFORE INSERT",
        f"NOT ({_KNOWN}) OR NOT EXISTS (SELECT 1 FROM {INITIATIVE} WHERE id = NEW.initiative_id"
        " AND status = NEW.from_status) OR NEW.number <> 1 + (SELECT COALESCE(MAX(number), 0)"
        " FROM gates_statusmove WHERE initiative_id = NEW.initiative_id)",
        "The table of moves does not allow this move.",
        "move_not_allowed",
    ),
    refuse(
        "gates_statusmove",
        "founded",
        "BEFORE INSERT",
        _unfounded(DATABASE_CLOCK[0]),
        "This status needs a recorded verdict that is good enough, current and still valid.",
        "verdict_forbids",
        postgres=_unfounded(DATABASE_CLOCK[1]),
    ),
    refuse(
        "gates_statusmove",
        "two_people",
        "BEFORE INSERT",
        f"({_NEEDS_TWO}) AND (NEW.reinstatement_id IS NULL OR NOT EXISTS (SELECT 1 FROM gates_reinstatement asked"
        " WHERE asked.id = NEW.reinstatement_id AND asked.initiative_id = NEW.initiative_id"
        " AND asked.to_status = NEW.to_status AND asked.proposed_by_id <> NEW.by_id))",
        "Lifting a suspension takes two people: one proposes, another confirms.",
        "two_people_needed",
    ),
    Guard(
        _APPLIES,
        "gates_statusmove",
        sqlite_trigger(_APPLIES, "gates_statusmove", event="AFTER INSERT", body=_APPLY),
        postgres_trigger(
            _APPLIES, "gates_statusmove", event="AFTER INSERT", body=f"{_APPLY}\n  RETURN NULL;"
        ),
        sentence=STATUS,
        code="status_guarded",
    ),
    refuse(
        INITIATIVE,
        "status",
        "BEFORE UPDATE",
        "(NEW.status <> OLD.status OR NEW.status_since <> OLD.status_since"
        " OR COALESCE(NEW.verdict_evaluation_id, 0) <> COALESCE(OLD.verdict_evaluation_id, 0))"
        " AND NOT EXISTS (SELECT 1 FROM gates_statusmove move WHERE move.initiative_id = NEW.id"
        " AND move.from_status = OLD.status AND move.to_status = NEW.status AND move.at = NEW.status_since"
        f" AND COALESCE(NEW.verdict_evaluation_id, 0) = CASE WHEN NEW.status IN {_JUDGED}"
        " THEN COALESCE(move.evaluation_id, 0) ELSE 0 END AND move.number = (SELECT MAX(number)"
        " FROM gates_statusmove WHERE initiative_id = NEW.id))",
        STATUS,
        "status_guarded",
    ),
    refuse(
        INITIATIVE,
        "begins_as_draft",
        "BEFORE INSERT",
        "NEW.status <> 'draft' OR NEW.verdict_evaluation_id IS NOT NULL"
        f" OR EXISTS (SELECT 1 FROM {INITIATIVE} WHERE id = NEW.id OR key = NEW.key)",
        "An initiative begins as a draft, once.",
        "status_guarded",
    ),
)

# --- loading a past ----------------------------------------------------------------------------------------

REPLAY = "A past can only be loaded into a portal in which nothing was judged yet, and only once."
register(
    refuse(
        "gates_replaywindow",
        "empty_portal",
        "BEFORE INSERT",
        "NEW.closed_at IS NULL AND (EXISTS (SELECT 1 FROM gates_evaluation) OR EXISTS (SELECT 1 FROM gates_statusmove)"
        " OR EXISTS (SELECT 1 FROM gates_replaywindow))",
        REPLAY,
        "replay_closed",
    ),
    refuse(
        "gates_replaywindow",
        "closes_once",
        "BEFORE UPDATE",
        "OLD.closed_at IS NOT NULL OR NEW.closed_at IS NULL",
        REPLAY,
        "replay_closed",
    ),
    *(
        guard
        for guard in append_only("gates_replaywindow", except_columns=("closed_at",))
        if not guard.name.endswith("_update")
    ),
)
