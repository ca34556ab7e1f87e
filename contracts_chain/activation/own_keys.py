"""TEST certificates for keys that people hold themselves: in a browser, on a token.

Decides that such a certificate bears the attested person's name alone, and that it is given only
on a code to the attested phone together with the key's own signature over the request. Neither
the service nor its operator can have one in a customer's name. The private key is never here.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Protocol

from contracts_chain.activation.errors import OwnKeyNotCertifiedError
from contracts_chain.activation.factor_enrolment import FactorEnrolment
from contracts_chain.activation.port import OwnKeyProof
from contracts_chain.evidence.will import SignerRef
from kernel.canonical_json import JsonObject, canonical_bytes
from kernel.digests import sha256
from signing.model import SoleControl
from signing.signature_mechanism import proven_signature

__all__ = ["HolderIssuer", "OwnKeys", "own_key_request"]

_DOMAIN: Final = b"contracts-chain own key v1\n"
_LIFETIME: Final = timedelta(days=365)


class HolderIssuer(Protocol):
    """A certification authority that certifies keys which live elsewhere."""

    def certify_person(
        self,
        public_key_der: bytes,
        *,
        name: str,
        organisation: str | None,
        organisation_id: str | None,
        sole_control: SoleControl | None,
        lifetime: timedelta,
    ) -> tuple[bytes, ...]:
        """A chain for a holder's key, leaf first, DER."""
        ...


def own_key_request(name: str, public_key_der: bytes, code: str) -> bytes:
    """What the holder's key signs with SHA-256 to be certified: name, key, and the code it was sent."""
    told: JsonObject = {"code": code, "name": name, "public_key_sha256": sha256(public_key_der).hex()}
    return _DOMAIN + canonical_bytes(told)


class OwnKeys:
    """Certifies holders' keys; the caller serialises calls.

    While the issuer is asked others may have their turn (``unlocked_holders``): it is asked last.
    """

    def __init__(self, factors: FactorEnrolment, issuer: HolderIssuer | None) -> None:
        """Take who spends enrolment codes, and who certifies; ``None`` where nobody does."""
        self._factors = factors
        self._issuer = issuer

    def certify(self, signer: SignerRef, public_key_der: bytes, proof: OwnKeyProof) -> tuple[bytes, ...]:
        """Spend the code and certify the key in the attested person's own name, leaf first, DER.

        Raises:
            OwnKeyNotCertifiedError: No authority here certifies keys that are elsewhere; no code was spent.
            UnsuitableKeyError: Neither P-256 nor RSA of 2048 to 4096 bits.
            WrongSignatureError: The key did not sign this request; no code was spent.
            NotEnrolledError: Not attested.
            CodesLockedError: Too many wrong digits.
            CodeExpiredError: No enrolment code is outstanding.
            WrongCodeError: Other digits.
            NameTooLongError: The name would exceed X.509's 64 characters.
        """
        if self._issuer is None:
            raise OwnKeyNotCertifiedError
        code = proof.code.strip()
        request = own_key_request(signer.name, public_key_der, code)
        proven_signature(public_key_der, proof.signature, request)
        person = self._factors.redeemed(signer, code)
        self._factors.tell(person, "自持密钥")
        return self._issuer.certify_person(
            public_key_der,
            name=person.signer.name,
            organisation=None,
            organisation_id=None,
            sole_control=SoleControl.OWN_KEY,
            lifetime=_LIFETIME,
        )
