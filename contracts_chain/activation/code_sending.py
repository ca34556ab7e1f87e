"""Draws a code, counts it, and sends it to the attested phone, in this order.

At most ten codes a ceremony and twelve a person and hour: the counts are kept before the message
leaves. A message that was not taken voids its code.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from contracts_chain.activation.codes import MOST_ATTEMPTS, OutstandingCodes
from contracts_chain.activation.errors import CodesUsedUpError, MessageNotSentError
from contracts_chain.activation.person import Person
from contracts_chain.activation.port import CodeIssued
from contracts_chain.activation.register import Register
from contracts_chain.activation.sms_gateway import SmsGateway
from contracts_chain.activation.vault import Book, Entry, Vault

__all__ = ["MOST_CODES", "CodeSending"]

MOST_CODES: Final = 10


class CodeSending:
    """Sends codes; the caller serialises calls."""

    def __init__(
        self,
        vault: Vault,
        register: Register,
        codes: OutstandingCodes,
        sms: SmsGateway,
        *,
        codes_an_hour: int,
    ) -> None:
        """Take the store, the codes of this run, the way to a phone, and how many a person gets an hour."""
        self._codes_an_hour = codes_an_hour
        self._vault = vault
        self._register = register
        self._codes = codes
        self._sms = sms

    def send(
        self,
        person: Person,
        purpose: str,
        challenge: bytes,
        message: Callable[[str, datetime], str],
        now: datetime,
    ) -> CodeIssued:
        """Send one code.

        Args:
            person: Attested; its phone is the only address.
            purpose: Ceremony, or enrolment of this person; counted for itself.
            challenge: Digest of the request the code will be bound to.
            message: Makes the text from digits and time of expiry.
            now: Aware moment.

        Raises:
            CodesUsedUpError: Enough were sent.
            MessageNotSentError: The gateway did not take it; the code is void.
        """
        sent = int(self._vault.get(Book.CEREMONIES, purpose) or b"0")
        if sent >= MOST_CODES and not purpose.startswith("enrol:"):
            raise CodesUsedUpError
        recent = [at for at in person.codes_sent if at > now - timedelta(hours=1)]
        if len(recent) >= self._codes_an_hour:
            raise CodesUsedUpError(int((recent[0] + timedelta(hours=1) - now).total_seconds()))
        self._vault.put(
            [
                self._register.entry(person.with_code_sent(now)),
                Entry(book=Book.CEREMONIES, key=purpose, value=str(sent + 1).encode()),
            ]
        )
        key = self._register.key_of(person.signer)
        code, expires_utc = self._codes.draw(purpose, key, challenge, now)
        try:
            self._sms.send(person.phone, message(code, expires_utc))
        except MessageNotSentError:
            self._codes.void_code(purpose, code)
            raise
        return CodeIssued(expires_utc=expires_utc, attempts_left=MOST_ATTEMPTS, phone=person.masked_phone)
