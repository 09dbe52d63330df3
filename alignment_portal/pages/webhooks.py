"""Settings: webhooks, what was sent to them, and sending it again."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from alignment_portal import feed
from alignment_portal.accounts.models import User
from alignment_portal.accounts.permissions import Action, require
from alignment_portal.http.forms import add_refusal
from alignment_portal.http.requests import actor_of
from alignment_portal.http.settings_tabs import settings_tabs
from alignment_portal.outbox import deliveries
from alignment_portal.outbox import webhooks as services
from alignment_portal.outbox.models import Delivery, Webhook
from alignment_portal.refusals import Refusal

SHOWN = 50


class WebhookForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Who is told?"), max_length=80)
    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=500,
        help_text=gettext_lazy(
            "Begins with https://. Private networks are refused unless a setting names them."
        ),
        widget=forms.URLInput,
    )
    events = forms.MultipleChoiceField(
        label=gettext_lazy("Of which events?"),
        required=False,
        choices=[(name, words) for name, words in feed.WORDS.items() if name != deliveries.TEST],
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked: of all."),
    )


class NewWebhookForm(WebhookForm):
    owner = forms.ModelChoiceField(
        label=gettext_lazy("With whose eyes?"),
        queryset=User.objects.filter(is_active=True),
        help_text=gettext_lazy(
            "It is told only of what this account may see, and falls silent when it ends."
        ),
    )
    field_order = ["name", "url", "owner", "events"]


class ChangedWebhookForm(WebhookForm):
    version = forms.IntegerField(widget=forms.HiddenInput)


class StopForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Why is it stopped?"), max_length=300)


def _page(request: HttpRequest, template: str, status: int = 200, **context: object) -> HttpResponse:
    context = {"tabs": settings_tabs(request), **context}
    return render(request, f"pages/settings/{template}.html", context, status=status)


def _found(request: HttpRequest, webhook_id: UUID) -> Webhook:
    require(actor_of(request), Action.WEBHOOK_MANAGE)
    return get_object_or_404(Webhook.objects.kept().select_related("owner"), pk=webhook_id)


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    require(actor_of(request), Action.WEBHOOK_MANAGE)
    return _page(request, "webhooks", webhooks=Webhook.objects.kept().select_related("owner"))


@require_http_methods(["GET", "POST"])
def open_webhook(request: HttpRequest) -> HttpResponse:
    by = actor_of(request)
    require(by, Action.WEBHOOK_MANAGE)
    form = NewWebhookForm(request.POST or None, initial={"owner": by.user_id})
    if request.method == "POST" and form.is_valid():
        try:
            opened = services.open_webhook(by=by, known=feed.WORDS, **form.cleaned_data)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            return _webhook_page(request, opened.webhook, secret=opened.secret)
    return _page(request, "open_webhook", status=422 if form.errors else 200, form=form)


@require_GET
def webhook(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    return _webhook_page(request, _found(request, webhook_id))


def _webhook_page(
    request: HttpRequest, found: Webhook, status: int = 200, secret: str = "", **given: object
) -> HttpResponse:
    rows = Delivery.objects.filter(webhook=found).select_related("event")
    context = {
        "webhook": found,
        "told": [feed.WORDS.get(name, name) for name in found.events],
        "secret": secret,
        "deliveries": rows[:SHOWN],
        "stop_form": StopForm(prefix="stop"),
        **given,
    }
    answer = _page(request, "webhook", status, **context)
    if secret:
        answer["Cache-Control"] = "no-store"
    return answer


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    found = _found(request, webhook_id)
    form = ChangedWebhookForm(request.POST or None, initial=_values(found))
    if request.method == "POST" and form.is_valid():
        try:
            services.change_webhook(
                by=actor_of(request), webhook=found, known=feed.WORDS, **form.cleaned_data
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("settings-webhook", found.pk)
    return _page(request, "change_webhook", status=422 if form.errors else 200, form=form, webhook=found)


def _values(found: Webhook) -> dict[str, Any]:
    return {name: getattr(found, name) for name in ("name", "url", "events", "version")}


@require_POST
def rotate(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    opened = services.rotate_secret(by=actor_of(request), webhook=_found(request, webhook_id))
    return _webhook_page(request, opened.webhook, secret=opened.secret)


@require_POST
def stop(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    found = _found(request, webhook_id)
    form = StopForm(request.POST, prefix="stop")
    if not form.is_valid():
        return _webhook_page(request, found, status=422, stop_form=form)
    services.stop_webhook(by=actor_of(request), webhook=found, reason=form.cleaned_data["reason"])
    messages.success(request, _("Stopped. What it misses stays in the events feed."))
    return redirect("settings-webhook", found.pk)


@require_POST
def start(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    services.start_webhook(by=actor_of(request), webhook=_found(request, webhook_id))
    messages.success(request, _("Started. It is told of what happens from now on, and of what still waited."))
    return redirect("settings-webhook", webhook_id)


@require_POST
def test(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    delivery = deliveries.send_test(by=actor_of(request), webhook=_found(request, webhook_id))
    messages.success(request, _("A test is on its way. Reload in a moment to see the answer."))
    return redirect("settings-delivery", webhook_id, delivery.pk)


@require_POST
def remove(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    found = _found(request, webhook_id)
    services.retire_webhook(by=actor_of(request), webhook=found)
    messages.success(request, _("The webhook “%(name)s” is removed.") % {"name": found.name})
    return redirect("settings-webhooks")


def _delivery(request: HttpRequest, webhook_id: UUID, delivery_id: UUID) -> Delivery:
    rows = Delivery.objects.filter(webhook=_found(request, webhook_id)).select_related("event", "webhook")
    return get_object_or_404(rows, pk=delivery_id)


@require_GET
def delivery(request: HttpRequest, webhook_id: UUID, delivery_id: UUID) -> HttpResponse:
    found = _delivery(request, webhook_id, delivery_id)
    return _page(
        request,
        "delivery",
        delivery=found,
        words=feed.WORDS.get(found.event.name, found.event.name),
        attempts=found.log.all()[:SHOWN],
    )


@require_POST
def replay(request: HttpRequest, webhook_id: UUID, delivery_id: UUID) -> HttpResponse:
    found = _delivery(request, webhook_id, delivery_id)
    deliveries.replay(by=actor_of(request), delivery=found)
    messages.success(request, _("It is sent again. Reload in a moment to see the answer."))
    return redirect("settings-delivery", webhook_id, delivery_id)
