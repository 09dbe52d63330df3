"""One request about one review: who asks, what they may do with it, and a page that asks one thing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.models import User
from alignment_portal.accounts.permissions import Action, may
from alignment_portal.audit.models import Entry
from alignment_portal.http.forms import add_refusal
from alignment_portal.http.requests import actor_of
from alignment_portal.refusals import Conflict, Invalid, Refusal
from initiatives.models import Initiative
from packs.selectors.packs import latest_of
from reviews.models import Review
from reviews.selectors.reviews import review_or_404
from reviews.services.locks import initiatives_of, is_own, require_editor


@dataclass(frozen=True)
class Visit:
    request: HttpRequest
    by: Actor
    review: Review

    @cached_property
    def initiatives(self) -> Sequence[Initiative]:
        return initiatives_of(self.review)

    @cached_property
    def may_edit(self) -> bool:
        return may(self.by, Action.REVIEW_OPEN, own=is_own(self.by, self.initiatives))

    def require_editor(self) -> None:
        require_editor(self.by, self.initiatives)

    @property
    def url(self) -> str:
        return f"/reviews/{self.review.ref}/"

    def crumbs(self, *more: tuple[str, str]) -> list[dict[str, str]]:
        steps = [(_("Reviews"), "/reviews/"), (self.review.ref, self.url), *more]
        return [{"label": label, "url": url} for label, url in steps]


def visit(request: HttpRequest, ref: str) -> Visit:
    """The review somebody asks for; one they may not see is not found."""
    by = actor_of(request)
    return Visit(request, by, review_or_404(by, ref))


def edit_visit(request: HttpRequest, ref: str) -> Visit:
    found = visit(request, ref)
    found.require_editor()
    return found


@dataclass(frozen=True)
class Ask:
    """A page with one question and one button."""

    title: str
    submit: str
    done: str
    help: str = ""
    back: str = ""  # after it was done; the review when empty
    danger: bool = False
    notes: Sequence[tuple[str, str]] = ()  # tone and sentence, above the form
    quote: str = ""  # what the question is about, in somebody's words

    def answer(self, on: Visit, form: forms.Form, deed: Callable[[dict[str, Any]], object]) -> HttpResponse:
        refusal: Refusal | None = None
        if form.is_valid():
            try:
                deed(form.cleaned_data)
            except (Invalid, Conflict) as refused:
                refusal = refused
                add_refusal(form, refused)
            else:
                messages.success(on.request, self.done)
                return redirect(self.back or on.url)
        context = {
            "crumbs": on.crumbs(),
            "ask": self,
            "form": form,
            "review": on.review,
            "cancel": self.back or on.url,
            "blockers": refusal.blockers if refusal else (),
        }
        return render(on.request, "reviews/ask.html", context, status=status_of(form, refusal))


def status_of(form: forms.Form, refusal: Refusal | None) -> int:
    if refusal is not None and not isinstance(refusal, Invalid):
        return refusal.status
    return 422 if form.errors else 200


def last_change(review: Review, action: str) -> dict[str, Any]:
    """Who was faster, and when, for the page on which both are put side by side."""
    entry = Entry.objects.filter(subject=review.ref, action=action).order_by("-seq").first()
    who = User.objects.filter(pk=entry.actor_id).first() if entry and entry.actor_id else None
    return {"who": who.name if who else _("Somebody else"), "at": entry.at if entry else None}


@dataclass(frozen=True)
class PackLink:
    ref: str
    number: int


def pack_about(review: Review) -> PackLink | None:
    """The newest pack on the subject of a review, to be read before it."""
    subject = f"cluster:{review.cluster.code}" if review.cluster else "portfolio"
    found = latest_of(f"initiative:{review.initiative.key}" if review.initiative else subject)
    return None if found is None else PackLink(found.ref, found.number)
