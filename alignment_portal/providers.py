"""What the sign-in library needs to know of the organisation's own sign-in, from the environment."""

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from alignment_portal.environment import Environment


def installable(env: Environment) -> Iterator[str]:
    """The library's parts that can be used here; SAML needs the extra `saml`."""
    yield "openid_connect"
    if find_spec("onelogin") is not None:
        yield "saml"
    elif env.is_given("PORTAL_SAML_ENTITY"):
        message = "PORTAL_SAML_ENTITY is set, and the extra “saml” is not installed."
        raise ImproperlyConfigured(message)


def providers(env: Environment) -> dict[str, dict[str, Any]]:
    found = {}
    if env.is_given("PORTAL_OIDC_ISSUER"):
        found["openid_connect"] = {
            "OAUTH_PKCE_ENABLED": True,
            "SCOPE": env.names("PORTAL_OIDC_SCOPES"),
            "APPS": [_oidc(env)],
        }
    if env.is_given("PORTAL_SAML_ENTITY"):
        found["saml"] = {"APPS": [_saml(env)]}
    return found


def _oidc(env: Environment) -> dict[str, Any]:
    return {
        "provider_id": "oidc",
        "name": env.text("PORTAL_OIDC_NAME"),
        "client_id": env.text("PORTAL_OIDC_CLIENT_ID"),
        "secret": env.text("PORTAL_OIDC_CLIENT_SECRET"),
        "settings": {
            "server_url": env.url("PORTAL_OIDC_ISSUER"),
            "verified_email": env.names("PORTAL_SSO_DOMAINS"),
        },
    }


def _saml(env: Environment) -> dict[str, Any]:
    return {
        "provider_id": "saml",
        "name": env.text("PORTAL_SAML_NAME"),
        "client_id": "saml",
        "settings": {
            "verified_email": env.names("PORTAL_SSO_DOMAINS"),
            "attribute_mapping": {
                "email": env.text("PORTAL_SAML_EMAIL"),
                "name": env.text("PORTAL_SAML_PERSON_NAME"),
            },
            "idp": {
                "entity_id": env.text("PORTAL_SAML_ENTITY"),
                "sso_url": env.url("PORTAL_SAML_URL"),
                "x509cert": env.text("PORTAL_SAML_CERTIFICATE"),
            },
            "advanced": {
                "strict": True,
                "want_assertion_signed": True,
                "want_name_id": True,
                "reject_idp_initiated_sso": True,
                "reject_deprecated_algorithm": True,
            },
        },
    }
