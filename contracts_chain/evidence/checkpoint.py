"""A signed statement of the log's size and root, in the C2SP checkpoint and signed-note form.

Decides the exact text that the log key signs (docs/formats/checkpoint.md): origin, decimal
size, base64 root, each on its own line; then an empty line and ``— origin base64(key id ‖ Ed25519)``.
A checkpoint is the service's own word. What counts as proof is the same root on the chain.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from contracts_chain.evidence.strict_fields import MalformedEvidenceError
from kernel.errors import RefutedError
from kernel.sized_bytes import Bytes32, RootHash

__all__ = [
    "Checkpoint",
    "CheckpointSignatureError",
    "generate_log_key",
    "load_log_key",
    "log_public_key",
    "read_checkpoint",
    "sign_checkpoint",
    "verify_note",
]

_PREFIX = "\u2014 "
_ED25519 = b"\x01"


class CheckpointSignatureError(RefutedError):
    """The note is not signed by the log key of the trust bundle."""

    code = "checkpoint_signature"

    def __init__(self, reason: str) -> None:
        """Keep the reason."""
        super().__init__(
            f"the checkpoint is not signed by the trusted log: {reason}; do not rely on it",
            f"检查点并非由受信日志签名（{reason}）；请勿采信",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """Name of the log, number of leaves, root over them."""

    origin: str
    size: int
    root: RootHash

    def body(self) -> str:
        """The three signed lines, each ended by a newline."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


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
    identity = _key_id(checkpoint.origin, log_public_key(key))
    signature = base64.b64encode(identity + key.sign(body.encode())).decode()
    return f"{body}\n{_PREFIX}{checkpoint.origin} {signature}\n"


def read_checkpoint(note: str) -> Checkpoint:
    """The statement of a note, not yet believed.

    Raises:
        MalformedEvidenceError: Not a checkpoint.
    """
    body, _, _ = note.partition("\n\n")
    lines = body.split("\n")
    if len(lines) != 3 or not lines[0] or not lines[1].isascii() or not lines[1].isdigit():
        raise MalformedEvidenceError("checkpoint.note", "origin, size and root lines are due")
    try:
        checkpoint = Checkpoint(
            origin=lines[0],
            size=int(lines[1]),
            root=RootHash(base64.b64decode(lines[2], validate=True)),
        )
    except (ValueError, binascii.Error) as problem:
        raise MalformedEvidenceError("checkpoint.note", "size or root cannot be read") from problem
    if checkpoint.body() != body + "\n":
        raise MalformedEvidenceError("checkpoint.note", "not in its one canonical form")
    return checkpoint


def verify_note(note: str, public_key: Bytes32, origin: str) -> Checkpoint:
    """Believe a note only if the trusted log key signed it under the trusted origin.

    Lines by other keys (witnesses) are passed over, as the C2SP form allows.

    Raises:
        MalformedEvidenceError: Not a checkpoint.
        CheckpointSignatureError: Another origin, or no valid signature by this key.
    """
    checkpoint = read_checkpoint(note)
    if checkpoint.origin != origin:
        raise CheckpointSignatureError(f"its origin is {checkpoint.origin!r}, trusted is {origin!r}")
    identity = _key_id(origin, public_key)
    _, _, signatures = note.partition("\n\n")
    for line in signatures.split("\n"):
        signature = _signature_by(line, origin, identity)
        if signature is not None:
            _check(public_key, signature, checkpoint.body().encode())
            return checkpoint
    raise CheckpointSignatureError("it carries no signature by that key")


def _key_id(origin: str, public_key: Bytes32) -> bytes:
    return hashlib.sha256(origin.encode() + b"\n" + _ED25519 + public_key).digest()[:4]


def _signature_by(line: str, origin: str, identity: bytes) -> bytes | None:
    prefix = f"{_PREFIX}{origin} "
    if not line.startswith(prefix):
        return None
    try:
        blob = base64.b64decode(line.removeprefix(prefix), validate=True)
    except (ValueError, binascii.Error):
        return None
    return blob[4:] if blob[:4] == identity else None


def _check(public_key: Bytes32, signature: bytes, message: bytes) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except InvalidSignature as problem:
        raise CheckpointSignatureError("the signature does not match") from problem
