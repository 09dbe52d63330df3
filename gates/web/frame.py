"""What the pages of this app share: whose initiative, its verdict now, the tabs, and how a form is carried out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action, may
from alignment_portal.http.forms import add_refusal
from alignment_portal.http.requests import actor_of
from alignment_portal.refusals import Conflict, Invalid, NotFound
from gates.engine import Gate, Policy, Verdict, evaluate
from gates.engine.explanation import verdict_sentence
from gates.engine.verdict import Severity
from gates.engine.view import View
from gates.selectors.facts import Case
from gates.selectors.judging import case_of
from initiatives.models import Initiative
from initiatives.selectors import Standing, initiative_or_404, standing

DECIDING: tuple[Severity, ...] = ("blocker", "suspender", "limiter", "readiness")


@dataclass(frozen=True)
class Visit:
    """One request about one initiative, with everything the judge says of it at one moment."""

    request: HttpRequest
    by: Actor
    initiative: Initiative
    stands: Standing
    at: datetime | None = None
    pinned: bool = True  # judged under the policy its status was decided under; else under the one in force

    @property
    def key(self) -> str:
        return self.initiative.key

    @cached_property
    def now(self) -> datetime:
        return self.at or clock.now()

    @cached_property
    def case(self) -> Case:
        return case_of(self.key, self.at, pinned=self.pinned)

    @property
    def policy(self) -> Policy:
        return self.case.policy

    @cached_property
    def view(self) -> View:
        return View(self.policy, self.case.facts, self.now)

    @cached_property
    def verdict(self) -> Verdict:
        return evaluate(self.policy, self.case.facts, self.now)

    def may(self, action: Action, *functions: str) -> bool:
        """Whether the reader may do this here, for one of the functions if any are named; nobody changes the past."""
        if self.at is not None or self.initiative.status == "retired":
            return False
        return any(
            may(self.by, action, own=self.stands.own, invited=self.stands.invited, function=function)
            for function in functions or ("",)
        )

    def name(self, email: str | None) -> str:
        return self.view.name(email)

    def gate(self, code: str) -> Gate:
        try:
            return self.policy.gate(code)
        except KeyError:
            sentence = f"The policy has no gate “{code}”."
            raise NotFound(sentence, code="gate_unknown") from None


def visit(request: HttpRequest, key: str, at: datetime | None = None, *, pinned: bool = True) -> Visit:
    """The initiative somebody asks for; one they may not see is not found."""
    by = actor_of(request)
    initiative = initiative_or_404(by, key)
    return Visit(request, by, initiative, standing(by, initiative), at, pinned)


def attempt(form: BaseForm, deed: Callable[[Mapping[str, Any]], object]) -> int:
    """Carry out what a form asks; 0 when it was done, else the status to answer with, the faults in the form."""
    if not form.is_valid():
        return 422
    try:
        deed(form.cleaned_data)
    except Invalid as refusal:
        add_refusal(form, refusal)
        return 422
    except Conflict as refusal:
        add_refusal(form, refusal)
        return refusal.status
    return 0


# --- where things are --------------------------------------------------------------------------------------

TABS = (
    ("overview", _("Overview"), "", ()),
    ("chain", _("Outcome chain"), "chain/", ("outcome_chain",)),
    ("measurement", _("Measurement"), "measurement/", ("measurement",)),
    (
        "gates",
        _("Gates & evidence"),
        "gates/",
        ("data_rights", "instrumentation", "integration", "governance", "endorsement", "archetype"),
    ),
    ("risk", _("Risk & controls"), "risk/", ("risk", "operation")),
    ("operating-model", _("Operating model"), "operating-model/", ("ownership",)),
    ("change", _("Change impact"), "change/", ("change",)),
    ("alignment", _("Alignment"), "alignment/", ("alignment", "portfolio")),
    ("packs", _("Packs"), "initiatives:packs", ()),
    ("history", _("History"), "history/", ()),
)


def gate_address(key: str, gate: str, anchor: str = "") -> str:
    return reverse("gates:gate", args=[key, gate]) + (f"#{anchor}" if anchor else "")


def question_address(key: str, gate: str, question: str) -> str:
    return gate_address(key, gate, f"question-{question}")


def tabs(at: Visit, current: str) -> list[dict[str, Any]]:
    """The tabs of an initiative, each with the number of rules that are not met there."""
    found = []
    for name, label, tab, gates in TABS:
        url = _address(at.key, tab)
        if url:
            failing = (f for f in at.verdict.failing(*DECIDING) if f.gate in gates)
            found.append(
                {"label": label, "url": url, "current": name == current, "count": len(list(failing))}
            )
    return found


def _address(key: str, tab: str) -> str:
    if ":" not in tab:
        return f"/initiatives/{key}/{tab}"
    try:
        return reverse(tab, args=[key])
    except NoReverseMatch:
        return ""


def page(
    at: Visit, template: str, *, current: str = "gates", status: int = 200, **context: Any
) -> HttpResponse:
    initiative = at.initiative
    crumbs = [
        {"label": _("Initiatives"), "url": "/initiatives/"},
        {"label": initiative.key, "url": f"/initiatives/{initiative.key}/"},
        *context.pop("crumbs", ()),
    ]
    shown = {
        "at": at,
        "initiative": initiative,
        "home": f"/initiatives/{initiative.key}/",
        "tabs": tabs(at, current),
        "crumbs": crumbs,
        "status_then": at.case.facts.status,
        "verdict": at.verdict,
        "sentence": verdict_sentence(at.view, at.verdict),
        "note": blocking_note(at.verdict),
        **context,
    }
    return render(at.request, f"gates/{template}.html", shown, status=status)


def blocking_note(verdict: Verdict) -> str:
    """How much is open, in words."""
    failing = len(verdict.failing(*DECIDING))
    asked = sum(
        finding.outcome != "not_applicable" and finding.severity in DECIDING for finding in verdict.findings
    )
    if not failing:
        return ngettext("%(count)d rule asked, and met", "All %(count)d rules asked are met", asked) % {
            "count": asked
        }
    words = ngettext(
        "%(open)d of %(asked)d rules is not met", "%(open)d of %(asked)d rules are not met", failing
    )
    return words % {"open": failing, "asked": asked}
