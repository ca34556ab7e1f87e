"""The seal signature under SM2 is judged before it counts, like the revision beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from memory_office import MemoryOffice, memory_office, paperless

from contracts_chain.activation.port import Activation, SignatureOrder, SignedField
from contracts_chain.agreements.lifecycle import EvidenceState
from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.errors import UnsoundSignatureError
from contracts_chain.workflows.offer import offer
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.review import approve, submit_for_review
from contracts_chain.workflows.sign import sign_slot
from signing.issuing_ca import TestCa
from signing.rfc3161_authority import TestTsa
from signing.ses.making import make_ses
from signing.ses.structure import SesSignature
from signing.sm2_authority import Sm2Authority
from tests.unit.signing.ses_samples import KEK, ORDER, Domestic

FIELD = "ConsumerSeal"
Craft = Callable[[Domestic, bytes], bytes]
"""From a revision to what claims to be its seal signature."""


@dataclass
class Sealing:
    """The activation process, with the seal signature that a test crafts beside what it signs."""

    real: Activation
    craft: Callable[[bytes], bytes]

    def sign(self, order: SignatureOrder) -> SignedField:
        signed = self.real.sign(order)
        return replace(signed, ses=self.craft(signed.pdf))


@pytest.fixture
def world() -> Iterator[MemoryOffice]:
    with paperless():
        yield memory_office()


@pytest.fixture
def domestic(world: MemoryOffice, tmp_path: Any) -> Domestic:
    """Authorities whose clock is the office's."""
    ca = TestCa.open(tmp_path / "ca", KEK, world.clock)
    authority = Sm2Authority.open(tmp_path / "sm2", KEK, world.clock)
    tsa = TestTsa(ca.tsa_credential, world.clock)
    return Domestic(authority=authority, ca=ca, tsa=tsa, clock=world.clock)


@pytest.fixture
def office(world: MemoryOffice, domestic: Domestic) -> Office:
    trust: Any = SimpleNamespace(signatures=domestic.trust, skew=timedelta(minutes=1))
    return replace(world.office, trust=trust)


@pytest.fixture
def due(world: MemoryOffice) -> AgreementDossier:
    """A contract whose consumer's seal is due."""
    office, number = world.office, world.draft()
    submit_for_review(office, number, by="li")
    approve(office, number, reviewer="wang")
    world.release(offer(office, number, by="desk").tokens["consumer"])
    return sign_slot(office, number, "ConsumerPerson", actor="tester")


def seal(office: Office, domestic: Domestic, due: AgreementDossier, craft: Craft) -> AgreementDossier:
    activation: Any = Sealing(office.activation, lambda revision: craft(domestic, revision))
    return sign_slot(replace(office, activation=activation), due.number, FIELD, actor="tester")


def unstamped(domestic: Domestic, revision: bytes) -> bytes:
    now = domestic.clock.now()
    return make_ses(domestic.authority, ORDER, revision, at=now, timestamps=None, revocation=domestic.ca)


def honest(domestic: Domestic, revision: bytes) -> bytes:
    return domestic.stamped(unstamped(domestic, revision))


def no_seal_signature(domestic: Domestic, revision: bytes) -> bytes:
    return b"no seal signature"


def of_another_revision(domestic: Domestic, revision: bytes) -> bytes:
    return honest(domestic, revision[:-1])


def with_the_value_of_another(domestic: Domestic, revision: bytes) -> bytes:
    return mixed(domestic, revision, "signature", "timestamp")


def with_the_token_of_another(domestic: Domestic, revision: bytes) -> bytes:
    return mixed(domestic, revision, "timestamp")


def mixed(domestic: Domestic, revision: bytes, *parts: str) -> bytes:
    one, other = (SesSignature.load(honest(domestic, revision)) for _ in range(2))
    for part in parts:
        one[part] = other[part]
    return bytes(one.dump())


def unstamped_and_of_another_revision(domestic: Domestic, revision: bytes) -> bytes:
    return unstamped(domestic, revision[:-1])


SPOILED = {
    no_seal_signature: "ses_malformed",
    of_another_revision: "original_mismatch",
    with_the_value_of_another: "sm2_signature_invalid",
    with_the_token_of_another: "token_refuted",
    unstamped_and_of_another_revision: "original_mismatch",
}


@pytest.mark.parametrize(("spoiled", "reason"), SPOILED.items())
def test_a_seal_signature_that_does_not_pass_its_re_check_counts_for_nothing(
    world: MemoryOffice,
    office: Office,
    domestic: Domestic,
    due: AgreementDossier,
    spoiled: Craft,
    reason: str,
) -> None:
    before, lines, kept = (
        world.tables.agreements[due.number],
        len(world.tables.log_rows),
        set(world.blobs.kept),
    )
    with pytest.raises(UnsoundSignatureError) as caught:
        seal(office, domestic, due, spoiled)
    assert caught.value.reason == reason
    assert world.tables.agreements[due.number] == before
    assert world.tables.domestic_seals == {}
    assert len(world.tables.log_rows) == lines
    assert set(world.blobs.kept) == kept
    sealed = seal(office, domestic, due, honest)
    assert sealed.slot(FIELD).signed
    assert sealed.evidence_state is EvidenceState.LOGGED


def test_a_seal_signature_of_a_stranger_counts_for_nothing(
    office: Office, due: AgreementDossier, domestic: Domestic
) -> None:
    trust: Any = SimpleNamespace(
        signatures=replace(domestic.trust, sm2_roots=(), seal_maker_roots=()), skew=timedelta(0)
    )
    stranger = replace(office, trust=trust)
    with pytest.raises(UnsoundSignatureError, match="unknown_issuer"):
        seal(stranger, domestic, due, honest)


def test_a_seal_signature_without_timestamp_counts_and_keeps_the_evidence_pending(
    world: MemoryOffice, office: Office, due: AgreementDossier, domestic: Domestic
) -> None:
    saved = seal(office, domestic, due, unstamped)
    assert saved.evidence_state is EvidenceState.PENDING
    record = Record.parse(world.tables.log_rows[-1].record)
    assert record.kind is RecordKind.AGREEMENT_SEALED
    with office.work() as work:
        assert work.domestic_seals.unstamped_of(due.number) == (FIELD,)
        assert work.archive.untimed() == ()
