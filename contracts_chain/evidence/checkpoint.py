"""A signed statement of the log's size and root, and the witnesses' word that it only ever grew.

Decides the exact text that the log key signs (C2SP tlog-checkpoint, docs/formats/checkpoint.md):
origin, decimal size, base64 root, each on its own line; and what a witness signs under it
(C2SP tlog-cosignature v1): a time, and the same text. A checkpoint is the service's own word,
a cosignature a witness's. What counts as proof is the same root on the chain.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from contracts_chain.evidence.signed_note import (
    KeyKind,
    NoteSignature,
    SignedNote,
    canonical_base64,
    key_id,
    read_note,
)
from contracts_chain.evidence.strict_fields import MalformedEvidenceError
from kernel.errors import RefutedError
from kernel.sized_bytes import Bytes32, RootHash

__all__ = [
    "Checkpoint",
    "CheckpointSignatureError",
    "Cosignature",
    "CosignatureError",
    "TooFewCosignaturesError",
    "TrustedWitness",
    "cosign",
    "generate_log_key",
    "load_log_key",
    "log_public_key",
    "read_checkpoint",
    "sign_checkpoint",
    "verify_cosignatures",
    "verify_note",
]

_PLACE = "checkpoint.note"
_LATEST = int(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp())
_TIME_BYTES = 8
_SIGNATURE_BYTES = 64


class CheckpointSignatureError(RefutedError):
    """The note is not signed by the log key of the trust bundle."""

    code = "checkpoint_signature"

    def __init__(self, reason: str) -> None:
        """Keep the reason."""
        super().__init__(
            f"the checkpoint is not signed by the trusted log: {reason}; do not rely on it",
            f"检查点并非由受信日志签名（{reason}）；请勿采信",
        )


class CosignatureError(RefutedError):
    """A line bears a trusted witness's name and key id, but that witness did not sign it."""

    code = "cosignature_forged"

    def __init__(self, name: str) -> None:
        """Keep the witness."""
        super().__init__(
            f"the cosignature under the name of {name} is not by that witness; do not rely on it",
            f"以见证人 {name} 名义所作的联署并非其本人所签；请勿采信",
        )
        self.name = name


class TooFewCosignaturesError(RefutedError):
    """Fewer trusted witnesses cosigned than the trust bundle asks for."""

    code = "too_few_cosignatures"

    def __init__(self, *, have: int, need: int) -> None:
        """Keep both numbers."""
        super().__init__(
            f"{have} trusted witnesses cosigned the checkpoint, {need} are due; do not rely on it",
            f"检查点应有 {need} 个受信见证人联署，实有 {have} 个；请勿采信",
        )
        self.have = have
        self.need = need


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """Name of the log, number of leaves, root over them.

    ``extension_lines`` are opaque (C2SP); our log writes none, a witness of other logs signs them along.
    """

    origin: str
    size: int
    root: RootHash
    extension_lines: tuple[str, ...] = ()

    def body(self) -> str:
        """The signed lines, each ended by a newline."""
        root = base64.b64encode(self.root).decode()
        return "".join(f"{line}\n" for line in (self.origin, self.size, root, *self.extension_lines))


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedWitness:
    """Somebody who watches the log and signs only what extends what they saw.

    Attributes:
        name: Name of the key, a URL without scheme.
        public_key: Ed25519.
        operator: Who runs it, as reports print it.
    """

    name: str
    public_key: Bytes32
    operator: str

    @property
    def key_id(self) -> bytes:
        """Four bytes beside the name in every line of this witness."""
        return key_id(self.name, KeyKind.COSIGNATURE_V1, self.public_key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosignature:
    """A witness vouched at this time that no larger consistent checkpoint was known to it."""

    name: str
    time_utc: datetime


def generate_log_key() -> bytes:
    """A new Ed25519 seed of 32 bytes; keep it like any private key."""
    return Ed25519PrivateKey.generate().private_bytes_raw()


def load_log_key(seed: bytes) -> Ed25519PrivateKey:
    """The key of a 32-byte seed.

    Raises:
        ValueError: Another length.
    """
    return Ed25519PrivateKey.from_private_bytes(seed)


def log_public_key(key: Ed25519PrivateKey) -> Bytes32:
    """The 32 bytes that belong into the trust bundle."""
    return Bytes32(key.public_key().public_bytes_raw())


def sign_checkpoint(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> str:
    """The signed note, ready to publish. Deterministic: Ed25519 takes no randomness."""
    body = checkpoint.body()
    identity = key_id(checkpoint.origin, KeyKind.ED25519, log_public_key(key))
    signed = NoteSignature(name=checkpoint.origin, key_id=identity, signature=key.sign(body.encode()))
    return f"{body}\n{signed.line()}"


def cosign(checkpoint: Checkpoint, *, name: str, key: Ed25519PrivateKey, at: datetime) -> str:
    """One signature line of a witness over a checkpoint, with its end.

    The caller has checked that the checkpoint extends every one this key ever cosigned.

    Args:
        checkpoint: Whole, with its extension lines.
        name: The witness's key name.
        key: Used for no other name: the message does not commit to it.
        at: Aware; whole seconds are signed.
    """
    time = int(at.timestamp())
    signature = time.to_bytes(_TIME_BYTES) + key.sign(_cosigned(time, checkpoint.body()))
    identity = key_id(name, KeyKind.COSIGNATURE_V1, log_public_key(key))
    return NoteSignature(name=name, key_id=identity, signature=signature).line()


def read_checkpoint(note: str) -> Checkpoint:
    """The statement of a note, not yet believed.

    Raises:
        MalformedEvidenceError: Not a checkpoint.
    """
    return _checkpoint(read_note(note).text)


def verify_note(note: str, public_key: Bytes32, origin: str) -> Checkpoint:
    """Believe a note only if the trusted log key signed it under the trusted origin.

    Lines by other keys (witnesses) are passed over, as the C2SP form allows.

    Raises:
        MalformedEvidenceError: Not a checkpoint.
        CheckpointSignatureError: Another origin, no signature by this key, or a wrong one.
    """
    signed = read_note(note)
    checkpoint = _checkpoint(signed.text)
    if checkpoint.origin != origin:
        raise CheckpointSignatureError(f"its origin is {checkpoint.origin!r}, trusted is {origin!r}")
    signatures = signed.by(origin, key_id(origin, KeyKind.ED25519, public_key))
    if not signatures:
        raise CheckpointSignatureError("it carries no signature by that key")
    if not all(_is_by(public_key, signature, signed.text.encode()) for signature in signatures):
        raise CheckpointSignatureError("the signature does not match")
    return checkpoint


def verify_cosignatures(
    note: str, witnesses: Sequence[TrustedWitness], quorum: int
) -> tuple[Cosignature, ...]:
    """Prove that at least ``quorum`` trusted witnesses cosigned the note, each counted once.

    Lines of unknown keys are passed over. The log's own signature is for ``verify_note``.

    Returns:
        One cosignature a witness, in the order of ``witnesses``; the earliest if one signed twice.

    Raises:
        MalformedEvidenceError: Not a signed note.
        CosignatureError: A line under a trusted witness's name and key id is not its signature.
        TooFewCosignaturesError: Fewer than the quorum.
    """
    signed = read_note(note)
    found = [each for witness in witnesses for each in _cosignatures_of(witness, signed)[:1]]
    if len(found) < quorum:
        raise TooFewCosignaturesError(have=len(found), need=quorum)
    return tuple(found)


def _cosignatures_of(witness: TrustedWitness, signed: SignedNote) -> list[Cosignature]:
    times = [
        _cosigned_at(witness, signature, signed.text) for signature in signed.by(witness.name, witness.key_id)
    ]
    return [
        Cosignature(name=witness.name, time_utc=datetime.fromtimestamp(time, UTC)) for time in sorted(times)
    ]


def _cosigned_at(witness: TrustedWitness, signature: bytes, text: str) -> int:
    time = int.from_bytes(signature[:_TIME_BYTES])
    whole = len(signature) == _TIME_BYTES + _SIGNATURE_BYTES and time <= _LATEST
    if not whole or not _is_by(witness.public_key, signature[_TIME_BYTES:], _cosigned(time, text)):
        raise CosignatureError(witness.name)
    return time


def _cosigned(time: int, text: str) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def _checkpoint(text: str) -> Checkpoint:
    lines = text[:-1].split("\n")
    if len(lines) < 3 or not all(lines) or not lines[1].isascii() or not lines[1].isdigit():
        raise MalformedEvidenceError(_PLACE, "origin, size and root lines are due")
    try:
        root = RootHash(canonical_base64(lines[2]))
        size = int(lines[1])
    except ValueError as problem:
        raise MalformedEvidenceError(_PLACE, "size or root cannot be read") from problem
    checkpoint = Checkpoint(origin=lines[0], size=size, root=root, extension_lines=tuple(lines[3:]))
    if size >= 1 << 63 or checkpoint.body() != text:
        raise MalformedEvidenceError(_PLACE, "not in its one canonical form")
    return checkpoint


def _is_by(public_key: Bytes32, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except InvalidSignature:
        return False
    return True
