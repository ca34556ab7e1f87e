"""An outage never makes a time: pending signatures, their upgrade, and the renewal of archives.

Complaint 5: with the authority away, signing ends in an explicit lower level that is made good
later, and no local time takes the token's place.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from kernel.sized_bytes import Bytes32
from kernel.verdict import Verdict
from signing.archive_timestamps import archive_end, pending_fields
from signing.model import TimeSource
from signing.refusals import CannotSignError, RevocationUnavailableError
from signing.rfc3161_authority import TestTsa, TimestampUnavailableError
from tests.unit.signing.signed_samples import PARTIES, START, Office, draft, is_proven, with_fields


class DeadTsa(TestTsa):
    """Answers nobody."""

    def __init__(self) -> None:
        pass

    def token_over(self, digest: Bytes32) -> bytes:
        raise TimestampUnavailableError("test outage")


@pytest.fixture(scope="module")
def pending(office: Office) -> bytes:
    return office.sign_pending(with_fields(draft()), PARTIES[0], certify=True)


def test_a_pending_signature_is_intact_and_claims_no_proven_time(office: Office, pending: bytes) -> None:
    (finding,) = office.inspect(pending).signatures
    assert (finding.integrity, finding.timestamp) == (Verdict.PROVEN, Verdict.UNDECIDED)
    assert (finding.timestamp_utc, finding.time_source) == (None, TimeSource.NONE)
    assert pending_fields(pending) == (PARTIES[0],)
    assert archive_end(pending) is None
    assert b"/DocTimeStamp" not in pending


def test_an_upgrade_proves_every_pending_signature_by_the_document_timestamp(
    office: Office, pending: bytes
) -> None:
    twice = office.sign_pending(pending, PARTIES[1])
    upgraded = office.upgrade(twice)
    stamped = office.clock.now()
    assert upgraded.startswith(twice)
    findings = office.inspect(upgraded)
    assert is_proven(findings)
    assert {one.time_source for one in findings.signatures} == {TimeSource.DOCUMENT_TIMESTAMP}
    assert {one.timestamp_utc for one in findings.signatures} == {stamped}
    assert pending_fields(upgraded) == ()


def test_an_upgrade_leaves_the_executed_part_as_it_was(office: Office, pending: bytes) -> None:
    assert office.inspect(office.upgrade(pending)).executed == office.inspect(pending).executed


def test_the_next_signature_gives_a_pending_one_its_time(office: Office, pending: bytes) -> None:
    signed = office.sign(pending, PARTIES[1])
    findings = office.inspect(signed)
    assert is_proven(findings)
    assert [one.time_source for one in findings.signatures] == [
        TimeSource.DOCUMENT_TIMESTAMP,
        TimeSource.SIGNATURE_TOKEN,
    ]
    assert pending_fields(signed) == ()


def test_a_lasting_outage_leaves_the_file_pending(office: Office, pending: bytes) -> None:
    with pytest.raises(TimestampUnavailableError):
        office.upgrade(pending, DeadTsa())


def test_a_file_with_nothing_pending_is_not_upgraded(office: Office, signed_once: bytes) -> None:
    with pytest.raises(CannotSignError):
        office.upgrade(signed_once)
    with pytest.raises(CannotSignError):
        office.upgrade(b"%PDF-1.7 no document")


def test_a_pending_signer_whose_certificate_ended_is_not_stamped_too_late(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    own = Office.founded(tmp_path_factory.mktemp("late") / "ca")
    pending = own.sign_pending(with_fields(draft()), PARTIES[0], certify=True, credential=own.person())
    own.clock.advance(timedelta(hours=1))
    with pytest.raises(RevocationUnavailableError):
        own.upgrade(pending)


def test_a_signer_revoked_during_the_outage_is_not_stamped(tmp_path_factory: pytest.TempPathFactory) -> None:
    own = Office.founded(tmp_path_factory.mktemp("revoked") / "ca")
    credential = own.seal()
    pending = own.sign_pending(with_fields(draft()), PARTIES[0], certify=True, credential=credential)
    own.clock.advance(timedelta(minutes=5))
    own.ca.revoke(credential.certificate)
    with pytest.raises(RevocationUnavailableError):
        own.upgrade(pending)


def test_renewals_may_go_on_for_ever_and_keep_every_signature(office: Office, executed: bytes) -> None:
    before, renewed = office.inspect(executed), executed
    for turn in range(1, 4):
        renewed = office.renew(renewed)
        after = office.inspect(renewed)
        assert is_proven(after)
        assert after.executed == before.executed
        assert len(after.document_timestamps) == len(before.document_timestamps) + turn


def test_a_renewal_names_the_end_of_its_newest_timestamp(office: Office, executed: bytes) -> None:
    end = archive_end(executed)
    assert end is not None
    assert end.algorithm == "sha256"
    assert end.not_after_utc > START + timedelta(days=3000)


def test_a_renewal_without_a_token_makes_nothing(office: Office, executed: bytes) -> None:
    with pytest.raises(TimestampUnavailableError):
        office.renew(executed, DeadTsa())


def test_an_archive_is_renewed_by_another_authority_than_before(
    office: Office, forger: Office, executed: bytes
) -> None:
    """The new authority's validation data comes along; the old one's stays."""
    from signing.archive_timestamps import renew
    from signing.model import SignatureTrust

    class Both:
        def crls_for(self, chain: tuple[bytes, ...]) -> tuple[bytes, ...]:
            of_us = set(office.ca.tsa_credential.chain) & set(chain)
            return (office if of_us else forger).ca.crls_for(chain)

    forger.clock.advance(office.clock.now() - forger.clock.now())
    roots = (*office.ca.roots, *office.ca.tsa_roots, *forger.ca.tsa_roots)
    renewed = renew(executed, authority=forger.tsa, revocation=Both(), roots=roots, at=office.clock.now())
    trust = SignatureTrust(ca_roots=office.ca.roots, tsa_roots=(*office.ca.tsa_roots, *forger.ca.tsa_roots))
    assert is_proven(office.inspect(renewed, trust))


class _GrowingTsa(TestTsa):
    """Its tokens bring as many certificates as an authority with a long chain."""

    def __init__(self, office: Office, copies: int) -> None:
        super().__init__(office.ca.tsa_credential, office.clock)
        self._certificates = (*self._certificates, *self._certificates[1:] * copies)
        self.asked = 0

    def token_over(self, digest: Bytes32) -> bytes:
        self.asked += 1
        return super().token_over(digest)


def test_a_token_too_large_for_its_room_costs_one_more_try(office: Office, prepared: bytes) -> None:
    large = _GrowingTsa(office, 12)
    signed = office.sign(prepared, PARTIES[0], certify=True, authority=large)
    assert large.asked == 3
    assert is_proven(office.inspect(signed))


def test_a_token_of_usual_size_is_asked_for_twice_only(office: Office, prepared: bytes) -> None:
    usual = _GrowingTsa(office, 0)
    office.sign(prepared, PARTIES[0], certify=True, authority=usual)
    assert usual.asked == 2
