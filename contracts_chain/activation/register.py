"""The people the activation process knows, under keys that tell nothing without its own secret."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final

from contracts_chain.activation.errors import CodesLockedError, NotEnrolledError
from contracts_chain.activation.person import Person
from contracts_chain.activation.vault import Book, Entry, Vault
from contracts_chain.evidence.will import SignerRef

__all__ = ["MOST_WRONG_TRIES", "Register"]

MOST_WRONG_TRIES: Final = 30
"""Wrong digits between two verifications of identity: bounds all guessing at 30 in a million."""
_INDEX: Final = "index"


class Register:
    """Finds and keeps people; the caller serialises changes."""

    def __init__(self, vault: Vault, attestation_lifetime: timedelta) -> None:
        """Take the store; draws the index secret on first use."""
        self._vault = vault
        self._lifetime = attestation_lifetime
        found = vault.get(Book.OWN, _INDEX)
        if found is None:
            found = secrets.token_bytes(32)
            vault.put([Entry(book=Book.OWN, key=_INDEX, value=found)])
        self._secret = found

    def key_of(self, signer: SignerRef) -> str:
        """HMAC of kind and number of the document: a bare hash of a document number is guessable."""
        text = f"{signer.id_type}\n{signer.id_no}".encode()
        return hmac.new(self._secret, text, hashlib.sha256).hexdigest()

    def find(self, signer: SignerRef) -> Person | None:
        """The person of this document and name, attested or no longer so."""
        kept = self._vault.get(Book.PEOPLE, self.key_of(signer))
        if kept is None:
            return None
        person = Person.parse(kept)
        return person if person.signer.name == signer.name else None

    def holder(self, signer: SignerRef) -> Person | None:
        """The person of this document under whatever name."""
        kept = self._vault.get(Book.PEOPLE, self.key_of(signer))
        return None if kept is None else Person.parse(kept)

    def attested(self, signer: SignerRef, now: datetime) -> Person:
        """The person, if its attestation stands.

        Raises:
            NotEnrolledError: Nobody vouched for this name and document, or too long ago.
        """
        person = self.find(signer)
        if person is None or not person.is_attested(now, self._lifetime):
            raise NotEnrolledError
        return person

    def unlocked(self, signer: SignerRef, now: datetime) -> Person:
        """The attested person, if digits may still be tried.

        Raises:
            NotEnrolledError: As ``attested``.
            CodesLockedError: Too many wrong digits since the attestation.
        """
        person = self.attested(signer, now)
        if person.wrong_tries >= MOST_WRONG_TRIES:
            raise CodesLockedError
        return person

    def entry(self, person: Person) -> Entry:
        """What keeps the person."""
        return Entry(book=Book.PEOPLE, key=self.key_of(person.signer), value=person.encoded())
