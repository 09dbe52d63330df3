"""Giving and withdrawing endorsements; asking for, answering and withdrawing waivers."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from alignment_portal.accounts.permissions import Action, require
from alignment_portal.refusals import NotFound
from gates.models import Endorsement, Waiver
from gates.services.endorsements import endorse_gate, withdraw_endorsement
from gates.services.waivers import answer_waiver, request_waiver, withdraw_waiver
from gates.web.forms import AnswerForm, EndorseForm, WaiverForm, WithdrawForm
from gates.web.frame import Visit, attempt, gate_address, question_address, visit
from gates.web.gates import gate_page
from initiatives.selectors import require_on


@require_POST
def endorse(request: HttpRequest, key: str, gate: str) -> HttpResponse:
    at = visit(request, key)
    require(at.by, Action.GATE_ENDORSE)
    shown = at.gate(gate)
    form = EndorseForm(request.POST, prefix="endorse")

    def give(given: Mapping[str, Any]) -> None:
        endorse_gate(by=at.by, initiative=at.initiative, gate=gate, **given)
        messages.success(request, _("You have endorsed the gate “%(gate)s”.") % {"gate": shown.title})

    refused = attempt(form, give)
    if refused:
        return gate_page(at, gate, {"endorse": form}, status=refused)
    return redirect(gate_address(key, gate, "endorsement"))


@require_POST
def withdraw(request: HttpRequest, key: str, ref: str) -> HttpResponse:
    at = visit(request, key)
    require(at.by, Action.GATE_ENDORSE)
    row = Endorsement.objects.filter(initiative=at.initiative, ref=ref).first()
    if row is None:
        sentence = f"{key} has no endorsement {ref}."
        raise NotFound(sentence, code="endorsement_not_found")
    form = WithdrawForm(request.POST, prefix=f"unendorse-{ref}")

    def take_back(given: Mapping[str, Any]) -> None:
        withdraw_endorsement(by=at.by, endorsement=row, reason=given["reason"])
        messages.success(request, _("%(ref)s is withdrawn. The gate needs a new endorsement.") % {"ref": ref})

    refused = attempt(form, take_back)
    if refused:
        return gate_page(at, row.gate, {f"unendorse-{ref}": form}, status=refused)
    return redirect(gate_address(key, row.gate, "endorsement"))


# --- waivers -----------------------------------------------------------------------------------------------


@require_POST
def ask_waiver(request: HttpRequest, key: str, rule: str) -> HttpResponse:
    at = visit(request, key)
    require_on(at.by, Action.WAIVER_REQUEST, at.initiative)
    gate = _gate_of(at, rule)
    form = WaiverForm(request.POST, prefix=f"waive-{rule}")

    def ask(given: Mapping[str, Any]) -> None:
        renews = _waiver(at, given["renews"]) if given["renews"] else None
        words = {name: given[name] for name in ("reason", "compensating_control", "until")}
        row = request_waiver(by=at.by, initiative=at.initiative, rule=rule, renews=renews, **words)
        messages.success(request, _("%(ref)s waits for an executive’s answer.") % {"ref": row.ref})

    return _answered(at, gate, rule, form, attempt(form, ask))


@require_GET
def waiver(request: HttpRequest, key: str, ref: str) -> HttpResponse:
    """The lasting address of one waiver: its place on the page of its gate."""
    at = visit(request, key)
    row = _waiver(at, ref)
    return redirect(gate_address(key, _gate_of(at, row.rule), row.ref))


@require_POST
def answer(request: HttpRequest, key: str, ref: str) -> HttpResponse:
    at = visit(request, key)
    require(at.by, Action.WAIVER_ACCEPT)
    row = _waiver(at, ref)
    form = AnswerForm(request.POST, prefix=f"answer-{ref}")

    def decide(given: Mapping[str, Any]) -> None:
        accepted = given["decision"] == "accept"
        answer_waiver(by=at.by, waiver=row, accepted=accepted, reason=given["reason"])
        words = _("%(ref)s is accepted until %(day)s.") if accepted else _("%(ref)s is declined.")
        messages.success(request, words % {"ref": ref, "day": f"{row.until:%-d %B %Y}"})

    return _answered(at, _gate_of(at, row.rule), row.rule, form, attempt(form, decide))


@require_POST
def withdraw_a_waiver(request: HttpRequest, key: str, ref: str) -> HttpResponse:
    at = visit(request, key)
    row = _waiver(at, ref)
    form = WithdrawForm(request.POST, prefix=f"unwaive-{ref}")

    def take_back(given: Mapping[str, Any]) -> None:
        withdraw_waiver(by=at.by, waiver=row, reason=given["reason"])
        messages.success(request, _("%(ref)s is withdrawn.") % {"ref": ref})

    return _answered(at, _gate_of(at, row.rule), row.rule, form, attempt(form, take_back))


def _waiver(at: Visit, ref: str) -> Waiver:
    row = Waiver.objects.select_related("initiative").filter(initiative=at.initiative, ref=ref).first()
    if row is None:
        sentence = f"{at.key} has no waiver {ref}."
        raise NotFound(sentence, code="waiver_not_found")
    return row


def _gate_of(at: Visit, code: str) -> str:
    rule = at.policy.rules_by_code.get(code)
    if rule is None:
        sentence = f"The policy has no rule “{code}”."
        raise NotFound(sentence, code="rule_unknown")
    return rule.gate


def _answered(at: Visit, gate: str, rule: str, form: BaseForm, refused: int) -> HttpResponse:
    if refused:
        return gate_page(at, gate, {str(form.prefix): form}, status=refused)
    return redirect(question_address(at.key, gate, rule))
