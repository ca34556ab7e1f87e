"""An office in memory with a fake provider, whose activation process keeps what it is handed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from fake_identity import FakeProvider
from memory_office import MemoryOffice, memory_office
from plain_activation import PlainActivation

from contracts_chain.activation.errors import AttestationRefusedError
from contracts_chain.activation.port import SignerStanding
from contracts_chain.agreements.terms import Terms
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.evidence.record import Record
from contracts_chain.evidence.trail import Trail, verify_trail
from contracts_chain.evidence.will import SignerRef
from contracts_chain.workflows.offer import Offer, offer
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.review import approve, submit_for_review
from kernel.digests import sha256

__all__ = ["IdentityDesk", "KeepingActivation", "identity_desk"]


@dataclass
class KeepingActivation(PlainActivation):
    """Knows nobody until somebody is enrolled; ``refusing`` plays a process that takes nothing."""

    enrolled: list[bytes] = field(default_factory=list)
    known: dict[str, bytes] = field(default_factory=dict)
    refusing: bool = False

    def standing(self, signer: SignerRef) -> SignerStanding:
        taken = self.known.get(signer.name)
        return SignerStanding(
            attested_utc=None if taken is None else self.clock.now(),
            method="" if taken is None else "carrier_three_elements",
            attestation_sha256=None if taken is None else sha256(taken),
            phone="199****0002",
            passkeys=0,
            has_totp=False,
        )

    def enrol(self, attestation: bytes) -> SignerStanding:
        if self.refusing:
            raise AttestationRefusedError("stale")
        self.enrolled.append(attestation)
        return self.standing(SignerRef(name="", id_type="", id_no=""))


@dataclass
class IdentityDesk:
    """What a test holds."""

    world: MemoryOffice
    office: Office
    provider: FakeProvider
    activation: KeepingActivation

    def offered(self, terms: Terms | None = None) -> Offer:
        number = self.world.draft(terms)
        submit_for_review(self.office, number, by="li")
        approve(self.office, number, reviewer="wang")
        return offer(self.office, number, by="desk")

    def records(self) -> list[Record]:
        return [Record.parse(row.record) for row in self.world.tables.log_rows]

    def trail(self, number: str) -> Trail:
        return verify_trail(self.world.tables.trails[number])

    def signer(self, sent: Offer, role: str = "consumer") -> SignerRef:
        person = load_terms(sent.dossier.terms).party(role).signer
        return SignerRef(name=person.name, id_type=str(person.id_type.value), id_no=person.id_no)


def identity_desk() -> IdentityDesk:
    world = memory_office()
    provider, activation = FakeProvider(world.clock), KeepingActivation(world.clock)
    office = replace(world.office, identity=provider, activation=activation)
    return IdentityDesk(world=world, office=office, provider=provider, activation=activation)
