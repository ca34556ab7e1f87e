"""What an outside place says of one sealed header: a timestamp, a file's line, a court chain's receipt.

Decides the JSON form (docs/formats/package.md) and what such a statement is worth. It is evidence
beside the chain, never instead of it: a place the bundle does not know is left unjudged and
changes no verdict; a statement about another header, or a forged one, refutes the package.

A header that is not the anchor's own is tied to it: its block anchors a later checkpoint, and the
log of that checkpoint extends ours (RFC 9162 §2.1.4).
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import assert_never

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from contracts_chain.evidence.merkle import verify_consistency
from contracts_chain.evidence.strict_fields import Fields, MalformedEvidenceError
from contracts_chain.evidence.trust_bundle import TrustBundle
from contracts_chain.ledger.anchor_proof import AnchorProof
from contracts_chain.ledger.verify_anchor import AnchoredCheckpoint, verify_anchor, verify_block_seals
from kernel.canonical_json import JsonObject, JsonValue, canonical_bytes
from kernel.clock import utc_text
from kernel.errors import RefutedError, UndecidedError
from kernel.sized_bytes import BlockHash, Bytes32
from signing.token_proof import verify_token

__all__ = [
    "CheckpointLink",
    "CrossAnchor",
    "CrossAnchorKind",
    "CrossAnchorRefutedError",
    "CrossAnchored",
    "PlaceUnknownError",
    "verify_cross_anchor",
]

_MOST_PATH = 128
_MOST_TOKEN = 64 * 1024


class CrossAnchorKind(Enum):
    """What sort of place holds the header's digest."""

    RFC3161 = "rfc3161"
    FILE = "file"
    JUDICIAL_CHAIN = "judicial_chain"

    @property
    def zh(self) -> str:
        """The word on reports."""
        return {"rfc3161": "时间戳机构", "file": "追加式文件", "judicial_chain": "司法链"}[self.value]


class CrossAnchorRefutedError(RefutedError):
    """An outside statement is about another header, contradicts it, or is forged."""

    code = "cross_anchor_refuted"

    def __init__(
        self, place: str, en: str, zh: str, *, expected: object = None, actual: object = None
    ) -> None:
        """Name the place; keep both values."""
        super().__init__(
            f"the cross-anchor at {place} does not hold: {en}; do not rely on this file",
            f"“{place}”的交叉锚定不成立：{zh}；请勿采信本文件",
        )
        self.expected = expected
        self.actual = actual


class PlaceUnknownError(UndecidedError):
    """The bundle names no key for the place: its statement is left unjudged."""

    code = "cross_anchor_place_unknown"

    def __init__(self, place: str) -> None:
        """Name the place."""
        super().__init__(
            f"the trust bundle does not know {place}; add its key to judge the cross-anchor",
            f"信任包不含“{place}”的公钥；补充后方可判定该交叉锚定",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointLink:
    """How a later block hangs on this package's checkpoint.

    Attributes:
        anchor: The later checkpoint, anchored in the cross-anchored block.
        consistency: From this package's size to the later one.
    """

    anchor: AnchorProof
    consistency: tuple[Bytes32, ...]

    def as_json(self) -> dict[str, JsonValue]:
        """The object kept in evidence.json."""
        return {"anchor": self.anchor.to_json(), "consistency": [node.hex() for node in self.consistency]}


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossAnchor:
    """One outside statement, not yet believed.

    Attributes:
        place: Who holds it, by name.
        kind: Decides the form of ``proof``.
        header_number: Height of the header it is about.
        header_hash: Its hash by Besu's rule; what was handed to the place.
        proof: DER token over the hash's 32 bytes, or the place's own object.
        link: ``None`` where the header is the anchor's own.
    """

    place: str
    kind: CrossAnchorKind
    header_number: int
    header_hash: BlockHash
    proof: bytes | JsonObject
    link: CheckpointLink | None = None

    def as_json(self) -> dict[str, JsonValue]:
        """The object kept in evidence.json."""
        proof = self.proof
        return {
            "place": self.place,
            "kind": self.kind.value,
            "header_number": self.header_number,
            "header_hash": self.header_hash.hex0x(),
            "proof": base64.b64encode(proof).decode() if isinstance(proof, bytes) else proof,
            "link": None if self.link is None else self.link.as_json(),
        }

    @classmethod
    def from_json(cls, value: JsonValue) -> CrossAnchor:
        """Read the object form strictly.

        Raises:
            MalformedEvidenceError: A member is missing, unknown or of another form.
            ProofFormError: The link's chain proof is malformed.
        """
        fields = Fields.of(value, "evidence.cross_anchors")
        kind = _kind(fields.text("kind"))
        read = cls(
            place=fields.text("place"),
            kind=kind,
            header_number=fields.natural("header_number"),
            header_hash=_hash(fields.text("header_hash")),
            proof=_token(fields.text("proof"))
            if kind is CrossAnchorKind.RFC3161
            else fields.object("proof").rest(),
            link=_link(fields.take("link")),
        )
        fields.finish()
        return read


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossAnchored:
    """A statement that holds.

    Attributes:
        place: Who holds it.
        kind: What sort of place.
        block_number: Height of the header.
        time_utc: When the place took it, by its own clock.
        independent: False for a file the service writes itself: its line binds nobody else.
    """

    place: str
    kind: CrossAnchorKind
    block_number: int
    time_utc: datetime
    independent: bool


def verify_cross_anchor(
    found: CrossAnchor, checkpoint: AnchoredCheckpoint, trust: TrustBundle
) -> CrossAnchored:
    """Prove that a place holds a header which commits to this checkpoint.

    Args:
        found: The statement under test.
        checkpoint: This package's checkpoint as the chain holds it.
        trust: The verifier's own bundle: authorities' roots, keys of court chains.

    Raises:
        CrossAnchorRefutedError: Another header, an impossible time, or a forged statement.
        TokenRefutedError: The token is false.
        PlaceUnknownError: The bundle names no key of the place.
        TokenUndecidedError: The bundle does not know the token's authority.
        RefutedError: The link's anchor, seals or consistency proof do not hold.
    """
    block = _tied_block(found, checkpoint, trust)
    moment = _stated(found, trust)
    if moment + trust.skew < block.block_time_utc:
        raise CrossAnchorRefutedError(
            found.place,
            "it claims to be older than the block it is about",
            "其时间早于所载区块",
            expected=f"not before {utc_text(block.block_time_utc - trust.skew)}",
            actual=utc_text(moment),
        )
    return CrossAnchored(
        place=found.place,
        kind=found.kind,
        block_number=block.block_number,
        time_utc=moment,
        independent=found.kind is not CrossAnchorKind.FILE,
    )


def _tied_block(found: CrossAnchor, checkpoint: AnchoredCheckpoint, trust: TrustBundle) -> AnchoredCheckpoint:
    """The block the statement is about; it holds our checkpoint or one that extends it."""
    block = checkpoint
    if found.link is not None:
        block = verify_anchor(found.link.anchor, trust.chain)
        verify_block_seals(found.link.anchor.header, trust.chain)
        verify_consistency(
            old_size=checkpoint.size,
            old_root=checkpoint.root,
            new_size=block.size,
            new_root=block.root,
            path=found.link.consistency,
        )
    if (found.header_number, found.header_hash) != (block.block_number, block.block_hash):
        raise CrossAnchorRefutedError(
            found.place,
            "it is about a block that this evidence does not reach",
            "其所载区块与本证据无关",
            expected=f"block {block.block_number} {block.block_hash.hex0x()}",
            actual=f"block {found.header_number} {found.header_hash.hex0x()}",
        )
    return block


def _stated(found: CrossAnchor, trust: TrustBundle) -> datetime:
    """The place's own time, once its statement is proven to be about the named header."""
    match found.kind:
        case CrossAnchorKind.RFC3161:
            return _stamped(found, trust)
        case CrossAnchorKind.FILE:
            return _line_time(found, Fields.of(_object(found), "cross_anchors.file"))
        case CrossAnchorKind.JUDICIAL_CHAIN:
            return _receipt_time(found, trust)
        case _:
            assert_never(found.kind)


def _stamped(found: CrossAnchor, trust: TrustBundle) -> datetime:
    if not isinstance(found.proof, bytes):
        raise MalformedEvidenceError("cross_anchors.proof", "a base64 token is due here")
    return verify_token(bytes(found.header_hash), found.proof, trust.signatures, skew=trust.skew)


def _line_time(found: CrossAnchor, line: Fields) -> datetime:
    """A line of the append-only file; its chain is checked by whoever holds the file."""
    _same_header(found, line)
    line.natural("seq")
    line.optional_text("previous")
    written = line.utc("written_utc")
    line.finish()
    return written


def _receipt_time(found: CrossAnchor, trust: TrustBundle) -> datetime:
    """A receipt signed by the court chain's key (Ed25519 over its RFC 8785 bytes)."""
    proof = Fields.of(_object(found), "cross_anchors.judicial_chain")
    receipt = proof.object("receipt").rest()
    signature = _base64(proof.text("signature"), 64)
    proof.finish()
    key = dict(trust.judicial_chains).get(found.place)
    if key is None:
        raise PlaceUnknownError(found.place)
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, canonical_bytes(receipt))
    except InvalidSignature as problem:
        raise CrossAnchorRefutedError(found.place, "its receipt is forged", "回执签名不成立") from problem
    fields = Fields(receipt, "cross_anchors.judicial_chain.receipt")
    _same_header(found, fields)
    return fields.utc("received_utc")


def _same_header(found: CrossAnchor, fields: Fields) -> None:
    stated = (fields.natural("header_number"), fields.text("header_hash"))
    named = (found.header_number, found.header_hash.hex0x())
    if stated != named:
        raise CrossAnchorRefutedError(
            found.place, "it names another header", "其所载区块头不符", expected=named, actual=stated
        )


def _object(found: CrossAnchor) -> JsonValue:
    if isinstance(found.proof, bytes):
        raise MalformedEvidenceError("cross_anchors.proof", "an object is due here")
    return found.proof


def _kind(word: str) -> CrossAnchorKind:
    try:
        return CrossAnchorKind(word)
    except ValueError as problem:
        raise MalformedEvidenceError("evidence.cross_anchors.kind", f"{word!r} is unknown") from problem


def _hash(text: str) -> BlockHash:
    if not text.startswith("0x"):
        raise MalformedEvidenceError("evidence.cross_anchors.header_hash", "0x is due in front")
    return Fields.hex_value(text[2:], BlockHash, "evidence.cross_anchors.header_hash")


def _token(text: str) -> bytes:
    return _base64(text, None)


def _base64(text: str, length: int | None) -> bytes:
    place = "evidence.cross_anchors.proof"
    if len(text) > 2 * _MOST_TOKEN:
        raise MalformedEvidenceError(place, "it is longer than any token")
    try:
        content = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as problem:
        raise MalformedEvidenceError(place, "base64 is due here") from problem
    if base64.b64encode(content).decode() != text or (length is not None and len(content) != length):
        raise MalformedEvidenceError(place, "not in its one base64 form, or of another length")
    return content


def _link(value: JsonValue) -> CheckpointLink | None:
    if value is None:
        return None
    fields = Fields.of(value, "evidence.cross_anchors.link")
    path = fields.members("consistency")
    if len(path) > _MOST_PATH:
        raise MalformedEvidenceError(fields.at("consistency"), f"more than {_MOST_PATH} members")
    link = CheckpointLink(
        anchor=AnchorProof.from_json(fields.take("anchor")),
        consistency=tuple(Fields.hex_value(node, Bytes32, fields.at("consistency")) for node in path),
    )
    fields.finish()
    return link
