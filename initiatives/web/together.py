"""Changing one thing of several initiatives: choose it, see what it would change, change it, and take it back."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action, may
from alignment_portal.http.problems import faults_of
from alignment_portal.http.requests import actor_of
from alignment_portal.refusals import Conflict, Fault, Forbidden, Invalid
from initiatives.dossier.canonical import builtins_of
from initiatives.dossier.initiative import Initiative as Section
from initiatives.models import Initiative
from initiatives.selectors import load_dossiers, standings_of, visible_initiatives
from initiatives.services.together import AT_MOST, Change, change_together
from initiatives.web.codes import known_for
from initiatives.web.fields import Known, form_field, shown_value, stored_value
from initiatives.web.questions import Question, asked_by

# What may be said of several at once: who carries them and where they belong, never what they claim.
FIELDS = ("owner", "sponsor", "cluster", "classification", "planned_launch_on")
UNDO_FOR = dt.timedelta(minutes=15)
_DONE = "changed_together"  # in the session


@dataclass(frozen=True)
class Line:
    """One initiative in the preview: what its field says, what it would say, and why it stays out if it does."""

    key: str
    title: str
    version: int
    value: Any
    before: str
    after: str
    why_not: str = ""

    @property
    def is_in(self) -> bool:
        return not self.why_not


class FieldForm(forms.Form):
    """The question of the chosen field, asked once for all of them."""

    def __init__(self, *args: Any, question: Question, known: Known, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.question = question
        self.fields["value"] = form_field(question, known, None)

    def value(self) -> Any:
        return stored_value(self.question, self.cleaned_data.get("value"))


@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    """Which field, and what it shall say."""
    by = actor_of(request)
    rows = _chosen(by, request.GET.getlist("key"))
    question = _question(request.GET.get("field", ""))
    form = FieldForm(question=question, known=known_for({})) if question else None
    return _page(request, rows, question, form)


@require_POST
def change(request: HttpRequest) -> HttpResponse:
    """The preview; with `confirmed`, the change itself."""
    by = actor_of(request)
    rows = _chosen(by, request.POST.getlist("key"))
    question = _question(request.POST.get("field", ""))
    if question is None:
        raise Invalid(_("Say what is to be changed."), code="unknown_field")
    form = FieldForm(request.POST, question=question, known=known_for({}))
    if not form.is_valid():
        return _page(request, rows, question, form, status=422)
    lines = _lines(by, rows, question, form)
    if "confirmed" not in request.POST:
        return _page(request, rows, question, form, lines=lines)
    seen = dict(pair.split(":", 1) for pair in request.POST.getlist("seen") if ":" in pair)
    changes = [
        Change(line.key, int(seen[line.key]), form.value())
        for line in lines
        if line.is_in and seen.get(line.key, "").isdecimal()
    ]
    try:
        saved = change_together(by=by, field=question.name, changes=changes)
    except Invalid as refusal:
        return _page(request, rows, question, form, lines=lines, faults=faults_of(refusal), status=409)
    before = {line.key: line.value for line in lines}
    request.session[_DONE] = {
        "field": question.name,
        "until": (clock.now() + UNDO_FOR).isoformat(),
        "changes": [
            [one.initiative.key, one.version, before[one.initiative.key]] for one in saved if one.changed
        ],
    }
    return redirect("initiatives:changed")


@require_GET
def changed(request: HttpRequest) -> HttpResponse:
    """What was changed, and the way back while it is open."""
    done = request.session.get(_DONE)
    if not done:
        return redirect("initiatives:list")
    rows = visible_initiatives(actor_of(request)).filter(key__in=[key for key, _, _ in done["changes"]])
    context = {
        "rows": rows.order_by("key").values("key", "title"),
        "label": asked_by(Section).question(done["field"]).label,
        "until": _until(done),
        "is_open": _can_be_undone(done),
        "is_handed_over": done["field"] == "owner",
    }
    return render(request, "initiatives/together/done.html", context)


@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Give each its earlier value back; what somebody changed since stays, and then nothing is taken back."""
    done = request.session.get(_DONE)
    if not done or not _can_be_undone(done):
        raise Conflict(_("The time for taking this back is over. Change it again instead."), code="undo_over")
    changes = [Change(key, version, value) for key, version, value in done["changes"]]
    change_together(by=actor_of(request), field=done["field"], changes=changes)
    del request.session[_DONE]
    messages.success(
        request,
        ngettext(
            "Taken back: %(n)d initiative says again what it said before.",
            "Taken back: %(n)d initiatives say again what they said before.",
            len(changes),
        )
        % {"n": len(changes)},
    )
    return redirect("initiatives:list")


def _can_be_undone(done: Mapping[str, Any]) -> bool:
    """Who has handed an initiative over has no more say in who owns it."""
    return done["field"] != "owner" and _until(done) > clock.now()


def _until(done: Mapping[str, Any]) -> dt.datetime:
    return dt.datetime.fromisoformat(done["until"])


def _chosen(by: Actor, keys: Sequence[str]) -> list[Initiative]:
    """The initiatives that were ticked; those one may not see are as if they were not there."""
    if not may(by, Action.INITIATIVE_EDIT, own=True):
        raise Forbidden(_("Your roles do not let you change initiatives."))
    wanted = [key.replace("\x00", "") for key in dict.fromkeys(keys)]
    if len(wanted) > AT_MOST:
        raise Invalid(_("Choose %(n)d initiatives at the most.") % {"n": AT_MOST}, code="too_many_at_once")
    return list(visible_initiatives(by).filter(key__in=wanted).order_by("key"))


def _question(name: str) -> Question | None:
    return asked_by(Section).question(name) if name in FIELDS else None


def _lines(by: Actor, rows: Sequence[Initiative], question: Question, form: FieldForm) -> list[Line]:
    loaded = load_dossiers([row.key for row in rows])
    stands = standings_of(by, rows)
    words = dict(getattr(form.fields["value"], "choices", ()))
    new = form.value()
    after = _in_words(question, new, words)
    found = []
    for row in rows:
        value = builtins_of(loaded[row.key].dossier)["initiative"].get(question.name)
        why_not = _why_not(by, row, question, value, new, own=stands[row.pk].own)
        found.append(
            Line(
                row.key,
                row.title,
                loaded[row.key].version,
                value,
                _in_words(question, value, words),
                after,
                why_not,
            )
        )
    return found


def _why_not(by: Actor, row: Initiative, question: Question, value: Any, new: Any, *, own: bool) -> str:
    if not may(by, Action.INITIATIVE_EDIT, own=own):
        return _("Not yours to change.")
    if row.status == "retired":
        return _("Retired: it stays as it was.")
    if value == new:
        return _("Says so already.")
    if question.name == "owner" and value != by.email and not by.is_system:
        return _("Only its owner may hand it over.")
    return ""


def _in_words(question: Question, value: Any, words: Mapping[Any, Any]) -> str:
    shown = shown_value(question, value)
    return str(words.get(shown, shown)) if shown not in (None, "") else "–"


def _page(
    request: HttpRequest,
    rows: Sequence[Initiative],
    question: Question | None,
    form: FieldForm | None,
    *,
    lines: Sequence[Line] = (),
    faults: Sequence[Fault] = (),
    status: int = 200,
) -> HttpResponse:
    context = {
        "rows": rows,
        "keys": [row.key for row in rows],
        "fields": [asked_by(Section).question(name) for name in FIELDS],
        "question": question,
        "form": form,
        "lines": lines,
        "going": sum(line.is_in for line in lines),
        "faults": faults,
    }
    return render(request, "initiatives/together/change.html", context, status=status)
