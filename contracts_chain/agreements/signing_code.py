"""A one-time signing code bound to the bytes that will be signed (WEB.md S8; L7).

Decides whether a code releases one signature on one document. The record never holds
the code; it is bound to contract number, slot, signer and document digest, lives ten
minutes and dies after five wrong tries. A six-digit code is the lower, labelled level
of sole control (DESIGN decision 16): whoever reads the record and its salt can search
a million codes, so it must stay in the activation process.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from kernel.clock import BEIJING
from kernel.errors import RejectedError
from kernel.ids import PersonId
from kernel.sized_bytes import Bytes32, Salt

__all__ = [
    "CODE_LIFETIME",
    "MOST_ATTEMPTS",
    "CodeDeadError",
    "CodeWrongError",
    "DocumentChangedError",
    "SigningCode",
    "code_message",
    "draw_code",
    "fingerprint",
    "issue_code",
    "redeem_code",
]

CODE_LIFETIME: Final = timedelta(minutes=10)
MOST_ATTEMPTS: Final = 5
_DIGITS: Final = 6
_SCRYPT_COST: Final = 2**12


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningCode:
    """What is kept of an issued code.

    Attributes:
        number: Contract number.
        slot: PDF field the code releases.
        signer: Who must enter it.
        document_sha256: SHA-256 of the revision that will be signed.
        salt: Random, of this record alone.
        code_hash: scrypt over code and everything it is bound to.
        expires_utc: Ten minutes after issue.
        attempts_left: 5 at first; 0 is dead.
        is_spent: Redeemed once; never again.
    """

    number: str
    slot: str
    signer: PersonId
    document_sha256: Bytes32
    salt: Salt
    code_hash: Bytes32
    expires_utc: datetime
    attempts_left: int = MOST_ATTEMPTS
    is_spent: bool = False


class CodeWrongError(RejectedError):
    """The digits do not fit; ``after`` must be stored before anything else happens."""

    code = "code_wrong"

    def __init__(self, after: SigningCode) -> None:
        """Keep the record with one try less."""
        left = after.attempts_left
        super().__init__(f"wrong code, {left} tries left", f"签署码不对，还可试 {left} 次")
        self.after = after


class CodeDeadError(RejectedError):
    """Expired, spent or out of tries: ask for a new one."""

    code = "code_dead"

    def __init__(self, *, reason: str) -> None:
        """Keep the reason: ``expired``, ``spent`` or ``tries``."""
        zh = {"expired": "签署码已过期", "spent": "签署码已使用", "tries": "签署码错误次数过多，已作废"}[
            reason
        ]
        super().__init__(f"the code is dead ({reason}); ask for a new one", f"{zh}，请重新获取")
        self.reason = reason


class DocumentChangedError(RejectedError):
    """The code belongs to other bytes: nothing is signed."""

    code = "document_changed"

    def __init__(self, *, expected: Bytes32, actual: Bytes32) -> None:
        """Keep the digest the code is bound to and that of the document at hand."""
        super().__init__(
            f"the code is for {fingerprint(expected)}, the document is {fingerprint(actual)}; read it again",
            f"合同变了（指纹由 {fingerprint(expected)} 变为 {fingerprint(actual)}）。"
            "签署码作废，您没有签署；请重新阅读",
        )
        self.expected = expected
        self.actual = actual


def fingerprint(sha256: Bytes32) -> str:
    """The first four bytes for people to compare: ``7F3A-92C1``."""
    text = sha256.hex()[:8].upper()
    return f"{text[:4]}-{text[4:]}"


def draw_code() -> str:
    """Six random digits."""
    return f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"


def issue_code(
    *,
    code: str,
    salt: Salt,
    number: str,
    slot: str,
    signer: PersonId,
    document_sha256: Bytes32,
    now: datetime,
) -> SigningCode:
    """Make the record of a code that is about to be sent.

    Args:
        code: From ``draw_code``; forget it after sending.
        salt: 32 fresh random bytes.
        number: Contract number.
        slot: PDF field the code may release.
        signer: Who must enter it.
        document_sha256: Digest of the revision shown and to be signed.
        now: Aware moment of issue.
    """
    return SigningCode(
        number=number,
        slot=slot,
        signer=signer,
        document_sha256=document_sha256,
        salt=salt,
        code_hash=_hash(code, salt, number, slot, signer, document_sha256),
        expires_utc=now + CODE_LIFETIME,
    )


def redeem_code(record: SigningCode, *, code: str, document_sha256: Bytes32, now: datetime) -> SigningCode:
    """Check the digits against the very document; give the spent record to store.

    Raises:
        CodeDeadError: Expired, spent, or no try left.
        DocumentChangedError: Bound to other bytes; no try is used up.
        CodeWrongError: Carries the record with one try less; store it.
    """
    if record.is_spent:
        raise CodeDeadError(reason="spent")
    if record.attempts_left <= 0:
        raise CodeDeadError(reason="tries")
    if now >= record.expires_utc:
        raise CodeDeadError(reason="expired")
    if document_sha256 != record.document_sha256:
        raise DocumentChangedError(expected=record.document_sha256, actual=document_sha256)
    given = _hash(code, record.salt, record.number, record.slot, record.signer, document_sha256)
    if not hmac.compare_digest(given, record.code_hash):
        raise CodeWrongError(replace(record, attempts_left=record.attempts_left - 1))
    return replace(record, is_spent=True, attempts_left=0)


def code_message(record: SigningCode, code: str) -> str:
    """The text message that carries the code (WEB.md S8)."""
    until = record.expires_utc.astimezone(BEIJING)
    mark = fingerprint(record.document_sha256)
    return f"签署码{code}，只用于合同{record.number}，指纹{mark}，{until:%H:%M}前有效。我们不会索要。"


def _hash(code: str, salt: Salt, number: str, slot: str, signer: PersonId, document: Bytes32) -> Bytes32:
    bound = "\n".join((code, number, slot, signer, document.hex()))
    return Bytes32(hashlib.scrypt(bound.encode(), salt=bytes(salt), n=_SCRYPT_COST, r=8, p=1, dklen=32))
