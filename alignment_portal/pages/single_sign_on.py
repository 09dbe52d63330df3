"""Signing in where the organisation signs in: OpenID Connect and SAML, each as the settings name it."""

import base64
import json
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from allauth.socialaccount.sessions import LoginSession
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from alignment_portal.accounts.proof import ask_elsewhere
from alignment_portal.accounts.services import note_visit
from alignment_portal.pages.targets import target
from alignment_portal.refusals import TooLarge

logger = logging.getLogger(__name__)
LARGEST_ANSWER = 256 * 1024  # letters; a person with a thousand groups needs less than half of it


class VerifiedOpenIDConnect(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # the library publishes no types
    """The library believes a token it fetched itself unread; ours is checked against the provider's keys always."""

    def _decode_id_token(self, app: SocialApp, id_token: str) -> Any:
        self.did_fetch_access_token = False
        return super()._decode_id_token(app, id_token)

    def complete_login(
        self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any
    ) -> SocialLogin:
        login = super().complete_login(request, app, token, **kwargs)
        told = login.account.extra_data
        if "id_token" not in told or told["id_token"].get("sub") != told.get("userinfo", {}).get("sub"):
            sentence = "The provider spoke of two different people."
            raise OAuth2Error(sentence)
        return login


def providers_of(request: HttpRequest) -> list[dict[str, str]]:
    """What can be signed in with, as the buttons show it."""
    return [
        {"id": provider.sub_id, "name": provider.name}
        for provider in get_adapter(request).list_providers(request)
    ]


@login_not_required
@require_GET
def begin(request: HttpRequest, provider: str) -> HttpResponse:
    """Off to the provider; with `confirm`, to show there again who one is."""
    try:
        found = get_adapter(request).get_provider(request, provider)
    except SocialApp.DoesNotExist as error:
        raise Http404 from error
    if "confirm" not in request.GET or not request.user.is_authenticated:
        return _redirect(found.redirect(request, AuthProcess.LOGIN, next_url=target(request)))
    ask_elsewhere(request.session)
    if provider == "saml":
        return _ask_saml_again(request, found)
    # Whoever sits there may change what is asked: whether it was done is read from the answer, which is signed.
    again = {"prompt": "login", "max_age": "0"}
    return _redirect(
        found.redirect(request, AuthProcess.REDIRECT, next_url=target(request), auth_params=again)
    )


def _ask_saml_again(request: HttpRequest, found: Any) -> HttpResponse:
    """As the library begins, but with ForceAuthn, which it does not know."""
    from allauth.socialaccount.providers.saml.utils import build_auth  # noqa: PLC0415 — optional dependency

    auth = build_auth(request, found)
    place = auth.login(return_to="", force_authn=True)
    found.stash_redirect_state(
        request, AuthProcess.REDIRECT, target(request), None, state_id=auth.get_last_request_id()
    )
    return HttpResponseRedirect(place)


def _redirect(response: HttpResponse) -> HttpResponse:
    assert isinstance(response, HttpResponseRedirect)  # noqa: S101 — what every provider answers
    return response


def _arrived(request: HttpRequest, view: Callable[..., HttpResponse], **names: str) -> HttpResponse:
    """Let the library finish, and note the visit of whoever is signed in by it."""
    was_in = request.user.is_authenticated
    try:
        response = view(request, **names)
    except SocialApp.DoesNotExist as error:
        raise Http404 from error
    if request.user.is_authenticated and not was_in:
        note_visit(person=request.user)
    return response


@login_not_required
@require_GET
def oidc_callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    view = OAuth2CallbackView.adapter_view(VerifiedOpenIDConnect(request, provider_id))
    return _arrived(request, view)


def _saml() -> Any:
    try:
        from allauth.socialaccount.providers.saml import views  # noqa: PLC0415 — optional dependency
    except ImportError as error:
        raise Http404 from error
    return views


@csrf_exempt  # the provider's page sends it; its signature is checked, and that we asked for it
@login_not_required
@require_POST
def saml_acs(request: HttpRequest, organization_slug: str) -> HttpResponse:
    # The library keeps it in the database before anybody has judged it.
    if sum(len(value) for _, values in request.POST.lists() for value in values) > LARGEST_ANSWER:
        raise TooLarge("This is larger than any answer of a sign-in.")
    return _arrived(request, _saml().acs, organization_slug=organization_slug)


@login_not_required
@require_GET
def saml_finish(request: HttpRequest, organization_slug: str) -> HttpResponse:
    views = _saml()
    try:
        request.authenticated_at = _instant(request)  # type: ignore[attr-defined]  # ours
        return _arrived(request, views.finish_acs, organization_slug=organization_slug)
    except (SyntaxError, ValueError, PermissionDenied) as error:
        # No XML, XML with a DTD (the parser refuses both), or an answer to a question never asked.
        logger.warning("A SAML answer was not accepted: %s", error)
        return render(request, "socialaccount/authentication_error.html", status=401)


def _instant(request: HttpRequest) -> datetime | None:
    """When the provider says its person signed in there; believed only once the library has judged the whole answer.

    The library accepts one assertion in an answer, and that one signed: so what stands within it is the provider's.
    """
    from onelogin.saml2.xml_utils import OneLogin_Saml2_XML as Xml  # noqa: PLC0415 — optional dependency

    kept = LoginSession(request, "saml_acs_session", "saml-acs-session").store.get("request")
    if not kept:
        return None
    sent = QueryDict(json.loads(kept)["POST"]).get("SAMLResponse", "")
    answer = Xml.to_etree(base64.b64decode(sent))
    told = Xml.query(answer, "//saml:Assertion/saml:AuthnStatement/@AuthnInstant")
    at = datetime.fromisoformat(str(told[0])) if len(told) == 1 else None
    return None if at is None or at.tzinfo is None else at


@login_not_required
@require_GET
def saml_metadata(request: HttpRequest, organization_slug: str) -> HttpResponse:
    """What the provider's people need to know of this portal."""
    return _arrived(request, _saml().metadata, organization_slug=organization_slug)


@login_not_required
@require_GET
def saml_sign_out(request: HttpRequest, organization_slug: str) -> HttpResponse:
    return _arrived(request, _saml().sls, organization_slug=organization_slug)
