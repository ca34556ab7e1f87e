"""One-time codes (WEB.md S8; L7): drawn here, bound to one person and one request, in memory only.

Decides whether six digits release what they were sent for. A code lives ten minutes and five
tries, is spent once, and fits no other digest or person. It is kept as an HMAC under a key of
this run alone: after a restart no code is valid, whatever copy of the store is put back. Six
digits are the lower, labelled level of sole control (DESIGN decision 16).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from contracts_chain.activation.errors import CodeExpiredError, WrongCodeError
from contracts_chain.agreements.fingerprint import fingerprint
from contracts_chain.evidence.will import WillRequest
from kernel.clock import BEIJING
from kernel.sized_bytes import Bytes32

__all__ = ["CODE_LIFETIME", "MOST_ATTEMPTS", "OutstandingCodes", "enrolment_message", "signing_message"]

CODE_LIFETIME: Final = timedelta(minutes=10)
MOST_ATTEMPTS: Final = 5
_DIGITS: Final = 6
_GREATEST_INPUT: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outstanding:
    """What is kept of a code.

    Attributes:
        binding: Everything the code is for; another binding finds no code.
        code_hmac: HMAC-SHA256 under this run's key over binding and digits.
        expires_utc: Ten minutes after it was drawn.
        attempts_left: 5 at first; at 0 it is forgotten.
    """

    person: str
    binding: bytes
    code_hmac: Bytes32
    expires_utc: datetime
    attempts_left: int


class OutstandingCodes:
    """The codes of this run, by what they were asked for; the caller serialises calls."""

    def __init__(self) -> None:
        """None outstanding, and a key that no other run has."""
        self._key = secrets.token_bytes(32)
        self._codes: dict[str, _Outstanding] = {}

    def draw(self, purpose: str, person: str, challenge: bytes, now: datetime) -> tuple[str, datetime]:
        """Six fresh digits and when they expire; the earlier code of this purpose is void.

        Args:
            purpose: Ceremony, or enrolment of a person.
            person: Key of the person in the register.
            challenge: Digest of the request.
            now: Aware moment.
        """
        self._forget_expired(now)
        code = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"
        binding = _binding(person, challenge)
        self._codes[purpose] = _Outstanding(
            person=person,
            binding=binding,
            code_hmac=self._hmac(binding, code),
            expires_utc=now + CODE_LIFETIME,
            attempts_left=MOST_ATTEMPTS,
        )
        return code, now + CODE_LIFETIME

    def redeem(self, purpose: str, person: str, challenge: bytes, code: str, now: datetime) -> None:
        """Spend the code if the digits fit this very person and request.

        Raises:
            CodeExpiredError: None outstanding for exactly this; no try is used up.
            WrongCodeError: Says how many tries are left; the last wrong one voids the code.
        """
        held = self.outstanding(purpose, person, challenge, now)
        left = held.attempts_left - 1  # counted before it is compared
        self._codes[purpose] = replace(held, attempts_left=left)
        given = self._hmac(held.binding, code.strip()[:_GREATEST_INPUT])
        if not hmac.compare_digest(given, held.code_hmac):
            if left == 0:
                self.void(purpose)
            raise WrongCodeError(left)
        self.void(purpose)

    def outstanding(self, purpose: str, person: str, challenge: bytes, now: datetime) -> _Outstanding:
        """The code for exactly this.

        Raises:
            CodeExpiredError: None, expired, or bound to something else.
        """
        held = self._codes.get(purpose)
        if held is None or now >= held.expires_utc or held.binding != _binding(person, challenge):
            raise CodeExpiredError
        return held

    def void(self, purpose: str) -> None:
        """Forget the code of this purpose."""
        self._codes.pop(purpose, None)

    def void_code(self, purpose: str, code: str) -> None:
        """Forget this code, unless a newer one of its purpose has taken its place."""
        held = self._codes.get(purpose)
        if held is not None and hmac.compare_digest(self._hmac(held.binding, code), held.code_hmac):
            self.void(purpose)

    def void_of(self, person: str) -> None:
        """Forget every code of a person, e.g. when its phone changed."""
        self._codes = {key: held for key, held in self._codes.items() if held.person != person}

    def _forget_expired(self, now: datetime) -> None:
        self._codes = {key: held for key, held in self._codes.items() if held.expires_utc > now}

    def _hmac(self, binding: bytes, code: str) -> Bytes32:
        return Bytes32(hmac.new(self._key, binding + b"\n" + code.encode(), hashlib.sha256).digest())


def signing_message(request: WillRequest, code: str, expires_utc: datetime) -> str:
    """The text message that carries a signing code (WEB.md S8, and S12 for a set)."""
    until = f"{expires_utc.astimezone(BEIJING):%H:%M}前有效。我们不会索要。"
    mark = fingerprint(request.root)
    if len(request.documents) == 1:
        return f"签署码{code}，只用于合同{request.documents[0].number}，指纹{mark}，{until}"
    return f"签署码{code}，只用于{len(request.documents)}份合同，总指纹{mark}，{until}"


def enrolment_message(code: str, expires_utc: datetime) -> str:
    """The text message that carries an enrolment code."""
    until = f"{expires_utc.astimezone(BEIJING):%H:%M}前有效。我们不会索要。"
    return f"登记码{code}，只用于登记通行密钥、验证器或自持密钥，不能用于签合同，{until}"


def _binding(person: str, challenge: bytes) -> bytes:
    return person.encode() + b"\n" + challenge.hex().encode()
