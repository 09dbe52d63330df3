"""Where an initiative is, where it may go, and what is missing; moving it, and lifting a suspension by two people."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from alignment_portal.accounts.permissions import Action, require
from alignment_portal.http.forms import add_refusal
from alignment_portal.refusals import Conflict, Invalid, NotFound, Refusal
from gates.models import Evaluation, Reinstatement, StatusMove
from gates.selectors.policies import current_version
from gates.services.reinstatement import confirm_reinstatement, propose_reinstatement
from gates.services.status import move_status, reaffirm_status
from gates.web.forms import ConfirmForm, MoveForm, ProposeForm, ReaffirmForm
from gates.web.frame import Visit, page, visit
from gates.web.moving import ways_from
from gates.web.reinstating import proposal_form, reinstatement_panel
from gates.web.words import LEVELS, STATUSES
from initiatives.selectors import require_on


@dataclass(frozen=True)
class Refused:
    """Why a move was not made: the sentence, and each thing that stands in the way with where it is mended."""

    sentence: str
    blockers: tuple[Mapping[str, object], ...]


@require_GET
def status(request: HttpRequest, key: str) -> HttpResponse:
    return _status_page(visit(request, key, pinned=False))


def _status_page(
    at: Visit, given: Mapping[str, Any] | None = None, refused: Refused | None = None, code: int = 200
) -> HttpResponse:
    moves = StatusMove.objects.filter(initiative=at.initiative).select_related("by", "evaluation__policy")
    known = list(moves.order_by("-number"))
    sent = dict(given or {})
    return page(
        at,
        "status",
        status=code,
        current="overview",
        ways=ways_from(at, sent),
        last=known[0] if known else None,
        moves=known,
        level=LEVELS[at.verdict.level],
        learning=at.view.dossier.initiative,
        reinstatement=reinstatement_panel(at, known, sent) if at.initiative.status == "suspended" else None,
        reaffirm=_reaffirmation(at, sent),
        refused=refused,
        invalid=next((form for form in sent.values() if form.errors and refused is None), None),
    )


def _reaffirmation(at: Visit, given: Mapping[str, Any]) -> dict[str, Any] | None:
    """What is shown when a status still rests on a verdict under an earlier policy."""
    rests_on = (
        Evaluation.objects.filter(pk=at.initiative.verdict_evaluation_id or 0)
        .select_related("policy")
        .first()
    )
    current = current_version()
    if rests_on is None or rests_on.policy_id == current.pk or at.initiative.status not in LEVELS:
        return None
    if at.initiative.status in {"draft", "in_review", "suspended", "retired"}:
        return None
    form = given.get("reaffirm") or ReaffirmForm(prefix="reaffirm")
    return {
        "before": rests_on.policy.version,
        "now": current.version,
        "form": form if at.may(Action.STATUS_MOVE) else None,
    }


# --- moving ------------------------------------------------------------------------------------------------


@require_POST
def move(request: HttpRequest, key: str) -> HttpResponse:
    at = visit(request, key, pinned=False)
    to = next((str(value) for name, value in request.POST.items() if name.endswith("-to")), "")
    _require_mover(at, to)
    form = MoveForm(request.POST, prefix=f"move-{to}")

    def carry_out(given: Mapping[str, Any]) -> None:
        moved = move_status(by=at.by, initiative=at.initiative, to=given["to"], reason=given["reason"])
        words = _("%(key)s is now: %(status)s.") if moved else _("%(key)s was there already: %(status)s.")
        messages.success(request, words % {"key": key, "status": STATUSES[given["to"]]})

    return _carried_out(at, form, carry_out)


def _require_mover(at: Visit, to: str) -> None:
    if to in {"in_review", "draft"}:
        require_on(at.by, Action.STATUS_SUBMIT, at.initiative)
    else:
        actions = {"suspended": Action.STATUS_SUSPEND, "retired": Action.STATUS_RETIRE}
        require(at.by, actions.get(to, Action.STATUS_MOVE))


@require_POST
def reaffirm(request: HttpRequest, key: str) -> HttpResponse:
    at = visit(request, key, pinned=False)
    require(at.by, Action.STATUS_MOVE)
    form = ReaffirmForm(request.POST, prefix="reaffirm")

    def carry_out(given: Mapping[str, Any]) -> None:
        reaffirm_status(by=at.by, initiative=at.initiative, reason=given["reason"])
        messages.success(request, _("The status now rests on a verdict under the policy in force."))

    return _carried_out(at, form, carry_out)


@require_POST
def propose(request: HttpRequest, key: str) -> HttpResponse:
    at = visit(request, key, pinned=False)
    known = list(StatusMove.objects.filter(initiative=at.initiative).order_by("-number"))
    form = proposal_form(at, known, data=request.POST)

    def carry_out(given: Mapping[str, Any]) -> None:
        propose_reinstatement(by=at.by, initiative=at.initiative, **given)
        messages.success(request, _("It is proposed. A second person, an executive, confirms it."))

    if form is None:
        require(at.by, Action.STATUS_PROPOSE_REINSTATEMENT, own=at.stands.own)
        form = ProposeForm(request.POST, prefix="propose", statuses=[], gates=[])
    return _carried_out(at, form, carry_out)


@require_POST
def confirm(request: HttpRequest, key: str, proposal: int) -> HttpResponse:
    at = visit(request, key, pinned=False)
    require(at.by, Action.STATUS_MOVE)
    row = (
        Reinstatement.objects.select_related("initiative")
        .filter(initiative=at.initiative, pk=proposal)
        .first()
    )
    if row is None:
        sentence = f"{key} has no such proposal."
        raise NotFound(sentence, code="proposal_not_found")
    form = ConfirmForm(request.POST, prefix="confirm")

    def carry_out(given: Mapping[str, Any]) -> None:
        confirm_reinstatement(by=at.by, proposal=row, reason=given["reason"])
        messages.success(
            request, _("The suspension is lifted: %(status)s.") % {"status": STATUSES[row.to_status]}
        )

    return _carried_out(at, form, carry_out)


def _carried_out(at: Visit, form: Form, deed: Callable[[Mapping[str, Any]], None]) -> HttpResponse:
    """A refusal answers with this page, which lists what stands in the way; the reason typed is still there."""
    given = {str(form.prefix): form}
    if not form.is_valid():
        return _status_page(at, given, code=422)
    try:
        deed(form.cleaned_data)
    except Invalid as refusal:
        add_refusal(form, refusal)
        return _status_page(at, given, code=422)
    except Conflict as refusal:
        return _status_page(at, given, _refused(refusal), code=refusal.status)
    return redirect("gates:status", at.key)


def _refused(refusal: Refusal) -> Refused:
    return Refused(refusal.sentence, tuple(refusal.blockers))
