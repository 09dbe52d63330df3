"""Exceptions to one rule as the gate page shows them: what the policy allows, what was asked for, who answers."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from alignment_portal.accounts.permissions import Action, who_may
from gates.engine import Finding, Rule
from gates.engine.waivers import waiver_fault
from gates.engine.words import capital, count
from gates.models import Evidence, Waiver
from gates.web.forms import AnswerForm, WaiverForm, WithdrawForm
from gates.web.frame import Visit


@dataclass(frozen=True)
class WaiverLine:
    """One waiver that was asked for, and what this reader may do about it."""

    row: Waiver
    state: str
    word: str
    note: str = ""
    days_left: int | None = None
    answer_form: AnswerForm | None = None
    why_not: str = ""
    withdraw_form: WithdrawForm | None = None


@dataclass(frozen=True)
class WaiverPanel:
    terms: str
    lines: tuple[WaiverLine, ...]
    form: WaiverForm | None = None
    renews: str = ""
    last_day: date | None = None
    is_open: bool = False


def waivers_by_rule(at: Visit) -> Mapping[str, list[Waiver]]:
    found: defaultdict[str, list[Waiver]] = defaultdict(list)
    known = Waiver.objects.filter(initiative=at.initiative)
    if at.at is not None:
        known = known.filter(requested_at__lte=at.at)
    for row in known.select_related("requested_by", "answer__by", "withdrawal__by", "renewed_by").order_by(
        "-id"
    ):
        found[row.rule].append(row)
    return found


def waiver_panel(
    at: Visit, rule: Rule, finding: Finding, rows: Sequence[Waiver], given: Mapping[str, Any]
) -> WaiverPanel | None:
    """Nothing where the policy knows no waiver and none was ever asked for."""
    allowed = waivable(at, rule)
    if not rows and not (allowed and finding.outcome == "fail"):
        return None
    lines = tuple(_line(at, rule, row, given) for row in rows)
    form, renews = _request(at, rule, finding, rows, given) if allowed else (None, "")
    return WaiverPanel(
        terms=_terms(at, rule),
        lines=lines,
        form=form,
        renews=renews,
        last_day=at.view.today + timedelta(days=at.policy.waivers.days_at_most),
        is_open=any(line.answer_form for line in lines) or bool(form and form.errors),
    )


def waivable(at: Visit, rule: Rule) -> bool:
    about = at.view.dossier.initiative
    if rule.waiver == "h1_exec":
        return about.horizon == "H1" and about.scope.personal_data != "customers"
    return rule.waiver != "none"


def _terms(at: Visit, rule: Rule) -> str:
    terms = at.policy.waivers
    if not waivable(at, rule):
        return _("This rule cannot be waived here.")
    often = count(terms.renewals_at_most, "renewal")
    days = count(terms.days_at_most, "day")
    sentence = _(
        "An executive may waive this rule for %(days)s at most, with %(often)s. It is shown on page one of the pack."
    )
    return sentence % {"days": days, "often": often}


def _line(at: Visit, rule: Rule, row: Waiver, given: Mapping[str, Any]) -> WaiverLine:
    state, word, note = _state(at, rule, row)
    line: dict[str, Any] = {"row": row, "state": state, "word": word, "note": note}
    if state in {"submitted", "waived"}:
        line["days_left"] = (row.until - at.view.today).days
        line["withdraw_form"] = _withdrawal(at, row, given)
    if state == "submitted":
        line |= _answer(at, rule, row, given)
    return WaiverLine(**line)


def _state(at: Visit, rule: Rule, row: Waiver) -> tuple[str, str, str]:
    """The state the status part draws, its word, and what is wrong with it."""
    if hasattr(row, "withdrawal"):
        return "withdrawn", "", ""
    answer = getattr(row, "answer", None)
    if answer is None:
        lapsed = row.until < at.view.today
        return (
            ("expired", _("Lapsed unanswered"), "")
            if lapsed
            else ("submitted", _("Awaiting an executive"), "")
        )
    if not answer.accepted:
        return "rejected", _("Declined"), ""
    fact = next((waiver for waiver in at.case.facts.waivers if waiver.ref == row.ref), None)
    fault = waiver_fault(at.view, rule, fact) if fact else ""
    return ("expired", _("No longer holds"), f"{capital(fault)}.") if fault else ("waived", "", "")


def _answer(at: Visit, rule: Rule, row: Waiver, given: Mapping[str, Any]) -> dict[str, Any]:
    if not at.may(Action.WAIVER_ACCEPT):
        return {
            "why_not": _("It waits for %(who)s who did not ask for it.")
            % {"who": who_may(Action.WAIVER_ACCEPT)}
        }
    if row.requested_by_id == at.by.user_id:
        return {"why_not": _("You asked for this. Another executive must answer it.")}
    if at.initiative.sponsor_id == at.by.user_id:
        return {"why_not": _("You sponsor this initiative. Another executive must answer it.")}
    mine = Evidence.objects.filter(initiative=at.initiative, question=rule.code, submitted_by=at.by.user_id)
    if mine.exists():
        return {"why_not": _("You submitted evidence for this question. Another executive must answer it.")}
    prefix = f"answer-{row.ref}"
    return {"answer_form": given.get(prefix) or AnswerForm(prefix=prefix)}


def _withdrawal(at: Visit, row: Waiver, given: Mapping[str, Any]) -> WithdrawForm | None:
    answer = getattr(row, "answer", None)
    asked = row.requested_by_id == at.by.user_id and at.may(Action.WAIVER_REQUEST)
    answered = answer is not None and answer.by_id == at.by.user_id and at.may(Action.WAIVER_ACCEPT)
    prefix = f"unwaive-{row.ref}"
    return (given.get(prefix) or WithdrawForm(prefix=prefix)) if asked or answered else None


def _request(
    at: Visit, rule: Rule, finding: Finding, rows: Sequence[Waiver], given: Mapping[str, Any]
) -> tuple[WaiverForm | None, str]:
    """The form to ask for a waiver, or to renew the one that was granted; nothing while one waits."""
    if not at.may(Action.WAIVER_REQUEST) or finding.outcome not in {"fail", "waived"}:
        return None, ""
    granted = [row for row in rows if getattr(row, "answer", None) and row.answer.accepted]
    waiting = [row for row in rows if _state(at, rule, row)[0] == "submitted"]
    renewable = [
        row
        for row in granted
        if row.renewals < at.policy.waivers.renewals_at_most and not hasattr(row, "renewed_by")
    ]
    if waiting or (granted and not renewable) or (finding.outcome == "waived" and not renewable):
        return None, ""
    prefix = f"waive-{rule.code}"
    initial = {"rule": rule.code, "renews": renewable[0].ref if granted else ""}
    return given.get(prefix) or WaiverForm(prefix=prefix, initial=initial), initial["renews"]
