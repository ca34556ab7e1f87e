"""What every store behind ``workflows.ports`` must do; run over the fake and over PostgreSQL alike.

A subclass gives a fixture ``open_work``: a factory of units of work on an empty store.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import dossiers
import pytest

from contracts_chain.agreements.lifecycle import EvidenceState
from contracts_chain.workflows.dossier import AgreementDossier, CeremonyFile, CheckpointFile, SlotFile
from contracts_chain.workflows.errors import (
    AlreadyDraftedError,
    InstallationMismatchError,
    StaleDossierError,
    UnknownNumberError,
)
from kernel.digests import sha256
from kernel.ids import new_id
from kernel.sized_bytes import Bytes32, LeafHash, RootHash, TransactionHash

NOW = datetime(2026, 11, 20, 7, 32, 5, tzinfo=UTC)
NUMBER = "SGZJMZ00YXGY2600001"


def slots() -> tuple[SlotFile, ...]:
    wanted = (("consumer", "person"), ("consumer", "seal"), ("supplier", "person"), ("supplier", "seal"))
    return tuple(
        SlotFile(
            ordinal=ordinal,
            field=f"{role.title()}{kind.title()}",
            role=role,
            kind="seal" if kind == "seal" else "person",
            signer_name=f"{role} signer",
            organisation=f"{role} company",
            organisation_id="91330200MA00000000",
            seal_name="合同专用章",
        )
        for ordinal, (role, kind) in enumerate(wanted)
    )


def a_dossier(number: str = NUMBER, order_no: str = "ORDER-1") -> AgreementDossier:
    return dossiers.a_dossier(number=number, order_no=order_no, slots=slots())


def a_ceremony(role: str = "consumer") -> CeremonyFile:
    return CeremonyFile(
        id=new_id(),
        number=NUMBER,
        role=role,
        token_sha256=sha256(role.encode()),
        document_sha256=sha256(b"pdf"),
        state="open",
        opened_utc=NOW,
    )


def a_checkpoint(sequence: int, size: int) -> CheckpointFile:
    return CheckpointFile(
        sequence=sequence,
        size=size,
        root=RootHash(bytes(32)),
        note="note",
        state="signed",
        nonce=sequence - 1,
        raw_transaction=b"raw",
        transaction_hash=TransactionHash(sha256(bytes([sequence]))),
        closed_utc=NOW,
    )


def a_leaf(record: bytes) -> LeafHash:
    return LeafHash(sha256(record))


class RepositoryBehaviour:
    """Every test takes ``open_work``; its type differs between the fake and PostgreSQL."""

    def test_nothing_is_kept_without_commit(self, open_work: Any) -> None:
        with open_work() as work:
            work.agreements.add(a_dossier())
            work.log.append(NUMBER, a_leaf(b"a"), b"a", NOW)
            work.trails.append(NUMBER, b"line")
        with open_work() as work:
            assert (work.log.all(), work.trails.lines(NUMBER), list(work.agreements.list())) == ((), (), [])

    def test_what_is_committed_is_read_back_and_a_later_failure_takes_nothing_back(
        self, open_work: Any
    ) -> None:
        written = a_dossier()
        with open_work() as work:
            work.agreements.add(written)
            work.commit()
        with pytest.raises(UnknownNumberError), open_work() as work:
            work.agreements.load(work.agreements.save(replace(written, pages=9)).order_no)
        with open_work() as work:
            assert work.agreements.load(NUMBER, lock=True) == written
            assert work.agreements.find_by_order("ORDER-1", "HV_SUPPLY") == written
            assert work.agreements.find_by_order("ORDER-1", "GRID_DISPATCH") is None

    def test_an_unknown_number_is_refused(self, open_work: Any) -> None:
        with open_work() as work, pytest.raises(UnknownNumberError):
            work.agreements.load(NUMBER)

    def test_an_order_has_one_agreement_of_a_kind(self, open_work: Any) -> None:
        with open_work() as work:
            work.agreements.add(a_dossier())
            work.commit()
        with open_work() as work, pytest.raises(AlreadyDraftedError):
            work.agreements.add(a_dossier(number="SGZJMZ00YXGY2600002"))

    def test_saving_raises_the_version_and_the_old_one_is_stale(self, open_work: Any) -> None:
        with open_work() as work:
            work.agreements.add(a_dossier())
            work.commit()
        with open_work() as work:
            read = work.agreements.load(NUMBER)
            assert work.agreements.save(replace(read, pages=12)).version == read.version + 1
            work.commit()
        with open_work() as work, pytest.raises(StaleDossierError):
            work.agreements.save(replace(read, pages=13))

    def test_a_signed_slot_is_kept_with_its_agreement(self, open_work: Any) -> None:
        with open_work() as work:
            work.agreements.add(a_dossier())
            read = work.agreements.load(NUMBER)
            done = replace(read.slots[0], certificate_sha256=sha256(b"certificate"), signed_utc=NOW)
            work.agreements.save(replace(read, slots=(done, *read.slots[1:])))
            work.commit()
        with open_work() as work:
            assert work.agreements.load(NUMBER).slots == (done, *read.slots[1:])

    def test_agreements_are_listed_oldest_first(self, open_work: Any) -> None:
        young = replace(a_dossier(number="A", order_no="1"), drafted_utc=NOW + timedelta(days=1))
        old = a_dossier(number="B", order_no="2")
        with open_work() as work:
            work.agreements.add(young)
            work.agreements.add(old)
            assert [one.number for one in work.agreements.list()] == ["B", "A"]

    def test_trail_lines_stay_in_order_and_apart_by_subject(self, open_work: Any) -> None:
        with open_work() as work:
            for subject, line in (("N", b"1"), ("M", b"x"), ("N", b"2")):
                work.trails.append(subject, line)
            work.commit()
        with open_work() as work:
            assert (work.trails.lines("N"), work.trails.lines("M")) == ((b"1", b"2"), (b"x",))
            assert work.trails.lines("nobody") == ()

    def test_leaves_get_indexes_without_gaps(self, open_work: Any) -> None:
        with open_work() as work:
            work.log.lock()
            given = [
                work.log.append(s, a_leaf(r), r, NOW) for s, r in (("N", b"a"), ("M", b"b"), ("N", b"c"))
            ]
            work.commit()
        with open_work() as work:
            assert given == [0, 1, 2]
            assert [leaf.index for leaf in work.log.leaves_of("N")] == [0, 2]
            assert work.log.last_of("N") == a_leaf(b"c")
            assert work.log.last_of("nobody") is None
            assert work.log.hashes(2) == (a_leaf(b"a"), a_leaf(b"b"))
            assert work.log.hashes() == tuple(leaf.leaf_hash for leaf in work.log.all())

    def test_a_checkpoint_moves_on_but_what_was_signed_stays(self, open_work: Any) -> None:
        closed = a_checkpoint(1, 2)
        with open_work() as work:
            assert work.checkpoints.newest() is None
            work.checkpoints.add(closed)
            forged = replace(closed, state="mined", block_number=9, gas_used=80_000, raw_transaction=b"other")
            work.checkpoints.save(forged)
            work.commit()
        with open_work() as work:
            mined = replace(closed, state="mined", block_number=9, gas_used=80_000)
            assert (work.checkpoints.newest(), work.checkpoints.unfinished()) == (mined, (mined,))
            assert work.checkpoints.covering(0) is None

    def test_a_leaf_is_covered_by_the_first_final_checkpoint_above_it(self, open_work: Any) -> None:
        with open_work() as work:
            for sequence, size in ((1, 2), (2, 5)):
                work.checkpoints.add(a_checkpoint(sequence, size))
                work.checkpoints.save(replace(a_checkpoint(sequence, size), state="final", proof=b"{}"))
            assert [one.sequence for one in work.checkpoints.all()] == [1, 2]
            assert work.checkpoints.unfinished() == ()
            covering = [work.checkpoints.covering(index) for index in (0, 1, 2, 4)]
            assert [one.sequence for one in covering] == [1, 1, 2, 2]
            assert work.checkpoints.covering(5) is None

    @pytest.mark.parametrize(
        ("size", "expected"), [(1, EvidenceState.LOGGED), (2, EvidenceState.FINAL), (3, EvidenceState.FINAL)]
    )
    def test_an_agreement_is_marked_when_its_every_leaf_is_covered(
        self, open_work: Any, size: int, expected: EvidenceState
    ) -> None:
        with open_work() as work:
            work.agreements.add(replace(a_dossier(), evidence_state=EvidenceState.LOGGED))
            for record in (b"a", b"b"):
                work.log.append(NUMBER, a_leaf(record), record, NOW)
            work.checkpoints.mark_covered(size, EvidenceState.FINAL)
            work.checkpoints.mark_covered(size, EvidenceState.ANCHORED)
            assert work.agreements.load(NUMBER).evidence_state is expected

    def test_an_agreement_without_leaves_is_never_marked(self, open_work: Any) -> None:
        with open_work() as work:
            work.agreements.add(replace(a_dossier(), evidence_state=EvidenceState.LOGGED))
            work.checkpoints.mark_covered(100, EvidenceState.FINAL)
            assert work.agreements.load(NUMBER).evidence_state is EvidenceState.LOGGED

    def test_a_ceremony_is_found_by_its_link_and_while_open_by_its_party(self, open_work: Any) -> None:
        consumer, supplier = a_ceremony("consumer"), a_ceremony("supplier")
        with open_work() as work:
            work.agreements.add(a_dossier())
            work.ceremonies.add(consumer)
            work.ceremonies.add(supplier)
            read = replace(consumer, pages_served=(1, 3), attempts_left=4, code_salt=Bytes32(bytes(32)))
            work.ceremonies.save(read)
            work.ceremonies.save(replace(supplier, state="signed"))
            work.commit()
        with open_work() as work:
            assert work.ceremonies.find(consumer.token_sha256, lock=True) == read
            assert work.ceremonies.find_open(NUMBER, "consumer") == read
            assert work.ceremonies.find_open(NUMBER, "supplier") is None
            assert work.ceremonies.find(sha256(b"other")) is None

    def test_a_fact_of_the_installation_is_fixed_once(self, open_work: Any) -> None:
        with open_work() as work:
            assert work.installation.get("genesis") is None
            work.installation.fix("genesis", "0xaa")
            work.installation.fix("genesis", "0xaa")
            with pytest.raises(InstallationMismatchError):
                work.installation.fix("genesis", "0xbb")
            assert work.installation.get("genesis") == "0xaa"
