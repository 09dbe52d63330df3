"""Each way an initiative may go from where it is: who takes it, what it needs, and what is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from alignment_portal.accounts.permissions import Action, who_may
from gates.actions import MOVES, Move, Mover
from gates.engine import Finding
from gates.engine.remedies import forbidding
from gates.engine.verdict import LEVELS, rank
from gates.models import Evidence
from gates.services.completeness import missing_parts
from gates.web.forms import MoveForm
from gates.web.frame import Visit
from gates.web.words import LEVELS as LEVEL_WORDS
from gates.web.words import STATUSES, either

GRAVE = frozenset({"suspended", "retired"})  # and back to draft: folded, so that nobody moves there by habit
ORDER = ("in_review", "learning_only", "aligned", "scale_ready", "draft", "suspended", "retired")


@dataclass(frozen=True)
class Missing:
    """One thing a move still lacks, and where it is supplied."""

    sentence: str
    href: str = ""
    code: str = ""
    who: str = ""


@dataclass(frozen=True)
class Way:
    to: str
    label: str | Promise
    who: str
    needs: str
    missing: tuple[Missing, ...] = ()
    form: MoveForm | None = None
    why_not: str = ""
    is_grave: bool = False
    is_judged: bool = False
    asks_learning: bool = False

    @property
    def is_open(self) -> bool:
        return not self.missing


def ways_from(at: Visit, given: Mapping[str, Any]) -> list[Way]:
    """Upwards first; a way that only the portal or two people take is told elsewhere."""
    ways = (move for move in MOVES if move.from_status == at.initiative.status)
    of_one = (move for move in ways if {Mover.AUTHOR, Mover.EXECUTIVE} & set(move.movers))
    return [_way(at, move, given) for move in sorted(of_one, key=lambda move: ORDER.index(move.to_status))]


def _way(at: Visit, move: Move, given: Mapping[str, Any]) -> Way:
    missing = tuple(_missing(at, move))
    action = _action(move)
    why_not = _why_not(at, move, action)
    prefix = f"move-{move.to_status}"
    form = given.get(prefix) or MoveForm(prefix=prefix, initial={"to": move.to_status})
    return Way(
        to=move.to_status,
        label=STATUSES[move.to_status],
        who=who_may(action),
        needs=_needs(move),
        missing=missing,
        form=form if not why_not and (not missing or form.is_bound) else None,
        why_not=why_not,
        is_grave=move.to_status in GRAVE or move.to_status == "draft",
        is_judged=bool(move.level) or move.to_status == "in_review",
        asks_learning=move.to_status == "learning_only",
    )


def _action(move: Move) -> Action:
    if Mover.AUTHOR in move.movers:
        return Action.STATUS_SUBMIT
    return {"suspended": Action.STATUS_SUSPEND, "retired": Action.STATUS_RETIRE}.get(
        move.to_status, Action.STATUS_MOVE
    )


def _needs(move: Move) -> str:
    if move.to_status == "in_review":
        return _("Every part of the dossier has been begun.")
    if not move.level:
        return _("A reason.")
    allowing = either(str(LEVEL_WORDS[level]).lower() for level in LEVELS[LEVELS.index(move.level) :])
    sentence = _("A verdict of %(levels)s.") % {"levels": allowing}
    return (
        f"{sentence} {_('A written learning question and an end date.')}"
        if move.to_status == "learning_only"
        else sentence
    )


def _missing(at: Visit, move: Move) -> Sequence[Missing]:
    if move.to_status == "in_review":
        return [Missing(sentence, _edit(at, pointer)) for pointer, sentence in missing_parts(at.view.dossier)]
    if not move.level:
        return []
    found = [_of_finding(finding) for finding in _against(at, move.level)]
    return found + (_learning_terms(at) if move.to_status == "learning_only" else [])


def _against(at: Visit, level: str) -> Sequence[Finding]:
    target = next(known for known in LEVELS if known == level)
    return forbidding(at.verdict, target) if rank(at.verdict.level) < rank(target) else ()


def _of_finding(finding: Finding) -> Missing:
    return Missing(finding.reason, finding.link, finding.code, finding.next_mover_name or finding.next_role)


def _learning_terms(at: Visit) -> list[Missing]:
    about, found = at.view.dossier.initiative, []
    if not about.learning_question.strip():
        found.append(Missing(_("Write the question that learning is to answer."), _edit(at, "/initiative")))
    if about.learning_ends_on is None:
        found.append(Missing(_("Write until when it may learn."), _edit(at, "/initiative")))
    return found


def _edit(at: Visit, pointer: str) -> str:
    """The edit page of the section a pointer leads into."""
    section = pointer.removeprefix("/").partition("/")[0]
    return f"/initiatives/{at.key}/edit/{section}/" if at.may(Action.INITIATIVE_EDIT) else ""


def _why_not(at: Visit, move: Move, action: Action) -> str:
    if not at.may(action):
        return _("This move is for %(who)s.") % {"who": who_may(action)}
    involved = Evidence.objects.filter(initiative=at.initiative, submitted_by=at.by.user_id)
    if move.level and involved.exists():
        return _("You submitted evidence for this initiative, so another executive must decide.")
    return ""
