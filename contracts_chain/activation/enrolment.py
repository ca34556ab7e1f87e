"""Takes attestations: whom a provider or two hall clerks vouched for, and with which phone.

Each session of a provider counts once. The newest attestation's phone is the one that codes go
to; taking another voids outstanding codes and forgives wrong tries. Passkeys and authenticator
app stay: the person holds them, and neither depends on the phone. Another name on the same
document begins anew, without them.
"""

from __future__ import annotations

from dataclasses import replace

from contracts_chain.activation.attestation import Attestation, read_attestation
from contracts_chain.activation.codes import OutstandingCodes
from contracts_chain.activation.configuration import ActivationConfiguration
from contracts_chain.activation.errors import AttestationRefusedError
from contracts_chain.activation.person import Person
from contracts_chain.activation.port import SignerStanding
from contracts_chain.activation.register import Register
from contracts_chain.activation.vault import Book, Entry, Vault
from kernel.clock import Clock
from kernel.digests import sha256

__all__ = ["Enrolment"]


class Enrolment:
    """Enrols people; the caller serialises calls."""

    def __init__(
        self,
        vault: Vault,
        register: Register,
        codes: OutstandingCodes,
        configuration: ActivationConfiguration,
        clock: Clock,
    ) -> None:
        """Take the store, the people in it, and whom to believe."""
        self._vault = vault
        self._register = register
        self._codes = codes
        self._configuration = configuration
        self._clock = clock

    def enrol(self, content: bytes) -> SignerStanding:
        """Take an attestation; the very same one again changes nothing.

        Raises:
            AttestationRefusedError: Not signed by one we know, stale, used already with other content,
                or older than the one on file.
        """
        now, lifetime = self._clock.now(), self._configuration.attestation_lifetime
        taken = self._vault.get(Book.ATTESTATIONS, f"taken:{sha256(content).hex()}")
        if taken is not None:
            return Person.parse(self._vault.get(Book.PEOPLE, taken.decode()) or b"").standing(now, lifetime)
        attestation = read_attestation(content, self._configuration, now)
        session = sha256(attestation.session.encode()).hex()
        if self._vault.get(Book.ATTESTATIONS, f"session:{session}") is not None:
            raise AttestationRefusedError("this session was used already")
        person = self._person(attestation)
        key = self._register.key_of(person.signer)
        self._vault.put(
            [
                self._register.entry(person),
                Entry(book=Book.ATTESTATIONS, key=f"taken:{attestation.sha256.hex()}", value=key.encode()),
                Entry(book=Book.ATTESTATIONS, key=f"session:{session}", value=attestation.sha256),
            ]
        )
        self._codes.void_of(key)
        return person.standing(now, lifetime)

    def _person(self, attestation: Attestation) -> Person:
        fresh = Person(
            signer=attestation.signer,
            phone=attestation.claims.phone,
            attested_utc=attestation.claims.issued_utc,
            method=attestation.claims.method,
            attestation_sha256=attestation.sha256,
        )
        known = self._register.holder(attestation.signer)
        if known is None:
            return fresh
        if attestation.claims.issued_utc < known.attested_utc:
            raise AttestationRefusedError("a newer attestation is on file")
        if known.signer.name != attestation.signer.name:
            return fresh
        return replace(
            fresh,
            codes_sent=known.codes_sent,
            passkeys=known.passkeys,
            authenticator=known.authenticator,
        )
