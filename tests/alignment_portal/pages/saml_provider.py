"""A SAML identity provider without a server: answers made and signed here, with a key of its own."""

import base64
import zlib
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from onelogin.saml2.utils import OneLogin_Saml2_Utils

ENTITY = "https://idp.example.org/saml"
SIGN_IN = "https://idp.example.org/sign-in"
PEM = serialization.Encoding.PEM

ANSWER = """<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"
 ID="_response" Version="2.0" IssueInstant="{now}" Destination="{acs}" InResponseTo="{asked}">
<saml:Issuer>{entity}</saml:Issuer>
<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>{assertion}</samlp:Response>"""
ASSERTION = """<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_assertion" Version="2.0" IssueInstant="{now}">
<saml:Issuer>{entity}</saml:Issuer>
<saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">{uid}</saml:NameID>
<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
<saml:SubjectConfirmationData NotOnOrAfter="{later}" Recipient="{acs}" InResponseTo="{asked}"/></saml:SubjectConfirmation></saml:Subject>
<saml:Conditions NotBefore="{earlier}" NotOnOrAfter="{later}"><saml:AudienceRestriction><saml:Audience>{audience}</saml:Audience>
</saml:AudienceRestriction></saml:Conditions>
<saml:AuthnStatement AuthnInstant="{signed_in}" SessionIndex="s1"><saml:AuthnContext>
<saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>
<saml:AttributeStatement>{attributes}</saml:AttributeStatement></saml:Assertion>"""


def attribute(name, values):
    texts = "".join(f"<saml:AttributeValue>{escape(value)}</saml:AttributeValue>" for value in values)
    return f'<saml:Attribute Name="{name}">{texts}</saml:Attribute>'


def made_key():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.example.org")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return private.decode(), certificate.public_bytes(PEM).decode()


class Provider:
    def __init__(self):
        self.key, self.certificate = made_key()
        self.said = {"email": ["eleanor@example.org"], "name": ["Eleanor Voss"], "groups": []}
        self.uid = "u-1"

    def settings(self):
        return {
            "verified_email": ["example.org"],
            "attribute_mapping": {"email": "email", "name": "name"},
            "idp": {"entity_id": ENTITY, "sso_url": SIGN_IN, "x509cert": self.certificate},
            "advanced": {
                "want_assertion_signed": True,
                "want_name_id": True,
                "reject_idp_initiated_sso": True,
            },
        }

    @staticmethod
    def request(location):
        """What the portal sent along."""
        packed = parse_qs(urlsplit(location).query)["SAMLRequest"][0]
        return ET.fromstring(zlib.decompress(base64.b64decode(packed), -15))  # noqa: S314 — ours

    def asked(self, location):
        return self.request(location).get("ID")

    def forces(self, location):
        """Whether the person is to be asked, though they are signed in there already."""
        return self.request(location).get("ForceAuthn") == "true"

    def answer(self, *, asked, acs, audience, signed_with=None, late=False, signed_in=None):
        now = datetime.now(UTC) - timedelta(hours=2 if late else 0)
        words = {
            "now": f"{now:%Y-%m-%dT%H:%M:%SZ}",
            "signed_in": f"{signed_in or now:%Y-%m-%dT%H:%M:%SZ}",
            "earlier": f"{now - timedelta(minutes=1):%Y-%m-%dT%H:%M:%SZ}",
            "later": f"{now + timedelta(minutes=5):%Y-%m-%dT%H:%M:%SZ}",
            "acs": acs, "asked": asked, "audience": audience, "entity": ENTITY, "uid": self.uid,
        }  # fmt: skip
        told = "".join(attribute(name, values) for name, values in self.said.items() if values)
        assertion = ASSERTION.format(attributes=told, **words)
        if signed_with is not False:
            key, certificate = signed_with or (self.key, self.certificate)
            assertion = OneLogin_Saml2_Utils.add_sign(assertion, key, certificate).decode()
        return ANSWER.format(assertion=assertion, **words)
