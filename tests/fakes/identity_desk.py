"""An office in memory with a fake provider, and an activation process that believes it and hall clerks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from activation_people import Vouchers
from fake_activation import FakeActivation
from fake_identity import PROVIDER, FakeProvider
from memory_office import MemoryOffice, ca_directory, memory_office

from contracts_chain.activation.errors import AttestationRefusedError
from contracts_chain.activation.port import SignerStanding
from contracts_chain.agreements.terms import Terms
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.evidence.record import Record
from contracts_chain.evidence.trail import Trail, verify_trail
from contracts_chain.evidence.will import SignerRef
from contracts_chain.workflows.acting_party import signer_ref
from contracts_chain.workflows.offer import Offer, offer
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.review import approve, submit_for_review
from kernel.clock import FixedClock
from kernel.sized_bytes import Bytes32

__all__ = ["IdentityDesk", "WatchedActivation", "identity_desk"]


class WatchedActivation(FakeActivation):
    """Keeps what was handed to it; ``refusing`` plays a process that takes no attestation now."""

    def __init__(self, clock: FixedClock, provider: FakeProvider, clerks: Mapping[str, Bytes32]) -> None:
        vouchers, self.provider = Vouchers(), provider
        known = {**vouchers.configuration().providers, PROVIDER: Bytes32(provider.public_key)}
        configuration = vouchers.configuration(providers=known, hall_clerks=clerks)
        super().__init__(ca_directory(), clock, vouchers, configuration=configuration)
        self.enrolled: list[bytes] = []
        self.refusing = False

    def enrol(self, attestation: bytes) -> SignerStanding:
        """See ``Activation``."""
        if self.refusing:
            raise AttestationRefusedError("stale")
        standing = super().enrol(attestation)
        self.enrolled.append(attestation)
        return standing


@dataclass
class IdentityDesk:
    """What a test holds."""

    world: MemoryOffice
    office: Office
    provider: FakeProvider
    activation: WatchedActivation

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
        return signer_ref(load_terms(sent.dossier.terms).party(role).signer)


def identity_desk(clerks: Mapping[str, Bytes32] | None = None) -> IdentityDesk:
    """Nobody is known yet; ``clerks`` are the public keys of the hall's, by name."""
    world = memory_office(lambda clock: WatchedActivation(clock, FakeProvider(clock), clerks or {}))
    world.attests = False
    activation = world.activation
    assert isinstance(activation, WatchedActivation)
    office = replace(world.office, identity=activation.provider)
    return IdentityDesk(world=world, office=office, provider=activation.provider, activation=activation)
