"""A provider, two hall clerks and some signers for tests of the activation process."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts_chain.activation.configuration import ActivationConfiguration, Issuing
from contracts_chain.agreements.identity.attestation import (
    AttestationClaims,
    join_hall_signatures,
    sign_attestation,
    sign_hall_claims,
)
from contracts_chain.agreements.identity_codes import resident_check
from contracts_chain.evidence.will import DocumentToSign, FieldToSign, SignerRef, WillRequest
from kernel.digests import sha256
from kernel.ids import new_id
from kernel.sized_bytes import Bytes32

__all__ = [
    "UTILITY",
    "Vouchers",
    "document_to_sign",
    "new_phone",
    "new_signer",
    "request_for",
]

UTILITY = "91330200MA00000000"
CUSTOMER = "宁波海曙某某电力有限公司"
CUSTOMER_USCC = "91330200MA2AGG5H2T"


def new_signer(name: str) -> SignerRef:
    """Somebody whom no other test knows, with a well-formed document number."""
    year, month, serial = 1970 + secrets.randbelow(30), 1 + secrets.randbelow(12), secrets.randbelow(1000)
    first = f"330206{year}{month:02d}11{serial:03d}"
    return SignerRef(name=name, id_type="RESIDENT_ID", id_no=first + resident_check(first))


def new_phone() -> str:
    """A number that no other test sends to."""
    return f"138{secrets.randbelow(10**8):08d}"


def _public(seed: bytes) -> Bytes32:
    return Bytes32(Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw())


@dataclass
class Vouchers:
    """Who vouches for people in tests, with their secret keys."""

    provider: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    clerks: tuple[bytes, bytes] = field(
        default_factory=lambda: (secrets.token_bytes(32), secrets.token_bytes(32))
    )

    def configuration(self, **changed: object) -> ActivationConfiguration:
        members: dict[str, object] = {
            "providers": {"sandbox-provider": _public(self.provider)},
            "hall_clerks": {"clerk-1": _public(self.clerks[0]), "clerk-2": _public(self.clerks[1])},
            "rp_id": "sign.example",
            "rp_name": "示例供电公司 TEST",
            "origins": ("https://sign.example",),
            "issuing": Issuing(utility_uscc=UTILITY),
        }
        return ActivationConfiguration(**(members | changed))  # type: ignore[arg-type]

    def claims(self, signer: SignerRef, now: datetime, **changed: object) -> AttestationClaims:
        members: dict[str, object] = {
            "issuer": "sandbox-provider",
            "method": "carrier_three_elements",
            "name": signer.name,
            "id_type": signer.id_type,
            "id_no": signer.id_no,
            "phone": "13800001234",
            "session": new_id(),
            "nonce": new_id(),
            "issued_utc": now.replace(microsecond=0),
            "sandbox": True,
        }
        return AttestationClaims(**(members | changed))  # type: ignore[arg-type]

    def attest(self, signer: SignerRef, now: datetime, **changed: object) -> bytes:
        """A provider's attestation."""
        return sign_attestation(self.claims(signer, now, **changed), self.provider)

    def attest_at_hall(
        self, signer: SignerRef, now: datetime, *, clerks: tuple[int, int] = (0, 1), **changed: object
    ) -> bytes:
        """The hall's, signed by the clerks of these places; each under its own name or any other."""
        payload = self.claims(signer, now, issuer="hall", method="hall_review", **changed).canonical()
        first, second = clerks
        return join_hall_signatures(
            payload,
            (
                sign_hall_claims(payload, f"clerk-{first + 1}", self.clerks[first]),
                sign_hall_claims(payload, f"clerk-{second + 1}", self.clerks[second]),
            ),
        )


def request_for(
    signer: SignerRef,
    document: bytes,
    *,
    number: str = "ZJMZ00-YX-2026-000001",
    fields: tuple[str, ...] = ("ConsumerPerson", "ConsumerSeal"),
    ceremony: str | None = None,
) -> WillRequest:
    """A will over one document of a company's signer."""
    return WillRequest(
        ceremony=ceremony or new_id(),
        signer=signer,
        documents=(document_to_sign(document, number=number, fields=fields),),
    )


def document_to_sign(document: bytes, *, number: str, fields: tuple[str, ...]) -> DocumentToSign:
    return DocumentToSign(
        number=number,
        role="consumer",
        document_sha256=sha256(document),
        document_length=len(document),
        fields=tuple(
            FieldToSign(
                field=name,
                kind="seal" if name.endswith("Seal") else "person",
                organisation=CUSTOMER,
                organisation_id=CUSTOMER_USCC,
                seal_name="供用电合同专用章" if name.endswith("Seal") else "",
            )
            for name in fields
        ),
    )
