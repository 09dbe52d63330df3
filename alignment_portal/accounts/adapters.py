"""What the sign-in library asks us: nobody opens an account by themselves, secrets are kept encrypted."""

import base64
import hashlib
from datetime import UTC, datetime
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.http import HttpRequest
from django.utils.encoding import force_bytes

from alignment_portal.accounts.models import User
from alignment_portal.accounts.proof import prove_elsewhere
from alignment_portal.accounts.single_sign_on import Arrival, arrive, not_asked_again


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # the library publishes no types
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """The pages say what happened, in their own words."""

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """The audit record says it."""


def _box() -> MultiFernet:
    """SECRET_KEY first; keys it replaced can still open what they closed."""
    return MultiFernet(
        [Fernet(_key_of(secret)) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    )


def _key_of(secret: str | bytes) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(b"second factor:" + force_bytes(secret)).digest())


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # the library publishes no types
    """Whoever reads the database learns no secret of an authenticator app and no recovery code."""

    def encrypt(self, text: str) -> str:
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _box().decrypt(encrypted_text.encode()).decode()


class SingleSignOnAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # the library publishes no types
    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False  # whether an account is opened is decided in single_sign_on.py

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """Nothing: what the provider says goes into the arrival."""
        user: User = sociallogin.user
        return user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        link = arrive(_arrival(sociallogin))
        if sociallogin.state.get("process") == "redirect":  # confirming, rather than signing in
            if request.user.pk == link.user_id and not prove_elsewhere(
                request.session, _shown_at(request, sociallogin)
            ):
                raise not_asked_again(link.provider)
            return
        sociallogin.account, sociallogin.user = link, link.user


def _arrival(sociallogin: SocialLogin) -> Arrival:
    told: dict[str, Any] = sociallogin.account.extra_data
    claims = {**told.get("id_token", {}), **told.get("userinfo", {})} or told
    address = next(iter(sociallogin.email_addresses), None)
    groups = claims.get(
        settings.SAML_GROUPS if sociallogin.account.provider == "saml" else settings.OIDC_GROUPS
    )
    return Arrival(
        provider=sociallogin.account.provider,
        uid=sociallogin.account.uid,
        email="" if address is None else address.email,
        is_vouched_for=address is not None and address.verified,
        name=_first(claims.get(settings.SAML_PERSON_NAME) or claims.get("name")),
        groups=frozenset(_texts(groups)),
    )


def _shown_at(request: HttpRequest, sociallogin: SocialLogin) -> datetime | None:
    """When the person last showed the provider who they are, as what it signed says; None where it does not."""
    if sociallogin.account.provider == "saml":
        found: datetime | None = getattr(request, "authenticated_at", None)  # put there by the door
        return found
    # SOURCE: OpenID Connect Core 1.0, section 2: seconds since 1970, and required where max_age was asked.
    told = sociallogin.account.extra_data.get("id_token", {}).get("auth_time")
    try:
        return datetime.fromtimestamp(told, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _texts(value: object) -> list[str]:
    """The names among what a provider tells; some tell groups as objects, which name none here."""
    found = value if isinstance(value, list) else [value]
    return [name for name in found if isinstance(name, str)]


def _first(value: object) -> str:
    """SAML attributes come as lists, claims of OpenID Connect as text."""
    found = value[0] if isinstance(value, list) and value else value
    return found if isinstance(found, str) else ""
