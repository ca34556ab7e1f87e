"""What every store behind ``workflows.ports`` must do; run over the fake and over PostgreSQL alike.

A subclass gives a fixture ``open_work``: a factory of units of work on an empty store.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import dossiers
import pytest
from chain_behaviour import ChainBehaviour

from contracts_chain.evidence.merkle import hash_leaf, hash_twin_leaf
from contracts_chain.evidence.merkle_log import MerkleLog
from contracts_chain.evidence.tiles import TileMissingError, grow
from contracts_chain.evidence.tree_hash import SHA256_TREE, SM3_TREE
from contracts_chain.workflows.dossier import (
    AgreementDossier,
    CeremonyFile,
    LogRow,
    PendingLeaves,
    SlotFile,
)
from contracts_chain.workflows.errors import (
    AlreadyDraftedError,
    InstallationMismatchError,
    StaleDossierError,
    UnknownNumberError,
)
from kernel.digests import sha256
from kernel.ids import new_id
from kernel.sized_bytes import Bytes32, LeafHash

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


def a_leaf(record: bytes) -> LeafHash:
    return LeafHash(sha256(record))


class RepositoryBehaviour(ChainBehaviour):
    """Every test takes ``open_work``; its type differs between the fake and PostgreSQL."""

    def test_nothing_is_kept_without_commit(self, open_work: Any) -> None:
        with open_work() as work:
            work.agreements.add(a_dossier())
            work.log.append(NUMBER, a_leaf(b"a"), b"a", NOW)
            work.trails.append(NUMBER, b"line")
        with open_work() as work:
            kept = (work.log.waiting(), work.trails.lines(NUMBER), list(work.agreements.list()))
            assert kept == ((), (), [])

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

    def test_leaves_get_indexes_without_gaps_when_they_are_brought_into_order(self, open_work: Any) -> None:
        with open_work() as work:
            for subject, record in (("N", b"a"), ("M", b"b"), ("N", b"c")):
                work.log.lock_subject(subject)
                work.log.append(subject, a_leaf(record), record, NOW)
            work.commit()
        with open_work() as work:
            assert (work.log.size(), work.log.leaves_of("N"), work.log.unsequenced("N")) == (0, (), 2)
            assert work.log.pending() == PendingLeaves(count=3, oldest_utc=NOW)
            assert [row.record for row in work.log.waiting()] == [b"a", b"b", b"c"]
            assert [work.log.sequence_pending(2), work.log.sequence_pending(2)] == [2, 3]
            work.commit()
        with open_work() as work:
            assert work.log.pending() == PendingLeaves(count=0, oldest_utc=None)
            assert work.log.size() == work.log.sequence_pending(9) == 3
            assert [leaf.index for leaf in work.log.leaves_of("N")] == [0, 2]
            assert [leaf.twin_hash for leaf in work.log.all()] == [
                hash_twin_leaf(r) for r in (b"a", b"b", b"c")
            ]
            assert work.log.hashes(2) == (a_leaf(b"a"), a_leaf(b"b"))
            assert work.log.hashes() == tuple(leaf.leaf_hash for leaf in work.log.all())

    def test_the_newest_leaf_of_a_subject_is_known_before_it_has_a_place(self, open_work: Any) -> None:
        with open_work() as work:
            for record in (b"a", b"b"):
                work.log.append("N", a_leaf(record), record, NOW)
            assert work.log.last_of("N") == a_leaf(b"b")
            work.log.sequence_pending(1)
            assert work.log.last_of("N") == a_leaf(b"b")
            work.log.sequence_pending(1)
            assert work.log.last_of("N") == a_leaf(b"b")
            work.log.append("N", a_leaf(b"c"), b"c", NOW)
            assert work.log.last_of("N") == a_leaf(b"c")
            assert work.log.last_of("nobody") is None

    def test_roots_and_proofs_of_both_trees_are_those_of_the_log_in_memory(self, open_work: Any) -> None:
        records = [b"record %d" % number for number in range(600)]
        plain = MerkleLog(hash_leaf(record) for record in records)
        twin = MerkleLog((hash_twin_leaf(record) for record in records), tree=SM3_TREE)
        with open_work() as work:
            work.log.append_many(
                [LogRow(subject="N", leaf_hash=hash_leaf(r), record=r, appended_utc=NOW) for r in records]
            )
            for most in (1, 254, 300, 45):
                work.log.sequence_pending(most)
            work.commit()
        with open_work() as work:
            for size in (0, 1, 255, 256, 257, 512, 555, 600):
                assert (work.log.root(size), work.log.twin_root(size)) == (plain.root(size), twin.root(size))
                assert work.log.consistency(size, 600) == plain.consistency(size, 600)
                assert work.log.twin_consistency(size, 600) == twin.consistency(size, 600)
            for index, size in ((0, 1), (0, 600), (255, 256), (256, 600), (599, 600), (300, 555)):
                assert work.log.inclusion(index, size) == plain.inclusion(index, size)
                assert work.log.twin_inclusion(index, size) == twin.inclusion(index, size)
            with pytest.raises(TileMissingError):
                work.log.root(601)
            with pytest.raises(ValueError, match="no leaf 600"):
                work.log.inclusion(600, 600)

    def test_tiles_are_those_of_the_leaves(self, open_work: Any) -> None:
        records = [b"record %d" % number for number in range(300)]
        with open_work() as work:
            work.log.append_many(
                [LogRow(subject="N", leaf_hash=hash_leaf(r), record=r, appended_utc=NOW) for r in records]
            )
            work.log.sequence_pending(1000)
            leaves = [hash_leaf(record) for record in records]
            assert list(work.log.tiles("sha256")) == grow(SHA256_TREE, 0, leaves, {})
            assert list(work.log.tiles("sm3")) == grow(SM3_TREE, 0, [hash_twin_leaf(r) for r in records], {})
            assert work.log.tile("sha256", 0, 1) == b"".join(leaves[256:])
            assert work.log.tile("sm3", 1, 0) == work.log.tiles("sm3")[2].hashes
            assert work.log.tile("sha256", 0, 2) is None
            assert work.log.tile("sha256", 2, 0) is None

    def test_a_ceremony_is_found_by_its_link_and_while_open_by_its_party(self, open_work: Any) -> None:
        consumer, supplier = a_ceremony("consumer"), a_ceremony("supplier")
        with open_work() as work:
            work.agreements.add(a_dossier())
            work.ceremonies.add(consumer)
            work.ceremonies.add(supplier)
            read = replace(consumer, mark_sha256=Bytes32(bytes(32)), consented_utc=NOW, asked_utc=NOW)
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
