"""A party's own seal is judged, kept once by its bytes, and put on record; fsck walks the trails of seals."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from fake_seals import FakeSealKeys
from kept_ses import AT, CRLS, LOOK_ALIKE, OWNER_ID, SEAL, TRUST
from memory_office import MemoryOffice, memory_office
from seal_desk import with_seals

from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.evidence.trail import final_hash, verify_trail
from contracts_chain.workflows.fsck_papers import StoredPapers, check_stored_papers
from contracts_chain.workflows.seal_import import ForgedSealError, ImportedOwnerError, import_seal
from contracts_chain.workflows.seal_ports import SealImportedError
from contracts_chain.workflows.seal_view import imported_seals
from kernel.clock import FixedClock
from kernel.digests import digests_of, sha256
from kernel.verdict import Verdict
from signing.ses.reading import SesMalformedError, read_ses

KEEPER = "seal-custodian"


@pytest.fixture
def world() -> MemoryOffice:
    made = memory_office()
    trust: Any = SimpleNamespace(signatures=TRUST)
    made.office = replace(made.office, trust=trust, clock=FixedClock(AT))
    return made


def records(world: MemoryOffice, subject: str) -> list[Record]:
    return [Record.parse(row.record) for row in world.tables.log_rows if row.subject == subject]


def test_a_seal_is_kept_by_its_bytes_with_its_owner_and_one_leaf(world: MemoryOffice) -> None:
    seal = import_seal(world.office, SEAL, crls=CRLS, by=KEEPER)
    assert imported_seals(world.office) == (seal,)
    assert world.office.blobs.get(seal.der_sha256) == SEAL
    assert (seal.owner_id, seal.verdict, seal.code) == (OWNER_ID, Verdict.PROVEN, "ok")
    (record,) = records(world, seal.id)
    assert (record.kind, record.document) == (RecordKind.SEAL_STATUS, digests_of(SEAL))
    assert record.details["lines"] == [
        {"code": "ok", "number": number, "verdict": "proven"} for number in (1, 2)
    ]
    assert record.details["trail"] == final_hash(verify_trail(world.tables.trails[seal.id])).hex()


def test_without_a_list_of_the_makers_authority_it_is_kept_and_said_to_be_open(world: MemoryOffice) -> None:
    seal = import_seal(world.office, SEAL, by=KEEPER)
    assert (seal.verdict, seal.code) == (Verdict.UNDECIDED, "no_revocation_data")


def test_the_same_seal_is_not_imported_twice(world: MemoryOffice) -> None:
    import_seal(world.office, SEAL, by=KEEPER)
    with pytest.raises(SealImportedError):
        import_seal(world.office, SEAL, crls=CRLS, by=KEEPER)
    assert len(imported_seals(world.office)) == 1


def test_a_forged_a_malformed_and_the_utilitys_own_seal_leave_nothing_behind(world: MemoryOffice) -> None:
    stranger = read_ses(LOOK_ALIKE)
    own = replace(world.office, utility=replace(world.office.utility, uscc=OWNER_ID))
    for office, der, refusal in (
        (world.office, stranger.seal.der, ForgedSealError),
        (world.office, SEAL[:-1], SesMalformedError),
        (own, SEAL, ImportedOwnerError),
    ):
        with pytest.raises(refusal):
            import_seal(office, der, crls=stranger.crls, by=KEEPER)
    assert imported_seals(world.office) == ()
    assert world.tables.log_rows == []


def findings(
    world: MemoryOffice, change: Callable[[StoredPapers], StoredPapers] = lambda kept: kept
) -> set[str]:
    with world.office.work() as work:
        rows: Iterable[Any] = work.log.waiting()
        papers = change(_papers(work))
    return {one.code for one in check_stored_papers(papers, rows, world.office.blobs)}


def _papers(work: Any) -> StoredPapers:
    seals, imported = work.seals.list(), work.seals.imported()
    work.invoices = SimpleNamespace(list=lambda: ())
    read = StoredPapers.read(work)
    assert set(read.trails) == {one.id for one in (*seals, *imported)}
    return read


def shortened(papers: StoredPapers) -> StoredPapers:
    longest = max(papers.trails, key=lambda subject: len(papers.trails[subject]))
    return replace(papers, trails=papers.trails | {longest: papers.trails[longest][:-1]})


def rewritten(papers: StoredPapers) -> StoredPapers:
    subject = next(iter(papers.trails))
    lines = tuple(line.replace(b"deed", b"dead") for line in papers.trails[subject])
    return replace(papers, trails=papers.trails | {subject: lines})


def test_fsck_walks_the_trail_and_the_picture_of_every_seal(world: MemoryOffice) -> None:
    import_seal(world.office, SEAL, by=KEEPER)
    with_seals(world.office, FakeSealKeys(chain=world.office.ca.roots))
    assert findings(world) == set()
    assert findings(world, shortened) == {"trail_shortened"}
    assert findings(world, rewritten) != set()
    with world.office.work() as work:
        kept = {seal.drawing_sha256 for seal in work.seals.list()} | {sha256(SEAL)}
        assert set(_papers(work).digests) == kept
