"""Offering, reviewing, withdrawing and fetching evidence."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from alignment_portal.accounts.permissions import Action
from alignment_portal.http.problems import CONTENT_TYPE, faults_of, problem
from alignment_portal.refusals import Conflict, Invalid, NotFound, Refusal, TooLarge
from gates.engine import Gate, Rule
from gates.models import Evidence
from gates.selectors.evidence import evidence_table, file_headers
from gates.selectors.files import open_blob
from gates.selectors.kinds import ALLOWED_WORDS, KINDS
from gates.services.evidence import offer_evidence, review_evidence, withdraw_evidence
from gates.services.offers import LONGEST_TITLE, Offer
from gates.web.forms import MEASURE, OfferForm, ReviewForm, WithdrawForm
from gates.web.frame import Visit, attempt, gate_address, page, question_address, visit
from gates.web.gates import gate_page
from gates.web.words import freshness_in_words, kinds_in_words, reviewers_in_words
from initiatives.selectors import require_on

ENDINGS = [f".{ending}" for kind in KINDS.values() for ending in kind.extensions]
MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Asking:
    """A question somebody is about to answer, and the item they are about to replace, if any."""

    at: Visit
    gate: Gate
    rule: Rule
    replaced: Evidence | None

    @property
    def address(self) -> str:
        return question_address(self.at.key, self.gate.code, self.rule.code)


def evidence_or_404(at: Visit, ref: str) -> Evidence:
    row = evidence_table().filter(initiative=at.initiative, ref=ref).first()
    if row is None:
        sentence = f"{at.key} has no evidence {ref}."
        raise NotFound(sentence, code="evidence_not_found")
    return row


def _gate_of(at: Visit, row: Evidence) -> str:
    rule = at.policy.rules_by_code.get(row.question)
    if rule is None:
        sentence = f"{row.ref} answers {row.question}, which the policy no longer asks."
        raise NotFound(sentence, code="question_unknown")
    return rule.gate


# --- offering ----------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def offer(request: HttpRequest, key: str, gate: str) -> HttpResponse:
    """The form for one question. Each file that scripts send is a request of its own; without scripts all come at once."""
    at = visit(request, key)
    require_on(at.by, Action.EVIDENCE_SUBMIT, at.initiative)
    shown = at.gate(gate)
    asked = request.POST if request.method == "POST" else request.GET
    rule = _rule(at, shown, asked.get("question", ""))
    replaced = evidence_or_404(at, asked["supersedes"]) if asked.get("supersedes") else None
    asking = Asking(at, shown, rule, replaced)
    if request.method == "GET":
        return _offer_page(asking, _form(asking, initial=_beginning(asking)))
    return _take(asking)


def _rule(at: Visit, gate: Gate, code: str) -> Rule:
    rule = at.policy.rules_by_code.get(code)
    if rule is None or rule.gate != gate.code or rule.asks is None:
        sentence = f"The gate “{gate.title}” has no question “{code}” that asks for evidence."
        raise NotFound(sentence, code="question_unknown")
    return rule


def _form(asking: Asking, **given: Any) -> OfferForm:
    return OfferForm(policy=asking.at.policy, rule=asking.rule, view=asking.at.view, **given)


def _beginning(asking: Asking) -> dict[str, Any]:
    """What need not be typed again."""
    asked, replaced = asking.at.request.GET, asking.replaced
    plain = {"question": asking.rule.code, "observed_on": asking.at.view.today}
    if replaced is None:
        return {**plain, **{name: asked[name] for name in ("deployment", "control", "form") if name in asked}}
    kept = ("form", "kind", "title", "statement", "deployment", "control", "link")
    numbers = {MEASURE + name: value for name, value in replaced.measures.items()}
    return {
        **plain,
        "supersedes": replaced.ref,
        **{name: getattr(replaced, name) for name in kept},
        **numbers,
    }


def _take(asking: Asking) -> HttpResponse:
    form = _form(asking, data=asking.at.request.POST)
    refusal: Refusal | None = None
    if form.is_valid():
        try:
            items = _offered(asking, form)
        except (Invalid, Conflict, TooLarge) as refused:
            refusal = refused
        else:
            return _received(asking, items)
    return _refused(asking, form, refusal)


def _offered(asking: Asking, form: OfferForm) -> tuple[Evidence, ...]:
    given, at = form.cleaned_data, asking.at
    files = at.request.FILES.getlist("files") if given["form"] == "file" else []
    made_up = PurePath(files[0].name or "").stem if len(files) == 1 else asking.rule.title
    offered = Offer(
        question=asking.rule.code,
        form=given["form"],
        kind=given["kind"],
        title=(given["title"] or made_up)[:LONGEST_TITLE],
        statement=given["statement"],
        observed_on=given["observed_on"],
        expires_on=given["expires_on"],
        link=given["link"] if given["form"] == "link" else "",
        measures=form.measured,
        deployment=given.get("deployment", ""),
        control=given.get("control", ""),
    )
    return offer_evidence(
        by=at.by, initiative=at.initiative, offer=offered, files=files, supersedes=asking.replaced
    )


def _received(asking: Asking, items: tuple[Evidence, ...]) -> HttpResponse:
    request, reviewers = asking.at.request, reviewers_in_words(asking.gate.reviewers)
    for item in items:
        sentence = _("%(ref)s “%(title)s” was received. It waits for a reviewer: %(reviewers)s.")
        messages.success(request, sentence % {"ref": item.ref, "title": item.title, "reviewers": reviewers})
    if _is_script(request):
        return JsonResponse({"evidence": [item.ref for item in items]}, status=201)
    return redirect(asking.address)


def _refused(asking: Asking, form: OfferForm, refusal: Refusal | None) -> HttpResponse:
    """Nothing was kept. The words stay in the form; a browser does not let a page put files back."""
    status = 422 if refusal is None or isinstance(refusal, Invalid) else refusal.status
    if refusal is not None:
        _put_faults(form, refusal)
    if not _is_script(asking.at.request):
        return _offer_page(asking, form, status=status)
    errors = [
        {"pointer": f"/{name}", "detail": str(error), "code": "invalid"}
        for name, found in form.errors.items()
        for error in found
    ]
    sentence = refusal.sentence if refusal is not None else _("This cannot be submitted as it is.")
    body = problem(status=status, code="not_submitted", detail=sentence, errors=errors)
    return JsonResponse(body, status=status, content_type=CONTENT_TYPE)


def _put_faults(form: OfferForm, refusal: Refusal) -> None:
    """Each fault at the field it is about."""
    faults = faults_of(refusal)
    if not faults:
        form.add_error(None, refusal.sentence)
    for fault in faults:
        first, _slash, rest = fault.pointer.removeprefix("/").partition("/")
        name = {"files": "file", "measures": MEASURE + rest}.get(first, first)
        form.add_error(name if name in form.fields and name != "question" else None, fault.sentence)


def _is_script(request: HttpRequest) -> bool:
    """Whether js/upload.js sends a file of its own and reads the answer as JSON."""
    return request.headers.get("X-Requested-With") == "upload"


def _offer_page(asking: Asking, form: OfferForm, status: int = 200) -> HttpResponse:
    at, gate = asking.at, asking.gate
    is_part = bool(getattr(at.request, "htmx", False))
    most = 1 if asking.replaced else settings.UPLOAD_MAX_FILES
    limits = _(
        "%(kinds)s. At most %(size)d MB each, %(many)s. A file is judged by what is in it, not by its name."
    )
    words = {
        "kinds": ALLOWED_WORDS,
        "size": settings.UPLOAD_MAX_BYTES // MEGABYTE,
        "many": ngettext("one file", "%(n)d files at once", most) % {"n": most},
    }
    return page(
        at,
        "offer_form" if is_part else "offer",
        status=status,
        crumbs=[
            {"label": _("Gates & evidence"), "url": f"/initiatives/{at.key}/gates/"},
            {"label": gate.title, "url": gate_address(at.key, gate.code)},
        ],
        gate=gate,
        rule=asking.rule,
        form=form,
        replaced=asking.replaced,
        accept=",".join(ENDINGS),
        limits=limits % words,
        max_bytes=settings.UPLOAD_MAX_BYTES,
        max_files=most,
        accepts=kinds_in_words(at.policy, form.asks),
        fresh=freshness_in_words(form.asks),
        back=asking.address,
        next="" if is_part else asking.address,
    )


# --- what others do with it --------------------------------------------------------------------------------


@require_GET
def evidence(request: HttpRequest, key: str, ref: str) -> HttpResponse:
    """The lasting address of one item: its place on the page of its gate."""
    at = visit(request, key)
    row = evidence_or_404(at, ref)
    return redirect(gate_address(key, _gate_of(at, row), row.ref))


@require_GET
def evidence_file(request: HttpRequest, key: str, ref: str) -> FileResponse:
    """The file as it was submitted, always to be saved and never shown as part of the portal."""
    at = visit(request, key)
    row = evidence_or_404(at, ref)
    if row.blob is None:
        sentence = f"{ref} has no file."
        raise NotFound(sentence, code="no_file")
    answer = FileResponse(open_blob(row.blob))
    for name, value in file_headers(row).items():  # after the answer has made up its own
        answer[name] = value
    return answer


@require_POST
def review(request: HttpRequest, key: str, ref: str) -> HttpResponse:
    at = visit(request, key)
    row = evidence_or_404(at, ref)
    form = ReviewForm(request.POST, prefix=f"review-{ref}")

    def decide(given: Mapping[str, Any]) -> None:
        accepted = given["decision"] == "accept"
        review_evidence(by=at.by, evidence=row, accepted=accepted, reason=given["reason"])
        words = _("%(ref)s is accepted.") if accepted else _("%(ref)s is rejected.")
        messages.success(request, words % {"ref": ref})

    return _answered(at, row, form, attempt(form, decide))


@require_POST
def withdraw(request: HttpRequest, key: str, ref: str) -> HttpResponse:
    at = visit(request, key)
    row = evidence_or_404(at, ref)
    form = WithdrawForm(request.POST, prefix=f"withdraw-{ref}")

    def take_back(given: Mapping[str, Any]) -> None:
        withdraw_evidence(by=at.by, evidence=row, reason=given["reason"])
        messages.success(request, _("%(ref)s is withdrawn.") % {"ref": ref})

    return _answered(at, row, form, attempt(form, take_back))


def _answered(at: Visit, row: Evidence, form: ReviewForm | WithdrawForm, refused: int) -> HttpResponse:
    gate = _gate_of(at, row)
    if refused:
        return gate_page(at, gate, {str(form.prefix): form}, status=refused)
    return redirect(gate_address(at.key, gate, row.ref))
