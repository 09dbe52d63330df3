"""A passkey in software: what a browser and its authenticator answer, so that tests need neither."""

import base64
import hashlib
import json
import secrets

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256
from fido2.webauthn import AttestedCredentialData, AuthenticatorData

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def encoded(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Passkey:
    def __init__(self, origin="https://testserver", *, verifies=True):
        self.origin, self.verifies = origin, verifies
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(16)
        self.owner, self.count = "", 0

    @property
    def flags(self):
        return PRESENT | (VERIFIED if self.verifies else 0)

    def said(self, kind, challenge):
        words = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(words).encode()

    def site(self, options):
        rp = options.get("rp", {}).get("id") or options["rpId"]
        return hashlib.sha256(rp.encode()).digest()

    def create(self, options):
        """Answer `navigator.credentials.create`."""
        asked = options["publicKey"]
        self.owner = asked["user"]["id"]
        public = AttestedCredentialData.create(
            b"\0" * 16, self.id, ES256.from_cryptography_key(self.key.public_key())
        )
        data = AuthenticatorData.create(self.site(asked), self.flags | ATTESTED, 0, public)
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        response = {
            "clientDataJSON": encoded(self.said("webauthn.create", asked["challenge"])),
            "attestationObject": encoded(attestation),
        }
        return self.answer(response, {"credProps": {"rk": True}})

    def get(self, options):
        """Answer `navigator.credentials.get`."""
        asked = options["publicKey"]
        self.count += 1
        data = AuthenticatorData.create(self.site(asked), self.flags, self.count)
        said = self.said("webauthn.get", asked["challenge"])
        signature = self.key.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        return self.answer(
            {
                "clientDataJSON": encoded(said),
                "authenticatorData": encoded(data),
                "signature": encoded(signature),
                "userHandle": self.owner,
            },
            {},
        )

    def answer(self, response, extensions):
        return json.dumps(
            {
                "id": encoded(self.id),
                "rawId": encoded(self.id),
                "type": "public-key",
                "response": response,
                "clientExtensionResults": extensions,
            }
        )
