"""What the sign-in library asks us: nobody opens an account by themselves, secrets are kept encrypted."""

import base64
import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.http import HttpRequest
from django.utils.encoding import force_bytes


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
