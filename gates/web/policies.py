"""The policy as people read it: versions, rules with their reasons and numbers, what a proposal would change."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from alignment_portal.accounts.permissions import Action, may, require
from alignment_portal.http.requests import actor_of
from alignment_portal.http.settings_tabs import settings_tabs
from alignment_portal.refusals import Invalid, NotFound
from gates.models import PolicyVersion
from gates.selectors.policies import current_version, policy_of
from gates.selectors.policy_change import verdict_changes
from gates.services.policies import adopt_policy, propose_policy
from gates.web.forms import ProposePolicyForm
from gates.web.frame import attempt
from gates.web.policy_words import clause_differences, rule_differences, written_gates, written_terms

LARGEST_FILE = 1024 * 1024
SHOWN_CHANGES = 100


@require_GET
def policy(request: HttpRequest) -> HttpResponse:
    return _policy_page(request, ProposePolicyForm(prefix="policy"))


def _policy_page(request: HttpRequest, form: ProposePolicyForm, status: int = 200) -> HttpResponse:
    current = current_version()
    rows = PolicyVersion.objects.select_related("proposed_by", "confirmed_by").order_by("-proposed_at", "-id")
    manages = may(actor_of(request), Action.POLICY_MANAGE)
    context = {
        "tabs": settings_tabs(request),
        "versions": rows,
        "row": current,
        "form": form if manages else None,
        **_written(current),
    }
    return render(request, "gates/policy.html", context, status=status)


def _written(row: PolicyVersion) -> dict[str, Any]:
    parsed = policy_of(row)
    return {"policy": parsed, "gates": written_gates(parsed), "terms": written_terms(parsed)}


@require_GET
def policy_version(request: HttpRequest, version: str) -> HttpResponse:
    """One version, what it changes against the one in force (or another), and for a proposal whose verdicts change."""
    by, row = actor_of(request), _version_or_404(version)
    current = current_version()
    against = _version_or_404(request.GET["against"]) if request.GET.get("against") else current
    before, after = policy_of(against), policy_of(row)
    is_proposal = row.adopted_at is None
    changed = list(verdict_changes(by, row)) if is_proposal else []
    manages = may(by, Action.POLICY_MANAGE)
    context = {
        "tabs": settings_tabs(request),
        "row": row,
        "against": against,
        "others": PolicyVersion.objects.exclude(pk=row.pk).order_by("-proposed_at"),
        "rules": rule_differences(before, after),
        "clauses": clause_differences(before, after),
        "is_proposal": is_proposal,
        "changed": changed[:SHOWN_CHANGES],
        "changed_count": len(changed),
        "may_adopt": manages and is_proposal and row.proposed_by_id != by.user_id,
        "is_own": manages and is_proposal and row.proposed_by_id == by.user_id,
        **_written(row),
    }
    return render(request, "gates/policy_version.html", context)


def _version_or_404(version: str) -> PolicyVersion:
    row = PolicyVersion.objects.select_related("proposed_by", "confirmed_by").filter(version=version).first()
    if row is None:
        sentence = f"There is no policy {version}."
        raise NotFound(sentence, code="policy_unknown")
    return row


@require_POST
def propose(request: HttpRequest) -> HttpResponse:
    by = actor_of(request)
    require(by, Action.POLICY_MANAGE)
    form = ProposePolicyForm(request.POST, request.FILES, prefix="policy")
    proposed: list[PolicyVersion] = []

    def carry_out(given: Mapping[str, Any]) -> None:
        proposed.append(propose_policy(by=by, text=_text(given), reason=given["reason"]))

    refused = attempt(form, carry_out)
    if refused:
        return _policy_page(request, form, status=refused)
    messages.success(
        request, _("Policy %(version)s is proposed. A second person confirms it.") % {"version": proposed[0]}
    )
    return redirect("gates:policy-version", proposed[0].version)


def _text(given: Mapping[str, Any]) -> str:
    """What was pasted, or what is in the file."""
    file = given["file"]
    if file is None:
        if not given["text"].strip():
            raise Invalid("Paste the policy, or choose its file.", pointer="/text", code="required")
        return str(given["text"])
    if file.size > LARGEST_FILE:
        raise Invalid("A policy file is at most 1 MB.", pointer="/file", code="file_too_large")
    try:
        return str(file.read().decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Invalid("A policy file is plain text in UTF-8.", pointer="/file", code="not_text") from error


@require_POST
def adopt(request: HttpRequest, version: str) -> HttpResponse:
    by = actor_of(request)
    require(by, Action.POLICY_MANAGE)
    row = adopt_policy(by=by, version=version)
    messages.success(
        request, _("Policy %(version)s is in force. Everything is judged anew.") % {"version": row}
    )
    return redirect("gates:policy")
