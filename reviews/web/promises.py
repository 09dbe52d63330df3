"""Conditions that are met, and promises made and kept."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from alignment_portal.refusals import NotFound
from gates.selectors.agreement import gate_titles
from reviews.services.commitments import (
    ask_at_gate,
    ask_no_more,
    make_commitment,
    meet_commitment,
    settle_condition,
)
from reviews.web.forms import CommitmentForm, GateForm, NoteForm, ReasonForm
from reviews.web.showing import Room, Term
from reviews.web.unblocking import unblockable
from reviews.web.visits import Ask, Visit, visit


def _term(on: Visit, ref: str) -> Term:
    """A condition the reader may know of."""
    found = next((term for term in Room(on).terms if term.row.ref == ref), None)
    if found is None:
        raise NotFound(f"{on.review.ref} has no condition {ref} that you can see.")
    return found


@require_http_methods(["GET", "POST"])
def settle(request: HttpRequest, ref: str, condition: str) -> HttpResponse:
    on = visit(request, ref)
    term = _term(on, condition)
    ask = Ask(
        title=_("Is this condition met?"),
        submit=_("It is met"),
        done=_("The condition is met."),
        help=_("Only whoever set it can say so."),
        quote=term.row.text,
    )

    def deed(given: dict[str, str]) -> None:
        settle_condition(by=on.by, review=on.review, condition=condition, **given)

    return ask.answer(on, NoteForm(request.POST or None), deed)


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, ref: str, condition: str) -> HttpResponse:
    """Make a condition a question of a gate."""
    on = visit(request, ref)
    term = _term(on, condition)
    gates = gate_titles()
    page = Ask(
        title=_("Ask this condition at a gate"),
        submit=_("Ask it there"),
        done=_("The gate asks for it now."),
        help=_(
            "The gate is not met, and cannot be endorsed, before evidence for the condition is accepted or whoever "
            "set it says that it is met or takes it back."
        ),
        quote=term.row.text,
    )

    def deed(given: dict[str, str]) -> None:
        ask_at_gate(by=on.by, review=on.review, condition=condition, gates=gates, **given)

    return page.answer(on, GateForm(request.POST or None, gates=gates), deed)


@require_http_methods(["GET", "POST"])
def take_back(request: HttpRequest, ref: str, condition: str) -> HttpResponse:
    on = visit(request, ref)
    term = _term(on, condition)
    page = Ask(
        title=_("Take this condition back from its gate"),
        submit=_("Take it back"),
        done=_("The gate asks for it no more."),
        help=_("The condition itself stays: it is open until it is met or promised."),
        quote=term.row.text,
    )

    def deed(given: dict[str, str]) -> None:
        ask_no_more(by=on.by, review=on.review, condition=condition, **given)

    return page.answer(on, ReasonForm(request.POST or None), deed)


@require_http_methods(["GET", "POST"])
def commit(request: HttpRequest, ref: str) -> HttpResponse:
    """Promise something; with `?condition=` as the answer to somebody's condition."""
    on = visit(request, ref)
    condition = request.GET.get("condition", "")
    term = _term(on, condition) if condition else None
    ask = Ask(
        title=_("Answer a condition") if term else _("Make a commitment"),
        submit=_("Commit"),
        done=_("The commitment is recorded."),
        quote=term.row.text if term else "",
    )
    choices = unblockable()
    form = CommitmentForm(request.POST or None, unblocks=choices, initial={"owner": on.by.email})

    def deed(given: dict[str, Any]) -> None:
        make_commitment(by=on.by, review=on.review, condition=condition or None, gates=gate_titles(), **given)

    return ask.answer(on, form, deed)


@require_http_methods(["GET", "POST"])
def meet(request: HttpRequest, ref: str, commitment: str) -> HttpResponse:
    on = visit(request, ref)
    found = next((row for row in Room(on).commitments if row.ref == commitment), None)
    if found is None:
        raise NotFound(f"{ref} has no commitment {commitment} that you can see.")
    ask = Ask(
        title=_("Was this commitment kept?"),
        submit=_("It was kept"),
        done=_("The commitment is kept."),
        help=_("Its owner says so, or whoever set the condition it answers."),
        quote=found.text,
    )

    def deed(given: dict[str, str]) -> None:
        meet_commitment(by=on.by, review=on.review, commitment=commitment, **given)

    return ask.answer(on, NoteForm(request.POST or None), deed)
