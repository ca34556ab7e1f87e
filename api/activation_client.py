"""The activation process as the service sees it: ``Activation``, certificates, timestamps, PKI.

Every method of the port goes over the process's Unix socket. A process that died is begun again
and asked once more: all its methods may be repeated. The service holds no secret of it.
"""

from __future__ import annotations

from api.activation_channel import ActivationChannel
from contracts_chain.activation.event_authority import CscAuthority, authority_from
from contracts_chain.activation.port import (
    CodeIssued,
    OwnKeyProof,
    SignatureOrder,
    SignedField,
    SignerStanding,
    WillFactor,
)
from contracts_chain.activation.seal_wire import issued_seal_from, seal_order_json
from contracts_chain.activation.will_wire import (
    bytes_from,
    bytes_text,
    factor_json,
    issued_from,
    order_json,
    release_from,
    request_json,
    signed_from,
    signer_json,
    standing_from,
)
from contracts_chain.evidence.strict_fields import Fields, MalformedEvidenceError
from contracts_chain.evidence.will import Release, SignerRef, WillRequest
from kernel.canonical_json import JsonObject, JsonValue
from kernel.digests import sha256
from kernel.sized_bytes import Bytes32
from signing.issuing_ca import TestCa
from signing.model import Credential
from signing.ses.making import IssuedSeal, SealOrder
from signing.software_key import SoftwareKey

__all__ = ["ActivationAuthority", "ActivationChannel", "ActivationStamping", "HttpActivation"]


class HttpActivation:
    """Implements ``Activation``."""

    def __init__(self, channel: ActivationChannel) -> None:
        """Take the channel."""
        self._channel = channel

    @property
    def public_key(self) -> Bytes32:
        """Ed25519 key that signs releases; trust bundles name it."""
        return self._channel.about().sized("public_key", Bytes32)

    @property
    def separation(self) -> str:
        """``own_user``, or ``none`` where the process shares the service's user."""
        return self._channel.about().text("separation")

    @property
    def configuration_differs(self) -> tuple[str, ...]:
        """Members in which its own configuration is another than the one it was started with."""
        return tuple(str(name) for name in self._channel.about().members("configuration_differs"))

    @property
    def certifies_own_keys(self) -> bool:
        """See ``Activation``."""
        return self._channel.about().take("certifies_own_keys") is True

    def standing(self, signer: SignerRef) -> SignerStanding:
        """See ``Activation``."""
        return standing_from(self._channel.object("standing", {"signer": signer_json(signer)}))

    def enrol(self, attestation: bytes) -> SignerStanding:
        """See ``Activation``."""
        return standing_from(self._channel.object("enrol", {"attestation": bytes_text(attestation)}))

    def send_code(self, request: WillRequest) -> CodeIssued:
        """See ``Activation``."""
        return issued_from(self._channel.object("send_code", {"request": request_json(request)}))

    def passkey_options(self, request: WillRequest) -> JsonObject:
        """See ``Activation``."""
        return self._channel.object("passkey_options", {"request": request_json(request)}).rest()

    def release(self, request: WillRequest, factor: WillFactor) -> Release:
        """See ``Activation``."""
        body: JsonObject = {"factor": factor_json(factor), "request": request_json(request)}
        return release_from(self._channel.object("release", body))

    def released(self, ceremony: str) -> Release | None:
        """See ``Activation``."""
        found = self._channel.ask("released", {"ceremony": ceremony})
        return None if found is None else release_from(Fields.of(found, "released"))

    def sign(self, order: SignatureOrder) -> SignedField:
        """See ``Activation``."""
        return signed_from(self._channel.object("sign", {"order": order_json(order)}))

    def settled(self, ceremony: str, number: str) -> None:
        """See ``Activation``."""
        self._channel.ask("settled", {"ceremony": ceremony, "number": number})

    def send_enrolment_code(self, signer: SignerRef) -> CodeIssued:
        """See ``Activation``."""
        return issued_from(self._channel.object("send_enrolment_code", {"signer": signer_json(signer)}))

    def new_passkey_options(self, signer: SignerRef, code: str) -> JsonObject:
        """See ``Activation``."""
        body: JsonObject = {"code": code, "signer": signer_json(signer)}
        return self._channel.object("new_passkey_options", body).rest()

    def add_passkey(self, signer: SignerRef, credential: JsonObject) -> SignerStanding:
        """See ``Activation``."""
        body: JsonObject = {"credential": credential, "signer": signer_json(signer)}
        return standing_from(self._channel.object("add_passkey", body))

    def new_totp(self, signer: SignerRef, code: str) -> str:
        """See ``Activation``."""
        return str(self._channel.ask("new_totp", {"code": code, "signer": signer_json(signer)}))

    def confirm_totp(self, signer: SignerRef, code: str) -> SignerStanding:
        """See ``Activation``."""
        return standing_from(
            self._channel.object("confirm_totp", {"code": code, "signer": signer_json(signer)})
        )

    def certify_own_key(
        self, signer: SignerRef, public_key_der: bytes, proof: OwnKeyProof
    ) -> tuple[bytes, ...]:
        """See ``Activation``."""
        body: JsonObject = {
            "code": proof.code,
            "public_key": bytes_text(public_key_der),
            "signature": bytes_text(proof.signature),
            "signer": signer_json(signer),
        }
        return _list_of_bytes(self._channel.ask("certify_own_key", body))


class ActivationAuthority:
    """Implements ``workflows.office.CertificateAuthority`` and ``api.routes.pki.PkiSource``."""

    def __init__(self, channel: ActivationChannel, *, without_test_root: bool = False) -> None:
        """Take the channel; ``without_test_root`` leaves the TEST CA out of ``roots``."""
        self._channel = channel
        self._member = "licensed_roots" if without_test_root else "roots"

    @property
    def roots(self) -> tuple[bytes, ...]:
        """Root certificates of signers, DER."""
        return tuple(bytes_from(str(root)) for root in self._channel.about().members(self._member))

    @property
    def licensed_roots(self) -> tuple[bytes, ...]:
        """Root certificates of the configured authority, DER; empty under the TEST CA."""
        return tuple(bytes_from(str(root)) for root in self._channel.about().members("licensed_roots"))

    @property
    def tsa_roots(self) -> tuple[bytes, ...]:
        """Root certificates of the timestamp authority, DER."""
        return tuple(bytes_from(str(root)) for root in self._channel.about().members("tsa_roots"))

    @property
    def sm2_roots(self) -> tuple[bytes, ...]:
        """Root certificates of SM2 signers, DER; empty where the machine has no SM2."""
        return tuple(bytes_from(str(root)) for root in self._channel.about().members("sm2_roots"))

    @property
    def seal_maker_roots(self) -> tuple[bytes, ...]:
        """Root certificates of seal makers, DER; empty where the machine has no SM2."""
        return tuple(bytes_from(str(root)) for root in self._channel.about().members("seal_maker_roots"))

    def seal_for(self, public_key_der: bytes, order: SealOrder) -> IssuedSeal:
        """A domestic seal of the utility over an SM2 key of this process (``ses.making.SealIssuer``).

        Raises:
            CertificateRefusedError: Somebody else's seal.
            Sm2UnavailableError: No SM2 there.
        """
        body: JsonObject = {"order": seal_order_json(order), "public_key": bytes_text(public_key_der)}
        return issued_seal_from(self._channel.object("seal_for", body))

    def crls_for(self, chain: tuple[bytes, ...]) -> tuple[bytes, ...]:
        """DER CRLs that cover every certificate of the chain but the root."""
        found = self._channel.ask("crls_for", {"chain": [bytes_text(one) for one in chain]})
        return _list_of_bytes(found)

    def certify_seal(
        self, public_key_der: bytes, *, organisation: str, organisation_id: str, seal_name: str
    ) -> tuple[bytes, ...]:
        """A chain for a key of one of the utility's seals, leaf first, DER.

        Raises:
            CertificateRefusedError: Somebody else's seal.
            NameTooLongError: The common name would exceed 64 characters.
        """
        body: JsonObject = {
            "organisation": organisation,
            "organisation_id": organisation_id,
            "public_key": bytes_text(public_key_der),
            "seal_name": seal_name,
        }
        return _list_of_bytes(self._channel.ask("certify_seal", body))

    def revoke(self, certificate: bytes) -> None:
        """Revoke the certificate (DER) of one of the utility's seals; a second call changes nothing.

        Raises:
            RevocationRefusedError: Somebody else's, a person's, or not issued there.
        """
        self._channel.ask("revoke", {"certificate": bytes_text(certificate)})

    def issue_seal(self, *, organisation: str, organisation_id: str, seal_name: str) -> Credential:
        """A fresh key of this process, certified as one of the utility's seals.

        Raises:
            CertificateRefusedError: Somebody else's seal.
            NameTooLongError: The common name would exceed 64 characters.
        """
        key = SoftwareKey.generate()
        chain = self.certify_seal(
            key.public_key_der,
            organisation=organisation,
            organisation_id=organisation_id,
            seal_name=seal_name,
        )
        return Credential(certificate=chain[0], chain=chain, key=key)

    def seal_common_name(self, *, organisation: str, organisation_id: str, seal_name: str) -> str:
        """Common name that the certificate of this seal carries: the utility's, or another party's."""
        about = self._channel.about()
        authority = authority_from(about.object("authority"))
        if isinstance(authority, CscAuthority) and organisation_id != about.text("utility_uscc"):
            return authority.seal_name_of(organisation=organisation, seal_name=seal_name)
        return TestCa.seal_common_name(organisation=organisation, seal_name=seal_name)

    def ocsp_response(self, request_der: bytes) -> bytes:
        """Answer one OCSP request, DER."""
        return self._channel.octets("ocsp_response", {"request": bytes_text(request_der)})

    def crl(self, name: str) -> bytes:
        """A fresh full list, DER.

        Raises:
            UnknownAuthorityError: No authority of this name.
        """
        return self._channel.octets("crl", {"name": name})

    def authority_certificate(self, name: str) -> bytes:
        """An authority's certificate, DER.

        Raises:
            UnknownAuthorityError: No authority of this name.
        """
        return self._channel.octets("authority_certificate", {"name": name})


class ActivationStamping:
    """Implements ``TimestampAuthority``, and answers RFC 3161 requests from outside."""

    def __init__(self, channel: ActivationChannel) -> None:
        """Take the channel."""
        self._channel = channel

    def token(self, message: bytes) -> bytes:
        """A DER TimeStampToken over SHA-256 of ``message``.

        Raises:
            TimestampUnavailableError: No token now.
        """
        return self.token_over(sha256(message))

    def token_over(self, digest: Bytes32) -> bytes:
        """A DER TimeStampToken over a SHA-256 digest.

        Raises:
            TimestampUnavailableError: No token now.
        """
        return self._channel.octets("token_over", {"digest": digest.hex()})

    def respond(self, request_der: bytes) -> bytes:
        """The TEST TSA's DER answer to a DER request (RFC 3161 §2.4.2)."""
        return self._channel.octets("timestamp_response", {"request": bytes_text(request_der)})


def _list_of_bytes(found: JsonValue) -> tuple[bytes, ...]:
    if not isinstance(found, list):
        raise MalformedEvidenceError("activation", "an array is due here")
    return tuple(bytes_from(str(one)) for one in found)
