"""One trade-off at a time: its words, the reader's own stance, and whoever may, proposing and withdrawing."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from alignment_portal.http.forms import add_refusal
from alignment_portal.refusals import Conflict, Invalid, NotFound, Refusal, Stale
from reviews.actions import Actions
from reviews.models import ReviewTradeOff
from reviews.services.stances import give_stance
from reviews.services.trade_offs import WORDS, change_trade_off, propose_trade_off, withdraw_trade_off
from reviews.web.answering import beside, onward, said
from reviews.web.forms import ChangedTradeOffForm, NewTradeOffForm, ReasonForm, StanceForm
from reviews.web.showing import Room, earlier_of
from reviews.web.visits import Ask, Visit, edit_visit, last_change, pack_about, status_of, visit


def _row(on: Visit, code: str) -> ReviewTradeOff:
    found: ReviewTradeOff | None = on.review.trade_offs.filter(code=code).first()
    if found is None:
        raise NotFound(f"{on.review.ref} has no trade-off called {code}.")
    return found


@require_http_methods(["GET", "POST"])
def trade_off(request: HttpRequest, ref: str, code: str) -> HttpResponse:
    """Read one trade-off and answer it."""
    on = visit(request, ref)
    row = _row(on, code)
    given = Room(on).mine.get(code)
    form = StanceForm(request.POST or None, initial=said(given) if given else None)
    refusal: Refusal | None = None
    if form.is_valid():
        try:
            give_stance(by=on.by, review=on.review, trade_off=code, **form.stance())
        except (Invalid, Conflict) as refused:
            refusal = refused
            add_refusal(form, refused)
        else:
            return onward(on)
    context = _shown(on, row, form)
    return render(request, "reviews/trade_off.html", context, status=status_of(form, refusal))


def _shown(on: Visit, row: ReviewTradeOff, form: StanceForm) -> dict[str, Any]:
    room = Room(on)
    here = next((point for point in room.points if point.row.pk == row.pk), None)
    return {
        "crumbs": on.crumbs(),
        "review": on.review,
        "room": room,
        "pack": pack_about(on.review),
        "row": row,
        "here": here,
        "count": len(room.points),
        "previous": beside(room.points, here.place if here else 0, -1),
        "following": beside(room.points, here.place if here else 0, 1),
        "form": form if here and room.me and on.review.is_open and on.review.sent_at else None,
        "answered": here is not None and here.mine is not None,
        "earlier": earlier_of(room, row.code),
        "may_change": on.may_edit and on.review.is_open and here is not None,
        "is_answered": room.review.stances.filter(trade_off=row).exists(),
    }


@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest, ref: str) -> HttpResponse:
    """Put a trade-off; with `?implied=`, from what the package implies, to be reworded."""
    on = edit_visit(request, ref)
    ask = Ask(
        title=_("Propose a trade-off"),
        submit=_("Propose"),
        done=_("The trade-off is proposed."),
        help=_("We choose one thing, and accept another for it, because of something, until something."),
    )

    def deed(given: dict[str, Any]) -> None:
        propose_trade_off(by=on.by, review=on.review, **given)

    form = NewTradeOffForm(request.POST or None, initial=_implied(on, request.GET.get("implied", "")))
    return ask.answer(on, form, deed)


def _implied(on: Visit, code: str) -> dict[str, str]:
    found = next((one for one in Room(on).proposals if one.code == code), None) if code else None
    names = ("code", "choose", "accept", "because", "until")
    return {} if found is None else {name: getattr(found, name) for name in names}


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, ref: str, code: str) -> HttpResponse:
    on = edit_visit(request, ref)
    row = _row(on, code)
    words = {name: getattr(row, name) for name in WORDS}
    form = ChangedTradeOffForm(request.POST or None, initial={**words, "version": row.version})
    ask = Ask(
        title=_("Reword this trade-off"),
        submit=_("Save"),
        done=_("The trade-off is reworded."),
        help=_("Its words can change until somebody has answered it."),
    )
    if form.is_valid() and form.cleaned_data["version"] != row.version:
        return _conflict(on, form, words, row.version)

    def deed(given: dict[str, Any]) -> None:
        changes = {name: given[name] for name in WORDS}
        try:
            change_trade_off(
                by=on.by, review=on.review, code=code, changes=changes, expected=given["version"]
            )
        except Stale as stale:
            raise Conflict(stale.sentence, code=stale.code) from stale

    return ask.answer(on, form, deed)


def _conflict(on: Visit, form: ChangedTradeOffForm, theirs: dict[str, str], version: int) -> HttpResponse:
    mine = form.cleaned_data
    conflicts = [
        {"name": name, "label": form.fields[name].label, "mine": mine[name], "theirs": theirs[name]}
        for name in WORDS
        if mine[name] != theirs[name]
    ]
    asked = {conflict["name"] for conflict in conflicts}
    context = {
        "crumbs": on.crumbs(),
        "title": on.review.ref,
        **last_change(on.review, Actions.TRADE_OFF_CHANGED),
        "action": on.request.path,
        "version": version,
        "conflicts": conflicts,
        "kept": [(name, mine[name]) for name in WORDS if name not in asked],
        "cancel": on.url,
    }
    return render(on.request, "reviews/conflict.html", context, status=409)


@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, ref: str, code: str) -> HttpResponse:
    on = edit_visit(request, ref)
    row = _row(on, code)
    ask = Ask(
        title=_("Withdraw this trade-off?"),
        submit=_("Withdraw"),
        done=_("The trade-off is withdrawn."),
        help=_("Stances on it stay in the record and count no more."),
        danger=True,
        quote=_("%(choose)s, and accept %(accept)s") % {"choose": row.choose, "accept": row.accept},
    )

    def deed(given: dict[str, str]) -> None:
        withdraw_trade_off(by=on.by, review=on.review, code=code, **given)

    return ask.answer(on, ReasonForm(request.POST or None), deed)
