"""What a signer agrees to in one act, and the proof of it that a stranger can check.

Decides the canonical statement that a code is bound to and a passkey signs (docs/formats/will.md):
one approved document, or a list of them under one readable root; and whether the evidence of a
release holds. The signer's document number is never part of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from contracts_chain.evidence.merkle import hash_leaf
from contracts_chain.evidence.merkle_log import root_of
from contracts_chain.evidence.strict_fields import Fields, MalformedEvidenceError, parse_object
from contracts_chain.evidence.webauthn_assertion import PasskeyAssertion
from kernel.canonical_json import JsonObject, JsonValue, canonical_bytes
from kernel.digests import sha256
from kernel.errors import RefutedError
from kernel.sized_bytes import Bytes32
from signing.model import SoleControl

__all__ = [
    "RELEASE_DOMAIN",
    "ConfirmedWill",
    "DocumentToSign",
    "FieldToSign",
    "Release",
    "SignerRef",
    "Statement",
    "WillRefutedError",
    "WillRequest",
    "read_statement",
    "verify_release",
]

RELEASE_DOMAIN: Final = b"contracts-chain will v1\n"
"""Precedes the canonical evidence that the activation process signs."""
_RELEASED_BY: Final = frozenset({SoleControl.PASSKEY, SoleControl.TOTP, SoleControl.ONE_TIME_CODE})


class WillRefutedError(RefutedError):
    """The evidence of a release is forged, or is of something else."""

    code = "will_refuted"

    def __init__(self, reason: str) -> None:
        """Name what does not hold."""
        super().__init__(
            f"the signer's will is not proven ({reason}); do not rely on this signature",
            f"签署意愿的证明不成立（{reason}）；请勿依赖该签名",
        )
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerRef:
    """A natural person by the identity document that names it.

    Attributes:
        name: As on the document; the certificate bears it.
        id_type: ``IdType`` value.
        id_no: Number of the document; never leaves the two processes.
    """

    name: str
    id_type: str
    id_no: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldToSign:
    """One field and what its certificate will say besides the person's name."""

    field: str
    kind: Literal["person", "seal"]
    organisation: str
    organisation_id: str
    seal_name: str

    def as_json(self) -> JsonObject:
        """Members by name."""
        return {
            "field": self.field,
            "kind": self.kind,
            "organisation": self.organisation,
            "organisation_id": self.organisation_id,
            "seal_name": self.seal_name,
        }

    @classmethod
    def read(cls, fields: Fields) -> FieldToSign:
        """Read what ``as_json`` gives.

        Raises:
            MalformedEvidenceError: Another form.
        """
        kind = fields.text("kind")
        if kind not in {"person", "seal"}:
            raise MalformedEvidenceError(fields.at("kind"), "person or seal is due here")
        found = cls(
            field=fields.text("field"),
            kind="seal" if kind == "seal" else "person",
            organisation=fields.text("organisation"),
            organisation_id=fields.text("organisation_id"),
            seal_name=fields.text("seal_name"),
        )
        fields.finish()
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentToSign:
    """One approved document, pinned by length and digest, and the fields this signer fills in it."""

    number: str
    role: str
    document_sha256: Bytes32
    document_length: int
    fields: tuple[FieldToSign, ...]

    def as_json(self) -> JsonObject:
        """Members by name; digests in hex."""
        fields: list[JsonValue] = [one.as_json() for one in self.fields]
        return {
            "document_length": self.document_length,
            "document_sha256": self.document_sha256.hex(),
            "fields": fields,
            "number": self.number,
            "role": self.role,
        }

    @classmethod
    def read(cls, fields: Fields) -> DocumentToSign:
        """Read what ``as_json`` gives.

        Raises:
            MalformedEvidenceError: Another form.
        """
        found = cls(
            document_length=fields.natural("document_length"),
            document_sha256=fields.sized("document_sha256", Bytes32),
            fields=tuple(FieldToSign.read(Fields.of(one, "field")) for one in fields.members("fields")),
            number=fields.text("number"),
            role=fields.text("role"),
        )
        fields.finish()
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class WillRequest:
    """What a signer is asked to agree to in one act: one document, or a list of them.

    Attributes:
        ceremony: Id of the ceremony; one will, one ceremony.
        signer: Who must agree.
        documents: At least one, in the order shown.
    """

    ceremony: str
    signer: SignerRef
    documents: tuple[DocumentToSign, ...]

    @property
    def root(self) -> Bytes32:
        """Digest the signer sees: of the one document, else the RFC 9162 root over the listed ones."""
        return _root(self.documents)

    def statement(self) -> bytes:
        """Canonical bytes that the will covers: everything but the signer's document number."""
        documents: list[JsonValue] = [one.as_json() for one in self.documents]
        return canonical_bytes(
            {
                "ceremony": self.ceremony,
                "documents": documents,
                "root": self.root.hex(),
                "schema": 1,
                "signer": self.signer.name,
            }
        )

    @property
    def challenge(self) -> Bytes32:
        """SHA-256 of the statement: the WebAuthn challenge, and what a code is bound to."""
        return sha256(self.statement())


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What ``WillRequest.statement`` says, read back."""

    ceremony: str
    signer: str
    documents: tuple[DocumentToSign, ...]
    root: Bytes32


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """The signer's will, checked by the activation process; it lets the named fields be signed.

    Attributes:
        level: How the signer showed sole control; passkey is the higher level.
        released_utc: When.
        evidence: What a stranger can check: the statement, and of a passkey its public key and
            assertion; signed by the activation process (docs/formats/will.md).
    """

    level: SoleControl
    released_utc: datetime
    evidence: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmedWill:
    """What the evidence of a release proves.

    Attributes:
        level: How the signer showed sole control; a passkey's own assertion was verified.
        released_utc: When the activation process took the will.
        ceremony: Of which ceremony.
        signer: Name, as attested.
        documents: All that was agreed to in this act.
        root: What the signer saw of them.
        identity_method: How the person had been identified.
        attestation_sha256: Digest of the attestation of identity, which the service keeps.
    """

    level: SoleControl
    released_utc: datetime
    ceremony: str
    signer: str
    documents: tuple[DocumentToSign, ...]
    root: Bytes32
    identity_method: str
    attestation_sha256: Bytes32

    def document(self, number: str) -> DocumentToSign:
        """The agreed document of this number.

        Raises:
            WillRefutedError: The signer agreed to other documents.
        """
        for document in self.documents:
            if document.number == number:
                return document
        raise WillRefutedError(f"{number} is not among the agreed documents")


def verify_release(evidence: JsonObject, activation_key: Bytes32) -> ConfirmedWill:
    """Prove from ``Release.evidence`` what a signer agreed to, and how (docs/formats/will.md).

    1. the activation process signed it, with the key of the trust bundle
    2. the statement is canonical, and its root follows from its documents
    3. a passkey's assertion covers SHA-256 of the statement; any other level brings none

    Args:
        evidence: As kept in trail or package.
        activation_key: Ed25519 public key of the activation process, from the trust bundle.

    Raises:
        WillRefutedError: One of these fails, or the evidence is not of the form due.
        AssertionRefutedError: The passkey's assertion does not cover the statement.
    """
    try:
        _verify_signature(evidence, activation_key)
        fields = Fields.of(evidence, "will")
        fields.expect("schema", 1)
        fields.expect("activation_key", activation_key.hex())
        fields.text("signature")
        return _read_evidence(fields)
    except MalformedEvidenceError as problem:
        raise WillRefutedError(f"{problem.place}: {problem.problem}") from problem


def _verify_signature(evidence: JsonObject, activation_key: Bytes32) -> None:
    signed = {name: value for name, value in evidence.items() if name != "signature"}
    try:
        signature = bytes.fromhex(str(evidence.get("signature", "")))
        key = Ed25519PublicKey.from_public_bytes(activation_key)
        key.verify(signature, RELEASE_DOMAIN + canonical_bytes(signed))
    except (InvalidSignature, ValueError) as problem:
        raise WillRefutedError("not signed by the activation process") from problem


def _read_evidence(fields: Fields) -> ConfirmedWill:
    text = fields.text("statement")
    statement = read_statement(text)
    level = _level(fields.text("level"))
    _verify_level(level, fields.take("assertion"), sha256(text.encode()))
    will = ConfirmedWill(
        level=level,
        released_utc=fields.utc("released_utc"),
        ceremony=statement.ceremony,
        signer=statement.signer,
        documents=statement.documents,
        root=statement.root,
        identity_method=fields.text("identity_method"),
        attestation_sha256=fields.sized("attestation_sha256", Bytes32),
    )
    fields.finish()
    return will


def read_statement(text: str) -> Statement:
    """Read a statement, which must be canonical, and whose root must follow from its documents.

    Raises:
        MalformedEvidenceError: Another form.
        WillRefutedError: Not canonical, or of another root.
    """
    content = text.encode()
    fields = Fields.of(parse_object(content, "statement"), "statement")
    fields.expect("schema", 1)
    found = Statement(
        ceremony=fields.text("ceremony"),
        signer=fields.text("signer"),
        documents=tuple(
            DocumentToSign.read(Fields.of(one, "document")) for one in fields.members("documents")
        ),
        root=fields.sized("root", Bytes32),
    )
    fields.finish()
    canonical = canonical_bytes(parse_object(content, "statement")) == content
    if not found.documents or found.root != _root(found.documents) or not canonical:
        raise WillRefutedError("the statement's root does not follow from its documents")
    return found


def _level(text: str) -> SoleControl:
    for level in _RELEASED_BY:
        if level.value == text:
            return level
    raise WillRefutedError(f"no release has the level {text!r}")


def _verify_level(level: SoleControl, assertion: JsonValue, challenge: Bytes32) -> None:
    """A level is what was shown, not what is claimed."""
    if (level is SoleControl.PASSKEY) is (assertion is None):
        raise WillRefutedError("level and assertion do not fit")
    if assertion is not None:
        PasskeyAssertion.read(Fields.of(assertion, "assertion")).verify(challenge)


def _root(documents: tuple[DocumentToSign, ...]) -> Bytes32:
    if len(documents) == 1:
        return documents[0].document_sha256
    return Bytes32(root_of(hash_leaf(canonical_bytes(one.as_json())) for one in documents))
