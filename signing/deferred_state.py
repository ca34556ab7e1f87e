"""What is kept of a deferred signature between preparing and finishing it.

Decides the JSON form (no pickle: it lies in a database, reference §2d) and what makes the kept halves
one state again: digests of the file, of what the signature covers, and the signed attributes. Decides
nothing about certificates.
"""

from __future__ import annotations

from dataclasses import dataclass

from asn1crypto import cms

from kernel.canonical_json import JsonObject
from kernel.digests import sha256
from kernel.errors import FaultError
from kernel.sized_bytes import Bytes32

__all__ = ["DeferredSignature", "DeferredStateError"]

SCHEMA = 1


class DeferredStateError(FaultError):
    """What was kept between preparing and finishing is not what was prepared."""

    code = "deferred_state"

    def __init__(self, reason: str) -> None:
        """Keep the reason."""
        super().__init__(
            f"the prepared signature was changed while it waited ({reason}); prepare it anew",
            f"待签内容在等待期间被改动（{reason}）；请重新准备后再签",
        )
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class DeferredSignature:
    """A file that waits for one signature.

    Attributes:
        prepared: The PDF, laid out to its end; the room for the signature is zeros.
        base_length: Bytes of the file before this signature's revision.
        field: Name of the field.
        reserved_start: First byte of that room, its ``<`` included.
        reserved_end: First byte after its ``>``.
        document_sha256: Digest of everything but the room.
        to_sign: DER SET of the signed attributes; what the key signs, with SHA-256.
        chain: Certificates of the holder, leaf first, DER.
    """

    prepared: bytes
    base_length: int
    field: str
    reserved_start: int
    reserved_end: int
    document_sha256: Bytes32
    to_sign: bytes
    chain: tuple[bytes, ...]

    def as_json(self) -> JsonObject:
        """Everything but the prepared PDF, which is kept as a blob of its own."""
        return {
            "schema": SCHEMA,
            "field": self.field,
            "prepared_sha256": sha256(self.prepared).hex(),
            "base_length": self.base_length,
            "reserved_start": self.reserved_start,
            "reserved_end": self.reserved_end,
            "document_sha256": self.document_sha256.hex(),
            "to_sign": self.to_sign.hex(),
            "chain": [der.hex() for der in self.chain],
        }

    @classmethod
    def from_json(cls, kept: JsonObject, prepared: bytes) -> DeferredSignature:
        """The state again, from both its halves.

        Raises:
            DeferredStateError: The halves do not belong together, or are not ours.
        """
        if kept.get("schema") != SCHEMA or kept.get("prepared_sha256") != sha256(prepared).hex():
            raise DeferredStateError("prepared file")
        chain = kept.get("chain")
        try:
            return cls(
                prepared=prepared,
                base_length=_number(kept, "base_length"),
                field=_text(kept, "field"),
                reserved_start=_number(kept, "reserved_start"),
                reserved_end=_number(kept, "reserved_end"),
                document_sha256=Bytes32.from_hex(_text(kept, "document_sha256")),
                to_sign=bytes.fromhex(_text(kept, "to_sign")),
                chain=tuple(bytes.fromhex(str(der)) for der in chain) if isinstance(chain, list) else (),
            )
        except ValueError as problem:
            raise DeferredStateError("schema") from problem

    def verify_unchanged(self) -> None:
        """Prove that file, room, digest and signed attributes still belong together.

        Raises:
            DeferredStateError: Something was changed while it waited.
        """
        covered = self.prepared[: self.reserved_start] + self.prepared[self.reserved_end :]
        if not self.chain or sha256(covered) != self.document_sha256:
            raise DeferredStateError("document digest")
        try:
            attributes = cms.CMSAttributes.load(self.to_sign, strict=True)
            stated = {one["type"].native: one["values"][0].native for one in attributes}
        except (ValueError, TypeError, KeyError, IndexError) as problem:
            raise DeferredStateError("signed attributes") from problem
        if stated.get("message_digest") != bytes(self.document_sha256):
            raise DeferredStateError("message digest")


def _number(kept: JsonObject, name: str) -> int:
    found = kept.get(name)
    if type(found) is not int:
        raise ValueError(f"{name} is no number")
    return found


def _text(kept: JsonObject, name: str) -> str:
    found = kept.get(name)
    if not isinstance(found, str):
        raise ValueError(f"{name} is no text")  # noqa: TRY004 - one error for all that is not ours
    return found
