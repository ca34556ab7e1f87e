"""Four bytes of a digest as people compare them: on the page, in the text message, on the receipt.

A fingerprint is for eyes; nothing is ever decided by it.
"""

from __future__ import annotations

from kernel.sized_bytes import Bytes32

__all__ = ["fingerprint"]


def fingerprint(sha256: Bytes32) -> str:
    """The first four bytes for people to compare: ``7F3A-92C1``."""
    text = sha256.hex()[:8].upper()
    return f"{text[:4]}-{text[4:]}"
