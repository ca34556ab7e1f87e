"""Renewal and cross-anchors on a real chain: the SM3 twin anchored once, headers deposited once a place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from workflows_desk import anchor_all, approved, executed, reloaded, wait_final
from workflows_outages import DeadTsa, TroubledChain
from workflows_serving import serving

from api.file_cross_anchor import CrossAnchorFileBrokenError, FilePlace
from api.http_judicial_chain import HttpJudicialChain, JudicialChainUnavailableError
from api.judicial_sandbox import PLACE, JudicialSandbox, create_judicial_sandbox
from contracts_chain.agreements.lifecycle import EvidenceState
from contracts_chain.evidence.verify import verify_package
from contracts_chain.ledger.anchor_proof import TwinProof
from contracts_chain.ledger.errors import ChainUnavailableError
from contracts_chain.ledger.verify_anchor import verify_twin
from contracts_chain.workflows.chain_ports import CrossAnchorPlace
from contracts_chain.workflows.cross_anchor import TsaPlace, cross_anchor, cross_anchor_when_due
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.package import build_package
from contracts_chain.workflows.renew import renew, renew_when_due
from kernel.canonical_json import parse_json
from kernel.clock import FixedClock, SystemClock
from kernel.digests import sha256
from kernel.sized_bytes import BlockHash, Bytes32
from kernel.verdict import Verdict


def later(office: Office, by: timedelta) -> Office:
    return replace(office, clock=FixedClock(office.clock.now() + by))


def test_a_renewal_anchors_the_sm3_root_of_the_head_once(office: Office) -> None:
    number = executed(office).number
    anchor_all(office)
    before = build_package(office, number).package
    asked = renew(office)
    assert renew(office) == asked
    anchor_all(office)
    with office.work() as work:
        final, head = work.twin_anchors.load(asked.id), work.checkpoints.newest_final()
        assert head is not None
        assert final.twin_root == work.log.twin_root(head.size)
    assert (final.state, final.sequence, final.size) == ("final", head.sequence, head.size)
    assert final.proof is not None
    anchored = verify_twin(TwinProof.from_json(parse_json(final.proof)), office.trust.chain)
    assert (anchored.sequence, anchored.twin_root) == (final.sequence, final.twin_root)
    assert renew(office) == final
    assert verify_package(before, office.trust, at=office.clock.now()).verdict is Verdict.PROVEN


def test_a_renewal_is_due_by_its_period_only(office: Office) -> None:
    approved(office)
    anchor_all(office)
    renew(office)
    anchor_all(office)
    approved(office)
    anchor_all(office)
    assert renew_when_due(office, timedelta(days=30)) is None
    due = renew_when_due(later(office, timedelta(days=30)), timedelta(days=30))
    assert due is not None
    anchor_all(office)
    with office.work() as work:
        assert work.twin_anchors.load(due.id).state == "final"


@pytest.mark.parametrize(("method", "outage"), [("submit", "answer"), ("capture_twin", "request")])
def test_an_outage_while_renewing_is_finished_once(office: Office, method: str, outage: str) -> None:
    approved(office)
    anchor_all(office)
    asked = renew(office)
    with pytest.raises(ChainUnavailableError):
        wait_final(replace(office, chain=TroubledChain(office.chain, method, outage=outage)))
    anchor_all(office)
    with office.work() as work:
        assert work.twin_anchors.load(asked.id).state == "final"
        twins = [one for one in work.transactions.all() if (one.kind, one.ref) == ("twin", asked.id)]
    assert [one.state for one in twins] == ["final"]


@pytest.fixture(scope="module")
def court(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpJudicialChain]:
    """The sandbox over HTTP."""
    sandbox = JudicialSandbox(tmp_path_factory.mktemp("court"), SystemClock())
    with serving(create_judicial_sandbox(sandbox)) as url:
        yield HttpJudicialChain(PLACE, url, Bytes32(sandbox.public_key))


def test_a_header_is_deposited_once_at_every_place_and_marks_what_it_covers(
    office: Office, court: HttpJudicialChain, tmp_path: Path
) -> None:
    number = executed(office).number
    anchor_all(office)
    file = FilePlace("file", tmp_path / "headers.jsonl", office.clock)
    places: list[CrossAnchorPlace] = [TsaPlace("tsa", office.timestamps), file, court]
    done = cross_anchor(office, places)
    assert {row.place for row in done} == {"tsa", "file", PLACE}
    assert len({row.header_hash for row in done}) == 1
    assert cross_anchor(office, places) == ()
    assert reloaded(office, number).evidence_state is EvidenceState.CROSS_ANCHORED
    (line,) = (tmp_path / "headers.jsonl").read_bytes().splitlines()
    assert json.loads(line)["header_hash"] == done[0].header_hash.hex0x()
    with office.work() as work:
        assert {row.place for row in work.cross_anchors.covering(0)} >= {"tsa", "file", PLACE}


def test_a_place_that_does_not_answer_is_asked_again_and_keeps_no_other_waiting(
    office: Office, tmp_path: Path
) -> None:
    approved(office)
    anchor_all(office)
    file = FilePlace("file-2", tmp_path / "headers.jsonl", office.clock)
    assert [row.place for row in cross_anchor(office, [TsaPlace("tsa-2", DeadTsa()), file])] == ["file-2"]
    approved(office)
    anchor_all(office)
    (made_up_for,) = cross_anchor_when_due(
        office, [TsaPlace("tsa-2", office.timestamps), file], timedelta(days=1)
    )
    with office.work() as work:
        in_file = work.cross_anchors.newest("file-2")
    assert in_file is not None
    assert (made_up_for.place, made_up_for.header_hash) == ("tsa-2", in_file.header_hash)
    day_after = later(office, timedelta(days=1))
    assert len(cross_anchor_when_due(day_after, [file], timedelta(days=1))) == 1


def test_the_file_gives_one_line_a_header_and_takes_back_what_nobody_was_told(
    office: Office, tmp_path: Path
) -> None:
    path = tmp_path / "headers.jsonl"
    place = FilePlace("file", path, office.clock)
    hashes = [BlockHash(sha256(bytes([n]))) for n in range(3)]
    lines = [place.deposit(n, block) for n, block in enumerate(hashes)]
    assert [place.deposit(n, block) for n, block in enumerate(hashes)] == lines
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"cut')
    place.deposit(3, BlockHash(sha256(b"3")))
    assert path.read_bytes().startswith(whole + b'{"header_hash"')
    path.write_bytes(whole.replace(lines[0] + b"\n", b""))
    with pytest.raises(CrossAnchorFileBrokenError):
        place.deposit(4, BlockHash(sha256(b"4")))


def test_a_receipt_signed_by_another_key_is_none(court: HttpJudicialChain) -> None:
    stranger = HttpJudicialChain(PLACE, court._url, Bytes32(sha256(b"no key")[:32]))
    block = BlockHash(sha256(b"block"))
    assert court.deposit(7, block) == court.deposit(7, block)
    with pytest.raises(JudicialChainUnavailableError):
        stranger.deposit(7, block)
    with pytest.raises(JudicialChainUnavailableError):
        court.deposit(8, block)
