"""Archive renewal on a real house: the record stands, and the package stays proven."""

from __future__ import annotations

from workflows_desk import anchor_all, executed, kinds_of, reloaded, trail_words

from contracts_chain.evidence.record import RecordKind
from contracts_chain.workflows.add_timestamp import add_timestamp
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.package import build_package
from contracts_chain.workflows.upgrade_timestamps import upgrade_pending
from kernel.verdict import Verdict
from signing.archive_timestamps import renew


def renewed(office: Office, pdf: bytes) -> bytes:
    trust = office.trust.signatures
    return renew(
        pdf,
        authority=office.timestamps,
        revocation=office.ca,
        roots=(*trust.ca_roots, *trust.tsa_roots),
        at=office.clock.now(),
    )


def test_a_renewed_agreement_hands_out_a_proven_package(office: Office) -> None:
    number = executed(office).number
    before = reloaded(office, number)
    assert number not in upgrade_pending(office)
    after = add_timestamp(office, number, lambda pdf: renewed(office, pdf), purpose="renewal")
    assert before.current_sha256 is not None
    assert after.current_sha256 is not None
    assert office.blobs.get(after.current_sha256).startswith(office.blobs.get(before.current_sha256))
    assert [slot.timestamp_utc for slot in after.slots] == [slot.timestamp_utc for slot in before.slots]
    assert kinds_of(office, number)[-1] is RecordKind.TIMESTAMP_ADDED
    assert trail_words(office, number)[-1] == "timestamped"
    anchor_all(office)
    assert build_package(office, number).report.verdict is Verdict.PROVEN
