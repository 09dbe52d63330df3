"""Settings: service accounts and their tokens, and replacing a token before it ends."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from alignment_portal.accounts import services, tokens
from alignment_portal.accounts.models import ApiToken, User
from alignment_portal.accounts.permissions import Action, require
from alignment_portal.http.forms import add_refusal
from alignment_portal.http.requests import actor_of
from alignment_portal.http.settings_tabs import settings_tabs
from alignment_portal.pages.forms import TokenForm
from alignment_portal.pages.settings import end_of
from alignment_portal.refusals import Refusal


class AccountForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("What is the program called?"), max_length=120)
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"), help_text=gettext_lazy("Of the people who look after it.")
    )


class ServiceTokenForm(TokenForm):
    expires_on = forms.DateField(
        label=gettext_lazy("Until"),
        help_text=gettext_lazy("The end of this day, in UTC. Replace the token before."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    rate = forms.IntegerField(
        label=gettext_lazy("Requests a minute"),
        required=False,
        min_value=1,
        max_value=100_000,
        help_text=gettext_lazy("Empty: as many as any token."),
    )


def _page(request: HttpRequest, template: str, status: int = 200, **context: object) -> HttpResponse:
    context = {"tabs": settings_tabs(request), **context}
    return render(request, f"pages/settings/{template}.html", context, status=status)


@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    by = actor_of(request)
    require(by, Action.PEOPLE_MANAGE)
    form = AccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            account = services.open_service_account(by=by, **form.cleaned_data)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Opened. Give it a role, then issue its first token."))
            return redirect("settings-service", account.pk)
    rows = User.objects.with_roles().filter(is_service=True).order_by("-is_active", "name")
    return _page(request, "service_accounts", status=422 if form.errors else 200, form=form, accounts=rows)


def _found(request: HttpRequest, account_id: UUID) -> User:
    require(actor_of(request), Action.PEOPLE_MANAGE)
    return get_object_or_404(User, pk=account_id, is_service=True)


@require_http_methods(["GET", "POST"])
def account(request: HttpRequest, account_id: UUID) -> HttpResponse:
    found, issued = _found(request, account_id), None
    form = ServiceTokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        try:
            issued = tokens.issue_token(
                by=actor_of(request), user=found, expires_at=end_of(given.pop("expires_on")), **given
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            form = ServiceTokenForm()
    return _account_page(request, found, form, issued)


def _account_page(
    request: HttpRequest, found: User, form: forms.Form, issued: tokens.IssuedToken | None = None
) -> HttpResponse:
    answer = _page(
        request,
        "service_account",
        status=422 if form.errors else 200,
        account=found,
        grants=found.current_grants(),
        tokens=found.tokens.all(),
        form=form,
        issued=issued,
    )
    if issued is not None:
        answer["Cache-Control"] = "no-store"
    return answer


@require_POST
def rotate(request: HttpRequest, account_id: UUID, token_id: int) -> HttpResponse:
    found = _found(request, account_id)
    token = get_object_or_404(ApiToken, pk=token_id, user=found)
    issued = tokens.rotate_token(by=actor_of(request), token=token)
    return _account_page(request, found, ServiceTokenForm(), issued)


@require_POST
def revoke(request: HttpRequest, account_id: UUID, token_id: int) -> HttpResponse:
    token = get_object_or_404(ApiToken, pk=token_id, user=_found(request, account_id))
    tokens.revoke_token(by=actor_of(request), token=token)
    messages.success(request, _("The token is revoked: nothing can use it any more."))
    return redirect("settings-service", account_id)


@require_POST
def rotate_own(request: HttpRequest, token_id: int) -> HttpResponse:
    by = actor_of(request)
    token = get_object_or_404(ApiToken, pk=token_id, user_id=by.user_id)
    issued = tokens.rotate_token(by=by, token=token)
    mine = ApiToken.objects.filter(user=token.user)
    answer = _page(request, "tokens", form=TokenForm(), issued=issued, tokens=mine)
    answer["Cache-Control"] = "no-store"
    return answer
