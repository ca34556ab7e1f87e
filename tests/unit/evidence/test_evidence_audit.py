"""An outsider's audit over chains that no honest node would show, one named test each."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import rlp
from evidence_headers import address_of, keys
from evidence_shown_chain import (
    ANCHORER,
    BEGIN,
    ChainInMemory,
    Shown,
    anchoring,
    granting,
    twin,
)

from contracts_chain.evidence.audit import Audit
from contracts_chain.evidence.audit_errors import MemoryUnreadableError
from contracts_chain.evidence.audit_memory import load_memory, store_memory
from contracts_chain.evidence.audit_report import AuditReport
from contracts_chain.evidence.audit_votes import EPOCH, VoteTally
from contracts_chain.evidence.merkle_log import MerkleLog
from contracts_chain.evidence.trust_bundle import TrustBundle
from contracts_chain.ledger.chain_trust import ValidatorSet
from contracts_chain.ledger.header import parse_header
from contracts_chain.ledger.registry_calls import address_of as account_of
from kernel.sized_bytes import Address, BlockHash, LeafHash, RootHash
from kernel.verdict import Verdict

NOW = BEGIN + timedelta(hours=1)
LOG = MerkleLog(LeafHash(bytes([n]) * 32) for n in range(40))
FIFTH = keys(1, b"a fifth")[0]
OTHER = Address(b"\x77" * 20)


def audited(chain: ChainInMemory, trust: TrustBundle | None = None, **changes: object) -> AuditReport:
    return Audit(trust or chain.trust(), chain, **changes).run(at=NOW)  # type: ignore[arg-type]


def outcome(report: AuditReport) -> tuple[Verdict, str]:
    """Verdict of the audit and code of its last finding."""
    return report.verdict, report.findings[-1].code


def grown(*sizes: int) -> ChainInMemory:
    chain, old = ChainInMemory(), 0
    chain.add(granting(account_of(ANCHORER)))
    for sequence, size in enumerate(sizes, start=1):
        chain.add(anchoring(LOG, sequence, old, size))
        chain.add()
        old = size
    return chain


def test_a_chain_whose_checkpoints_extend_each_other_is_proven() -> None:
    report = audited(grown(3, 7, 30))
    assert outcome(report) == (Verdict.PROVEN, "ok")
    assert [(one.sequence, one.size) for one in report.checkpoints] == [(1, 3), (2, 7), (3, 30)]
    assert report.checkpoints[-1].root == LOG.root(30)


# ---- checkpoints --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("forged", "code"),
    [
        (anchoring(LOG, 2, 5, 9, path=LOG.consistency(5, 8)), "proof_shape"),
        (anchoring(LOG, 2, 5, 9, root=b"\x99" * 32), "root_mismatch"),
        (anchoring(LOG, 2, 5, 9, path=()), "proof_shape"),
        (anchoring(MerkleLog(LeafHash(b"\x01" * 32) for _ in range(9)), 2, 5, 9), "root_mismatch"),
    ],
    ids=["path of another size", "another root", "no path", "another log"],
)
def test_a_consistency_proof_that_does_not_extend_the_head_is_refuted(forged: Shown, code: str) -> None:
    chain = grown(5)
    chain.add(forged)
    assert outcome(audited(chain)) == (Verdict.REFUTED, code)


@pytest.mark.parametrize(
    ("sequence", "size"), [(1, 5), (3, 9), (2, 5), (2, 4)], ids=["twice", "skipped", "same size", "shorter"]
)
def test_the_same_checkpoint_twice_or_out_of_order_is_refuted(sequence: int, size: int) -> None:
    chain = grown(5)
    chain.add(anchoring(LOG, sequence, min(5, size), size))
    assert outcome(audited(chain)) == (Verdict.REFUTED, "checkpoint_order")


def test_a_first_checkpoint_that_is_not_the_first_is_refuted() -> None:
    chain = grown()
    chain.add(anchoring(LOG, 4, 3, 9))
    assert outcome(audited(chain)) == (Verdict.REFUTED, "checkpoint_order")


def test_an_event_whose_call_shows_another_checkpoint_is_undecided() -> None:
    chain, honest = grown(5), anchoring(LOG, 2, 5, 9)
    chain.add(replace(honest, transactions=anchoring(LOG, 2, 5, 10).transactions))
    assert outcome(audited(chain)) == (Verdict.UNDECIDED, "node_answer")


def test_a_twin_is_counted_once_and_another_one_for_its_checkpoint_is_refuted() -> None:
    chain = grown(5)
    for _ in range(2):
        chain.add(twin(1, 5, LOG.root(5), b"\x53" * 32))
    report = audited(chain)
    assert (report.verdict, report.events["TwinAnchored"]) == (Verdict.PROVEN, 2)
    chain.add(twin(1, 5, LOG.root(5), b"\x54" * 32))
    assert outcome(audited(chain)) == (Verdict.REFUTED, "checkpoint_order")


def test_a_twin_of_another_root_than_was_anchored_is_refuted() -> None:
    chain = grown(5)
    chain.add(twin(1, 5, LOG.root(6), b"\x53" * 32))
    assert outcome(audited(chain)) == (Verdict.REFUTED, "checkpoint_order")


def test_another_history_in_another_registry_by_the_operator_is_a_fork() -> None:
    chain = grown(5)
    chain.add(anchoring(LOG, 1, 0, 4, registry=OTHER))
    report = audited(chain)
    assert outcome(report) == (Verdict.REFUTED, "second_registry")
    assert report.findings[-1].statements is not None
    assert report.memory is None


def test_the_same_history_mirrored_elsewhere_is_no_alarm() -> None:
    chain = grown(5)
    chain.add(anchoring(LOG, 1, 0, 5, registry=OTHER))
    assert audited(chain).verdict is Verdict.PROVEN


def test_a_stranger_s_event_elsewhere_is_no_alarm() -> None:
    chain = ChainInMemory()
    chain.add(anchoring(LOG, 1, 0, 4, registry=OTHER))
    assert (audited(chain).verdict, audited(chain).events["elsewhere"]) == (Verdict.PROVEN, 1)


@pytest.mark.parametrize("part", ["receipts", "transactions"])
def test_contents_that_do_not_give_the_sealed_roots_are_undecided(part: str) -> None:
    chain = grown(5)
    number = next(iter(sorted(chain.shown)[1:]))
    chain.shown[number] = replace(chain.shown[number], **{part: ()})
    assert outcome(audited(chain)) == (Verdict.UNDECIDED, "node_answer")


# ---- headers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"parent": b"\x01" * 32}, "parent_link"),
        ({"seconds": 1}, "block_time"),
        ({"seconds": 86_400}, "block_time"),
        ({"sealers": keys(4)[:2]}, "quorum_missed"),
        ({"sealers": [*keys(4)[:3], FIFTH]}, "sealer_unknown"),
        ({"sealers": [*keys(4)[:3], keys(4)[0]]}, "sealer_doubled"),
        ({"coinbase": OTHER}, "sealer_unknown"),
    ],
    ids=["another parent", "older", "future", "two seals", "a stranger's seal", "doubled", "proposer"],
)
def test_a_block_that_does_not_follow_or_is_not_sealed_is_refuted(
    changes: dict[str, object], code: str
) -> None:
    chain = grown(5)
    chain.add(**changes)  # type: ignore[arg-type]
    assert outcome(audited(chain)) == (Verdict.REFUTED, code)


def test_a_block_left_out_or_shown_twice_is_never_proven() -> None:
    chain = grown(5, 9)
    whole = list(chain.blocks)
    for blocks in (whole[:2] + whole[3:], whole[:3] + whole[2:]):
        chain.blocks = blocks
        assert audited(chain).verdict is not Verdict.PROVEN


def test_another_genesis_or_chain_id_is_refuted() -> None:
    chain = grown(5)
    assert outcome(audited(chain, chain.trust(genesis_hash=BlockHash(bytes(32)))))[1] == "foreign_chain_shown"
    chain.chain = 1
    assert outcome(audited(chain)) == (Verdict.REFUTED, "foreign_chain_shown")


def test_other_code_at_the_registry_is_refuted() -> None:
    chain = grown(5)
    report = audited(chain, chain.trust(registry_code_hash=RootHash(bytes(32))))
    assert outcome(report) == (Verdict.REFUTED, "registry_code")
    assert report.memory is None


def test_a_chain_that_stood_still_longer_than_the_bundle_allows_is_undecided() -> None:
    chain = grown(5)
    report = Audit(chain.trust(), chain).run(at=BEGIN + timedelta(days=2))
    assert outcome(report) == (Verdict.UNDECIDED, "chain_stale")


# ---- votes --------------------------------------------------------------------------------------


def voted(chain: ChainInMemory, candidate: bytes, *, add: bool, voters: int) -> None:
    for voter in chain.validators[:voters]:
        chain.add(vote=(candidate, add), coinbase=address_of(voter))


def test_a_validator_voted_in_by_more_than_half_seals_from_the_next_block_on() -> None:
    chain = grown(5)
    voted(chain, address_of(FIFTH), add=True, voters=3)
    chain.validators = sorted([*chain.validators, FIFTH], key=address_of)
    chain.add(sealers=chain.validators[1:])
    report = audited(chain)
    assert outcome(report) == (Verdict.PROVEN, "ok")
    assert [change.from_block for change in report.set_changes] == [chain.newest()]
    assert Address(address_of(FIFTH)) in report.set_changes[0].validators


def test_half_of_the_votes_change_nothing() -> None:
    chain = grown(5)
    voted(chain, address_of(FIFTH), add=True, voters=2)
    chain.validators = sorted([*chain.validators, FIFTH], key=address_of)
    chain.add()
    assert outcome(audited(chain)) == (Verdict.REFUTED, "validator_list")


def test_the_same_validator_voting_three_times_counts_once() -> None:
    chain = grown(5)
    for _ in range(3):
        voted(chain, address_of(FIFTH), add=True, voters=1)
    assert audited(chain).set_changes == ()


def test_a_removed_validator_s_seal_is_refuted() -> None:
    chain = grown(5)
    removed = chain.validators[3]
    voted(chain, address_of(removed), add=False, voters=3)
    chain.validators = chain.validators[:3]
    chain.add()
    assert audited(chain).verdict is Verdict.PROVEN
    chain.add(sealers=[*chain.validators[:2], removed])
    assert outcome(audited(chain)) == (Verdict.REFUTED, "sealer_unknown")


def test_a_closed_range_believes_no_vote() -> None:
    chain = grown(5)
    trust = chain.trust()
    pinned = (replace(trust.chain.validator_sets[0], to_block=99),)
    voted(chain, address_of(FIFTH), add=True, voters=3)
    chain.validators = sorted([*chain.validators, FIFTH], key=address_of)
    chain.add()
    assert outcome(audited(chain, chain.trust(validator_sets=pinned)))[1] == "validator_list"


def test_beyond_a_closed_range_the_question_is_open() -> None:
    chain = grown(5)
    members = chain.trust().chain.validator_sets[0].members
    pinned = (ValidatorSet(from_block=1, to_block=2, members=members),)
    assert outcome(audited(chain, chain.trust(validator_sets=pinned))) == (
        Verdict.UNDECIDED,
        "validator_set_unknown",
    )


def test_an_audit_begun_after_the_votes_leaves_the_set_open() -> None:
    chain = grown(5)
    voted(chain, address_of(FIFTH), add=True, voters=3)
    chain.validators = sorted([*chain.validators, FIFTH], key=address_of)
    chain.add()
    report = audited(chain, first_block=chain.newest())
    assert outcome(report) == (Verdict.UNDECIDED, "validator_set_unknown")


def test_an_epoch_clears_all_votes_and_casts_none() -> None:
    chain = grown()
    candidate = Address(address_of(FIFTH))
    tally = VoteTally([Address(address_of(key)) for key in keys(4)])
    for voter in keys(4)[:3]:
        chain.add(vote=(candidate, True), coinbase=address_of(voter))
    first, second, third = (parse_header(block) for block in chain.blocks[-3:])
    assert not tally.count(first)
    assert not tally.count(second)
    fields = list(third.fields)
    fields[8] = EPOCH.to_bytes(2)
    assert not tally.count(parse_header(rlp.encode(fields)))
    assert tally.votes == ()
    assert not tally.count(third)


# ---- memory -------------------------------------------------------------------------------------


def test_a_second_run_goes_on_from_the_file_and_reads_only_what_is_new(tmp_path: Path) -> None:
    chain, path = grown(3), tmp_path / "state.json"
    first = audited(chain)
    assert first.memory is not None
    store_memory(first.memory, path)
    assert load_memory(path) == first.memory
    voted(chain, address_of(FIFTH), add=True, voters=2)
    chain.add(anchoring(LOG, 2, 3, 8))
    second = audited(chain, memory=load_memory(path))
    assert (second.verdict, second.blocks, len(second.checkpoints)) == (Verdict.PROVEN, 3, 2)
    assert second.memory is not None
    store_memory(second.memory, path)
    assert load_memory(path) == second.memory


def test_another_history_at_a_remembered_height_names_the_validators_that_sealed_both() -> None:
    chain = grown(3)
    memory = audited(chain).memory
    other = ChainInMemory(blocks=chain.blocks[:-1], shown=chain.shown)
    other.add(seconds=len(chain.blocks) + 5)
    other.add()
    report = audited(other, chain.trust(), memory=memory)
    assert outcome(report) == (Verdict.REFUTED, "fork_proven")
    statements = report.findings[-1].statements
    assert statements is not None
    assert statements["sealed_both"] == ["0x" + address_of(key).hex() for key in chain.validators[:3]]


def test_a_chain_shorter_than_remembered_is_undecided() -> None:
    chain = grown(3, 9)
    memory = audited(chain).memory
    chain.blocks = chain.blocks[:-2]
    assert outcome(audited(chain, memory=memory)) == (Verdict.UNDECIDED, "node_answer")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"schema": 1}', b'{"schema": 2}', b"\xff"])
def test_a_state_file_of_another_form_is_unreadable_and_not_begun_anew(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "state.json").write_bytes(content)
    with pytest.raises(MemoryUnreadableError):
        load_memory(tmp_path / "state.json")


def test_no_state_file_is_a_first_run(tmp_path: Path) -> None:
    assert load_memory(tmp_path / "state.json") is None
