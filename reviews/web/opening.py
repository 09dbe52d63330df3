"""Opening a review, changing its frame, sending it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from alignment_portal.http.forms import add_refusal
from alignment_portal.http.requests import actor_of
from alignment_portal.http.templatetags.parts import long_moment
from alignment_portal.refusals import Conflict, Invalid, Refusal, Stale
from gates.selectors.agreement import ReviewTerms, review_terms
from initiatives.models import Cluster, Initiative
from initiatives.selectors import initiative_or_404, load_dossiers
from reviews.actions import Actions
from reviews.models import Review
from reviews.services.locks import require_editor
from reviews.services.opening import FRAME, change_review, open_review
from reviews.web.forms import FrameForm, OpenForm, executives
from reviews.web.visits import Visit, edit_visit, last_change, status_of

MOMENTS = ("pre_read_at", "meeting_at")


def _terms(initiatives: Sequence[Initiative]) -> ReviewTerms:
    keys = [one.key for one in initiatives]
    return review_terms([row.dossier for row in load_dossiers(keys).values()] if keys else [])


@require_http_methods(["GET", "POST"])
def open_page(request: HttpRequest, key: str) -> HttpResponse:
    """Open a review of this initiative, or of the whole cluster it belongs to."""
    initiative = initiative_or_404(actor_of(request), key)
    require_editor(actor_of(request), [initiative])
    crumbs = [(key, f"/initiatives/{key}/"), (_("Reviews"), f"/initiatives/{key}/reviews/")]
    return _opening(request, initiative, crumbs, f"/initiatives/{key}/reviews/")


@require_http_methods(["GET", "POST"])
def open_portfolio(request: HttpRequest) -> HttpResponse:
    """Open a review of the whole portfolio: what is started, what waits, and whose capacity moves."""
    require_editor(actor_of(request), [])
    return _opening(request, None, [(_("Reviews"), "/reviews/")], "/reviews/")


def _opening(
    request: HttpRequest, initiative: Initiative | None, crumbs: Sequence[tuple[str, str]], cancel: str
) -> HttpResponse:
    about = [initiative] if initiative else []
    terms = _terms(about)
    cluster = initiative.cluster if initiative else None
    form = OpenForm(
        request.POST or None,
        roles=terms.required_roles,
        seats=executives(about),
        cluster=_("The whole cluster %(title)s") % {"title": cluster.title} if cluster else "",
        may_send=initiative is not None,
        initial={"decision_sought": initiative.decision_sought if initiative else ""},
    )
    refusal: Refusal | None = None
    if form.is_valid():
        try:
            made = _open(request, initiative, form)
        except (Invalid, Conflict) as refused:
            refusal = refused
            add_refusal(form, refused)
        else:
            words = _("%(ref)s is open and sent.") if made.sent_at else _("%(ref)s is open and not sent yet.")
            messages.success(request, words % {"ref": made.ref})
            return redirect("reviews:review", made.ref)
    context = {
        "crumbs": [{"label": label, "url": url} for label, url in crumbs],
        "initiative": initiative,
        "form": form,
        "policy": terms.policy_version,
        "quorum": round(terms.quorum * 100),
        "cancel": cancel,
    }
    return render(request, "reviews/open.html", context, status=status_of(form, refusal))


def _open(request: HttpRequest, initiative: Initiative | None, form: OpenForm) -> Review:
    given = form.cleaned_data
    subject: Initiative | Cluster | None = initiative
    about = [initiative] if initiative else []
    if initiative is not None and given.get("about") == "cluster" and initiative.cluster is not None:
        subject = initiative.cluster
        about = list(initiative.cluster.initiatives.order_by("key"))
    terms = _terms(about)
    return open_review(
        by=actor_of(request),
        subject=subject,
        required_roles=terms.required_roles,
        quorum=terms.quorum,
        reaffirm_days=terms.reaffirm_days,
        policy_version=terms.policy_version,
        participants=form.participants(),
        send=given.get("send", False),
        **{name: given[name] for name in FRAME},
    )


@require_POST
def send(request: HttpRequest, ref: str) -> HttpResponse:
    on = edit_visit(request, ref)
    change_review(by=on.by, review=on.review, send=True)
    messages.success(request, _("%(ref)s was sent to its participants.") % {"ref": ref})
    return redirect(on.url)


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, ref: str) -> HttpResponse:
    """Purpose, decision and dates; whoever was faster is not overwritten."""
    on = edit_visit(request, ref)
    frame = {name: getattr(on.review, name) for name in FRAME}
    form = FrameForm(request.POST or None, initial=frame)
    refusal: Refusal | None = None
    if form.is_valid():
        changes = {name: _kept(name, form.cleaned_data[name], frame[name]) for name in FRAME}
        try:
            change_review(by=on.by, review=on.review, changes=changes, seen=_seen(request))
        except Stale:
            return _conflict(on, form, changes, frame)
        except (Invalid, Conflict) as refused:
            refusal = refused
            add_refusal(form, refused)
        else:
            messages.success(request, _("Saved."))
            return redirect(on.url)
    context = {
        "crumbs": on.crumbs(),
        "review": on.review,
        "form": form,
        "seen": request.POST.get("seen") or _told(frame),
        "cancel": on.url,
    }
    return render(request, "reviews/change.html", context, status=status_of(form, refusal))


def _kept(name: str, given: Any, recorded: Any) -> Any:
    """A time as recorded where the form, which knows no seconds, repeats it."""
    if name in MOMENTS and given is not None and recorded is not None:
        return recorded if given == recorded.replace(second=0, microsecond=0) else given
    return given


def _told(frame: Mapping[str, Any]) -> str:
    """What the reader sees of the frame, sealed into the form."""
    values = {
        name: value.isoformat() if name in MOMENTS and value else value for name, value in frame.items()
    }
    return signing.dumps(values, salt="reviews.frame")


def _seen(request: HttpRequest) -> dict[str, Any]:
    try:
        values: dict[str, Any] = signing.loads(request.POST.get("seen", ""), salt="reviews.frame")
    except signing.BadSignature as error:
        raise Invalid(_("This form is not whole. Open it again.")) from error
    moments = {name: dt.datetime.fromisoformat(values[name]) for name in MOMENTS if values[name]}
    return {**values, **moments}


def _conflict(on: Visit, form: FrameForm, mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> HttpResponse:
    conflicts = [
        {
            "name": name,
            "label": form.fields[name].label,
            "mine": form[name].value() or "",
            "theirs": _typed(theirs[name]),
            "mine_words": _read(mine[name]),
            "theirs_words": _read(theirs[name]),
        }
        for name in FRAME
        if mine[name] != theirs[name]
    ]
    asked = {conflict["name"] for conflict in conflicts}
    kept = [(name, form[name].value() or "") for name in FRAME if name not in asked]
    context = {
        "crumbs": on.crumbs(),
        "title": on.review.ref,
        **last_change(on.review, Actions.REVIEW_CHANGED),
        "action": on.request.path,
        "version": on.review.version,
        "conflicts": conflicts,
        "kept": [*kept, ("seen", _told(theirs))],
        "cancel": on.url,
    }
    return render(on.request, "reviews/conflict.html", context, status=409)


def _typed(value: Any) -> str:
    """As the form's inputs send it."""
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return value or ""


def _read(value: Any) -> str:
    return long_moment(value) if isinstance(value, dt.datetime) else (value or _("Nothing"))
