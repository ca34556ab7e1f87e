"""What every store of the seal registry must do; run over the fake and over PostgreSQL alike.

A subclass gives a fixture ``open_work``: a factory of units of work on an empty store.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from contracts_chain.agreements.seals.imported import ImportedSeal
from contracts_chain.agreements.seals.life import SealState
from contracts_chain.agreements.seals.seal import Seal, SealKind
from contracts_chain.agreements.seals.use import RequestState, SealUse, UseRequest
from contracts_chain.workflows.seal_ports import (
    SealChangedError,
    SealImportedError,
    SealTakenError,
    UnknownSealError,
    UnknownUseRequestError,
)
from kernel.digests import sha256
from kernel.sized_bytes import LeafHash
from kernel.verdict import Verdict

MORNING = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
OWNER = "91330200MA23AMP15X"


def a_seal(key: str = "a", **changes: Any) -> Seal:
    seal = Seal(
        id=f"seal-{key}",
        owner="示例供电公司",
        owner_id=OWNER,
        name="供用电合同专用章",
        kind=SealKind.SUPPLY_CONTRACT,
        holder="",
        state=SealState.APPLIED,
        custodian="seal-custodian",
        applicant="supplier-desk",
        classes=("HV_SUPPLY", "SUPPLEMENT"),
        drawing_sha256=sha256(b"drawing"),
        key_ref=f"software:{key}",
        valid_from=date(2026, 11, 20),
        valid_to=date(2027, 11, 20),
        applied_utc=MORNING,
    )
    return replace(seal, **changes)


def a_request(key: str = "r", **changes: Any) -> UseRequest:
    request = UseRequest(
        id=f"request-{key}",
        seal_id="seal-a",
        numbers=("N-2", "N-1"),
        reason="签订供用电合同",
        asked_by="supplier-desk",
        asked_utc=MORNING,
    )
    return replace(request, **changes)


def a_use(use_no: int = 1, **changes: Any) -> SealUse:
    use = SealUse(
        seal_id="seal-a",
        use_no=use_no,
        number=f"N-{use_no}",
        field="SupplierSeal",
        request_id="request-r",
        drawing_sha256=sha256(b"drawing"),
        taken_utc=MORNING,
    )
    return replace(use, **changes)


def an_imported(key: str = "a", **changes: Any) -> ImportedSeal:
    seal = ImportedSeal(
        id=f"imported-{key}",
        seal_no="33020000001",
        name="合同专用章",
        owner="示例公司",
        owner_id="91330206MA2HT5E15X",
        valid_from_utc=MORNING,
        valid_to_utc=MORNING + timedelta(days=365),
        der_sha256=sha256(key.encode()),
        verdict=Verdict.UNDECIDED,
        code="no_revocation_data",
        imported_by="seal-custodian",
        imported_utc=MORNING,
    )
    return replace(seal, **changes)


def decided(request: UseRequest, at: datetime = MORNING) -> UseRequest:
    return replace(
        request,
        state=RequestState.APPROVED,
        decided_by="seal-custodian",
        decided_utc=at,
        expires_utc=at + timedelta(days=7),
    )


class SealBehaviour:
    def test_a_seal_is_read_back_as_it_was_stored_and_found_by_its_wording(self, open_work: Any) -> None:
        kept(open_work, a_seal())
        with open_work() as work:
            found = work.seals.find(OWNER, "供用电合同专用章")
            assert work.seals.load("seal-a") == found == a_seal()
            assert work.seals.list() == (a_seal(),)
            assert work.seals.find(OWNER, "公章") is None
            assert work.seals.find("91330200MA00000000", "供用电合同专用章") is None

    def test_an_imported_seal_is_kept_once_by_its_bytes_and_is_no_seal_of_ours(self, open_work: Any) -> None:
        first, second = an_imported("a"), an_imported("b", imported_utc=MORNING + timedelta(hours=1))
        for seal in (second, first):
            with open_work() as work:
                work.seals.add_imported(seal)
                work.commit()
        with open_work() as work:
            assert work.seals.imported() == (first, second)
            assert work.seals.list() == ()
        with open_work() as work, pytest.raises(SealImportedError):
            work.seals.add_imported(replace(first, id="imported-c"))

    def test_nobody_is_a_seal_or_request_that_was_never_stored(self, open_work: Any) -> None:
        with open_work() as work:
            with pytest.raises(UnknownSealError):
                work.seals.load("seal-a")
            with pytest.raises(UnknownUseRequestError):
                work.seals.load_request("request-r")

    @pytest.mark.parametrize("state", [SealState.APPLIED, SealState.SUSPENDED])
    def test_a_second_live_seal_of_a_wording_is_refused(self, open_work: Any, state: SealState) -> None:
        kept(open_work, a_seal(state=state))
        with open_work() as work, pytest.raises(SealTakenError):
            work.seals.add(a_seal("b"))

    @pytest.mark.parametrize("state", [SealState.REFUSED, SealState.DESTROYED])
    def test_a_wording_is_free_again_when_its_seal_is_over(self, open_work: Any, state: SealState) -> None:
        kept(open_work, a_seal(state=state))
        kept(open_work, a_seal("b", applied_utc=MORNING + timedelta(days=1)))
        with open_work() as work:
            found = work.seals.find(OWNER, "供用电合同专用章")
            assert found is not None
            assert found.id == "seal-b"
            assert [seal.id for seal in work.seals.list()] == ["seal-a", "seal-b"]

    def test_of_two_changes_to_one_version_the_second_is_refused(self, open_work: Any) -> None:
        kept(open_work, a_seal())
        with open_work() as work:
            changed = replace(a_seal(), state=SealState.APPROVED, chain=(b"leaf", b"root"))
            saved = work.seals.save(changed)
            work.commit()
        assert saved == replace(changed, version=2)
        with open_work() as work, pytest.raises(SealChangedError):
            work.seals.save(replace(a_seal(), state=SealState.REFUSED))

    def test_a_request_keeps_its_agreements_in_order_and_is_decided(self, open_work: Any) -> None:
        kept(open_work, a_seal(), a_request(quota=3))
        with open_work() as work:
            assert work.seals.load_request("request-r", lock=True) == a_request(quota=3)
            assert work.seals.approval_for("seal-a", "N-1") is None
            work.seals.decide_request(decided(a_request(quota=3)))
            work.commit()
        with open_work() as work:
            standing = decided(a_request(quota=3))
            assert work.seals.approval_for("seal-a", "N-1") == standing
            assert work.seals.approval_for("seal-a", "N-3") is None
            assert work.seals.approval_for("seal-b", "N-1") is None

    def test_of_two_approvals_the_later_counts(self, open_work: Any) -> None:
        kept(open_work, a_seal(), a_request("r"), a_request("s"))
        with open_work() as work:
            work.seals.decide_request(decided(a_request("s"), MORNING + timedelta(hours=1)))
            work.seals.decide_request(decided(a_request("r"), MORNING))
            work.commit()
        with open_work() as work:
            found = work.seals.approval_for("seal-a", "N-2")
            assert found is not None
            assert found.id == "request-s"

    def test_undecided_requests_are_listed_first_then_the_newest(self, open_work: Any) -> None:
        hour = timedelta(hours=1)
        asked = [a_request(key, asked_utc=MORNING + n * hour) for n, key in enumerate("rst")]
        kept(open_work, a_seal(), *asked)
        with open_work() as work:
            work.seals.decide_request(decided(asked[1]))
            work.seals.decide_request(decided(asked[2]))
            work.commit()
        with open_work() as work:
            listed = [one.id for one in work.seals.requests("seal-a", most=9)]
            assert listed == ["request-r", "request-t", "request-s"]
            assert len(work.seals.requests("seal-a", most=2)) == 2

    def test_a_use_is_numbered_counted_and_filled_in(self, open_work: Any) -> None:
        kept(open_work, a_seal(), a_request())
        noted = a_use(
            noted_utc=MORNING,
            document_sha256=sha256(b"pdf"),
            certificate_sha256=sha256(b"certificate"),
            leaf_hash=LeafHash(sha256(b"record")),
        )
        with open_work() as work:
            work.seals.decide_request(decided(a_request()))
            assert work.seals.last_use("seal-a") == 0
            work.seals.add_use(a_use())
            work.seals.add_use(a_use(2))
            work.seals.note_use(noted)
            work.commit()
        with open_work() as work:
            assert work.seals.load_request("request-r").used == 2
            assert work.seals.last_use("seal-a") == 2
            assert work.seals.find_use("N-1", "SupplierSeal") == noted
            assert work.seals.find_use("N-1", "ConsumerSeal") is None
            assert [line.use for line in work.seals.ledger("seal-a", after=0, most=9)] == [noted, a_use(2)]
            assert [line.use.use_no for line in work.seals.ledger("seal-a", after=1, most=9)] == [2]
            assert [line.use.use_no for line in work.seals.ledger("seal-a", after=0, most=1)] == [1]

    def test_a_ledger_line_names_the_place_of_its_leaf_as_soon_as_it_has_one(self, open_work: Any) -> None:
        leaf = LeafHash(sha256(b"record"))
        noted = a_use(
            noted_utc=MORNING,
            document_sha256=sha256(b"pdf"),
            certificate_sha256=sha256(b"certificate"),
            leaf_hash=leaf,
        )
        kept(open_work, a_seal(), a_request())
        with open_work() as work:
            work.seals.add_use(a_use())
            work.seals.note_use(noted)
            work.log.append("another", LeafHash(sha256(b"other")), b"other", MORNING)
            work.log.append("seal-a", leaf, b"record", MORNING)
            work.commit()
        with open_work() as work:
            assert [line.leaf_index for line in work.seals.ledger("seal-a", after=0, most=9)] == [None]
            work.log.sequence_pending(10)
            work.commit()
        with open_work() as work:
            assert [line.leaf_index for line in work.seals.ledger("seal-a", after=0, most=9)] == [1]


def kept(open_work: Any, *rows: Seal | UseRequest) -> None:
    with open_work() as work:
        for row in rows:
            if isinstance(row, Seal):
                work.seals.add(row)
            else:
                work.seals.add_request(row)
        work.commit()
