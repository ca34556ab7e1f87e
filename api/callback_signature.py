"""What a callback says and how a receiver knows it is ours (docs/formats/callbacks.md).

The body is the event as canonical JSON, the same bytes at every attempt. The header is
``<unix seconds>.<hex>``: HMAC-SHA-256 over the seconds, a full stop and the body. The secret of an
endpoint follows from one secret of the installation, its id and its generation (HKDF, RFC 5869), so
that no table holds it and a new generation signs with another one.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from contracts_chain.workflows.callback_files import CallbackEndpoint, ProcessEvent
from kernel.canonical_json import canonical_bytes
from kernel.clock import utc_text

__all__ = ["CallbackSecrets", "callback_body", "callback_headers", "signature_of"]

_SCHEMA: Final = 1
_SECRET_BYTES: Final = 32


class CallbackSecrets:
    """Secrets of all endpoints."""

    def __init__(self, root: bytes) -> None:
        """Take the installation's secret, 32 random bytes of its keyring."""
        self._root = root

    def of(self, endpoint: CallbackEndpoint) -> bytes:
        """The 32 bytes under which this generation of the endpoint is signed to."""
        info = f"contracts-chain callback {endpoint.id} {endpoint.generation}".encode()
        return HKDF(algorithm=SHA256(), length=_SECRET_BYTES, salt=None, info=info).derive(self._root)


def callback_body(event: ProcessEvent) -> bytes:
    """The event as it is sent; it must have its sequence."""
    return canonical_bytes({
        "schema": _SCHEMA,
        "event_id": event.event_id,
        "sequence": event.sequence,
        "kind": event.kind.value,
        "subject": event.subject,
        "occurred_utc": utc_text(event.occurred_utc),
        "change": event.change,
    })  # fmt: skip


def signature_of(secret: bytes, body: bytes, at: datetime) -> str:
    """``<unix seconds>.<64 hexadecimal digits>``; made anew at every attempt."""
    seconds = str(int(at.timestamp()))
    return f"{seconds}.{hmac.new(secret, f'{seconds}.'.encode() + body, hashlib.sha256).hexdigest()}"


def callback_headers(
    secret: bytes, event: ProcessEvent, body: bytes, *, attempt: int, at: datetime
) -> dict[str, str]:
    """Headers of one attempt."""
    return {
        "Content-Type": "application/json",
        "User-Agent": "contracts-chain",
        "X-Contracts-Chain-Signature": signature_of(secret, body, at),
        "X-Contracts-Chain-Event": event.event_id,
        "X-Contracts-Chain-Attempt": str(attempt),
    }
