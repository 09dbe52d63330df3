"""One's dates for a calendar program: the feed under its secret address, and the setting that opens and closes it."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.calendar_feeds import close_feed, feed_of, note_read, open_feed
from alignment_portal.accounts.models import CalendarFeed
from alignment_portal.http.requests import actor_of, signed_in
from alignment_portal.http.settings_tabs import settings_tabs
from alignment_portal.pages.calendar_events import calendar_of


def address_of(key: str) -> str:
    return f"{settings.PORTAL_URL}{reverse('calendar', args=[key])}"


@login_not_required
@require_safe
@never_cache
def feed(request: HttpRequest, key: str) -> HttpResponse:
    """The dates of whoever opened this address; to every other address there is nothing here."""
    found = feed_of(key)
    if found is None:
        raise Http404
    note_read(found)
    body = calendar_of(Actor.of(found.user, "page"))
    headers = {"Content-Disposition": 'inline; filename="alignment.ics"', "Referrer-Policy": "no-referrer"}
    return HttpResponse(body, content_type="text/calendar; charset=utf-8", headers=headers)


@require_http_methods(["GET", "POST"])
@never_cache
def own(request: HttpRequest) -> HttpResponse:
    me, address = signed_in(request), ""
    if request.method == "POST":
        address = address_of(open_feed(by=actor_of(request), person=me))
    context = {
        "tabs": settings_tabs(request),
        "feed": CalendarFeed.objects.filter(user=me.pk).first(),
        "address": address,
    }
    return render(request, "pages/settings/calendar.html", context)


@require_POST
def close(request: HttpRequest) -> HttpResponse:
    close_feed(by=actor_of(request), person=signed_in(request))
    messages.success(request, _("The address is closed: it answers nobody any more."))
    return redirect("settings-calendar")
