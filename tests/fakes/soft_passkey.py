"""An authenticator in Python: one ES256 credential for one relying party, as a browser's JSON.

``verified=False`` answers without having verified its user; ``origin`` is the page that asks.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from kernel.canonical_json import JsonObject

__all__ = ["SoftPasskey"]

_PRESENT, _VERIFIED, _ATTESTED = 0x01, 0x04, 0x40


@dataclass
class SoftPasskey:
    origin: str = "https://sign.example"
    rp_id: str = "sign.example"
    verified: bool = True
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    count: int = 0

    def create(self, options: JsonObject) -> JsonObject:
        """Answer ``navigator.credentials.create``."""
        client_data = self._client_data("webauthn.create", str(options["challenge"]))
        attested = bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id + self._cose()
        statement = {"fmt": "none", "attStmt": {}, "authData": self._data(_ATTESTED) + attested}
        response: JsonObject = {
            "attestationObject": _text(cbor2.dumps(statement)),
            "clientDataJSON": _text(client_data),
        }
        return self._credential(response)

    def get(self, options: JsonObject) -> JsonObject:
        """Answer ``navigator.credentials.get``."""
        self.count += 1
        client_data = self._client_data("webauthn.get", str(options["challenge"]))
        data = self._data(0)
        signed = self.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        return self._credential(
            {
                "authenticatorData": _text(data),
                "clientDataJSON": _text(client_data),
                "signature": _text(signed),
                "userHandle": None,
            }
        )

    def _credential(self, response: JsonObject) -> JsonObject:
        return {
            "clientExtensionResults": {},
            "id": _text(self.credential_id),
            "rawId": _text(self.credential_id),
            "response": response,
            "type": "public-key",
        }

    def _client_data(self, kind: str, challenge: str) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(told).encode()

    def _data(self, flags: int) -> bytes:
        flags |= _PRESENT | (_VERIFIED if self.verified else 0)
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + struct.pack(">I", self.count)

    def _cose(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)})


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
