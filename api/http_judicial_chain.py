"""A judicial chain over HTTP as a second place for header hashes (docs/adr/0016).

``POST URL/deposits`` with ``{"header_hash", "header_number"}`` and the hash as Idempotency-Key;
the answer is ``{"receipt", "signature"}``. An answer about another header, or not signed by
the key we know, is no receipt: the deposit stays undecided and is asked for again.
"""

from __future__ import annotations

import base64
import binascii
from http import HTTPStatus
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from contracts_chain.evidence.strict_fields import Fields, MalformedEvidenceError, parse_object
from kernel.canonical_json import canonical_bytes
from kernel.errors import UndecidedError
from kernel.sized_bytes import BlockHash, Bytes32
from signing.http_exchange import NoHttpAnswerError, exchange

__all__ = ["HttpJudicialChain", "JudicialChainUnavailableError"]

_TIMEOUT_SECONDS = 10.0
_GREATEST_ANSWER = 64 * 1024


class JudicialChainUnavailableError(UndecidedError):
    """No receipt now."""

    code = "judicial_chain_unavailable"

    def __init__(self, place: str, reason: str) -> None:
        """Name the place and what was wrong."""
        super().__init__(
            f"{place} gave no receipt ({reason}); nothing is lost, it is asked again",
            f"{place} 未出具回执（{reason}）；数据无损，系统会重试",
            retry_after=60,
        )


class HttpJudicialChain:
    """``CrossAnchorPlace`` over one endpoint."""

    def __init__(self, name: str, url: str, public_key: Bytes32) -> None:
        """Ask nothing yet.

        Args:
            name: As reports and trust bundles print it.
            url: Endpoint; ``/deposits`` is appended.
            public_key: Ed25519 key that signs its receipts.
        """
        self._name, self._url = name, url.rstrip("/")
        self._key = Ed25519PublicKey.from_public_bytes(public_key)

    @property
    def name(self) -> str:
        """As reports print it."""
        return self._name

    @property
    def kind(self) -> Literal["judicial_chain"]:
        """The proof is a signed receipt."""
        return "judicial_chain"

    def deposit(self, header_number: int, header_hash: BlockHash) -> bytes:
        """Ask for the receipt; the same hash gets the same one.

        Raises:
            JudicialChainUnavailableError: No answer, or none that holds.
        """
        body = canonical_bytes({"header_hash": header_hash.hex0x(), "header_number": header_number})
        headers = {"Content-Type": "application/json", "Idempotency-Key": header_hash.hex()}
        try:
            answer = exchange(
                "POST",
                f"{self._url}/deposits",
                seconds=_TIMEOUT_SECONDS,
                greatest=_GREATEST_ANSWER,
                content=body,
                headers=headers,
            )
        except NoHttpAnswerError as problem:
            raise JudicialChainUnavailableError(self._name, problem.reason) from problem
        if answer.status != HTTPStatus.OK:
            raise JudicialChainUnavailableError(self._name, f"HTTP {answer.status}")
        return self._verified(answer.content, header_number, header_hash)

    def _verified(self, content: bytes, header_number: int, header_hash: BlockHash) -> bytes:
        try:
            fields = Fields(parse_object(content, "receipt"), "receipt")
            receipt = fields.object("receipt").rest()
            signature = base64.b64decode(fields.text("signature"), validate=True)
            self._key.verify(signature, canonical_bytes(receipt))
            stated = Fields(receipt, "receipt")
            named = (stated.natural("header_number"), stated.text("header_hash"))
        except (MalformedEvidenceError, binascii.Error, InvalidSignature) as problem:
            raise JudicialChainUnavailableError(self._name, type(problem).__name__) from problem
        if named != (header_number, header_hash.hex0x()):
            raise JudicialChainUnavailableError(self._name, "a receipt for another header")
        return canonical_bytes(parse_object(content, "receipt"))
