from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import rlp
from devnet_committee import Committee
from devnet_trade import CONTRACT, NOON, Sign, write_call
from eth_hash.auto import keccak

from devnet.block_check import BlockCheck
from devnet.body import Body
from devnet.chain import PROPOSAL_NOTE
from devnet.errors import ProposalRefusedError, StoppedError
from devnet.header import ExtraData
from devnet.log_index import candidate_blocks
from devnet.node import Node
from devnet.pool import decode_transaction
from devnet.producer import Produced
from devnet.proposal import Proposal
from devnet.seals import verify_seals
from devnet.store_lmdb import Table
from kernel.clock import FixedClock
from kernel.sized_bytes import Address, Bytes32

START = int(NOON.timestamp())
BYTECODE = bytes.fromhex(CONTRACT["bytecode"][2:])


class PowerCutError(Exception):
    """Stands for the process ending at this very point."""


def seal(node: Node, *raw: bytes, second: int = 1) -> Produced:
    return node.producer.produce([decode_transaction(item) for item in raw], timestamp=START + second)


def with_contract(node: Node, sign: Sign) -> str:
    seal(node, sign(0, data=BYTECODE), second=1)
    sender = node.chain.body(1).senders[0]
    return "0x" + bytes(keccak(rlp.encode([sender, b""]))[12:]).hex()


def climb(root: bytes, key: bytes, nodes: list[bytes]) -> bytes | None:
    """A small verifier of its own: value at the key, ``None`` when absence is proven."""
    nibbles = [half for byte in key for half in (byte >> 4, byte & 15)]
    expected: Any = root
    for encoded in nodes:
        assert keccak(encoded) == expected
        found = _descend(rlp.decode(encoded), nibbles)
        if not isinstance(found, tuple):
            return found
        expected, nibbles = found
    raise AssertionError("the proof ends early")


def _descend(node: Any, nibbles: list[int]) -> Any:
    while True:
        if len(node) == 17:
            if not nibbles:
                return node[16] or None
            step, nibbles = node[nibbles[0]], nibbles[1:]
        else:
            odd, leaf = node[0][0] >> 4 & 1, node[0][0] >> 5
            path = [half for byte in node[0] for half in (byte >> 4, byte & 15)][1 if odd else 2 :]
            if nibbles[: len(path)] != path:
                return None
            nibbles, step = nibbles[len(path) :], node[1]
            if leaf:
                return step if not nibbles else None
        if step == b"":
            return None
        if isinstance(step, bytes):
            return step, nibbles
        node = step


def test_a_block_carries_the_seals_of_a_quorum_and_survives_reopening(
    node: Node, reopen: Callable[[], Node], sign: Sign
) -> None:
    produced = seal(node, sign(0, to="0x" + "11" * 20))
    verify_seals(produced.header, node.genesis.validators)
    sealed_bytes = rlp.encode(produced.header)
    again = reopen()
    assert rlp.encode(again.chain.head()) == sealed_bytes
    assert again.chain.find_transaction(produced.included[0]) == (1, 0)


def test_the_genesis_hash_depends_on_genesis_json_alone(node: Node, reopen: Callable[[], Node]) -> None:
    first = node.genesis.header().hash
    assert reopen().genesis.header().hash == first == node.chain.genesis.header().hash


def test_the_proposer_named_in_the_genesis_proposes_every_block(node: Node) -> None:
    proposers = {bytes(seal(node, second=number).header.coinbase) for number in range(1, 5)}
    assert proposers == {node.genesis.proposer_address}


def test_state_of_an_old_block_stays_readable(node: Node, sign: Sign) -> None:
    contract = with_contract(node, sign)
    seal(node, sign(1, to=contract, data=write_call(7, 42)), second=2)
    seal(node, sign(2, to=contract, data=write_call(7, 43)), second=3)
    address = Address.from_hex(contract)
    slot = int.from_bytes(keccak((7).to_bytes(32) + bytes(32)))
    values = [
        node.chain.state(header).get_storage(address, slot)
        for number in range(4)
        if (header := node.chain.find_header(number)) is not None
    ]
    assert values == [0, 0, 42, 43]


def test_account_and_slot_proofs_climb_to_the_state_root_present_or_absent(node: Node, sign: Sign) -> None:
    contract = with_contract(node, sign)
    for nonce in range(1, 20):
        seal(node, sign(nonce, to=contract, data=write_call(nonce, 1000 + nonce)), second=nonce + 1)
    header = node.chain.head()
    slots = tuple(Bytes32(keccak(key.to_bytes(32) + bytes(32))) for key in (1, 9, 19, 77))
    proof = node.chain.prove_account(header, Address.from_hex(contract), slots)
    account = climb(header.state_root, keccak(bytes.fromhex(contract[2:])), list(proof.nodes))
    assert account == rlp.encode(proof.account)
    for (slot, value, nodes), expected in zip(proof.slots, (1001, 1009, 1019, 0), strict=True):
        held = climb(proof.account.storage_root, keccak(slot), list(nodes))
        assert value == expected
        assert held == (rlp.encode(expected) if expected else None)
    nobody = Address(b"\x77" * 20)
    absent = node.chain.prove_account(header, nobody, ())
    assert climb(header.state_root, keccak(nobody), list(absent.nodes)) is None


def test_a_transaction_that_cannot_run_is_refused_and_the_others_are_mined(node: Node, sign: Sign) -> None:
    target = "0x" + "11" * 20
    good, unaffordable, next_good = sign(0, to=target), sign(1, to=target, value=1), sign(1, to=target)
    produced = seal(node, good, unaffordable, next_good)
    assert (len(produced.included), len(produced.refused)) == (2, 1)


def test_a_block_takes_no_more_than_its_gas(node: Node, sign: Sign) -> None:
    raw = [sign(nonce, to="0x" + "11" * 20, gas=9_000_000) for nonce in range(5)]
    produced = seal(node, *raw)
    assert len(produced.included) == 5  # unused gas is free again for the next one
    burning = [sign(5 + n, data=b"\xfe", gas=9_000_000) for n in range(4)]
    produced = seal(node, *burning, second=2)
    assert len(produced.included) == 3
    assert node.chain.body(2).receipt(0).state_root == b""


def test_the_log_index_finds_blocks_by_address_and_topic(node: Node, sign: Sign) -> None:
    contract = with_contract(node, sign)
    seal(node, second=2)
    seal(node, sign(1, to=contract, data=write_call(7, 42)), second=3)
    address = bytes.fromhex(contract[2:])
    topic = bytes(keccak(b"Written(address,uint256,uint256)"))
    look = {"first": 0, "last": 9}
    assert list(candidate_blocks(node.chain.store, **look, addresses=(address,), topics=(topic,))) == [3]
    assert list(candidate_blocks(node.chain.store, **look, addresses=(address,), topics=(bytes(32),))) == []
    assert list(candidate_blocks(node.chain.store, first=0, last=2, addresses=(address,), topics=())) == []


@pytest.mark.parametrize("seals_given", range(5))
def test_a_power_cut_while_sealing_never_leads_to_a_second_block_at_that_height(
    committee: Committee,
    reopen: Callable[[], Node],
    sign: Sign,
    monkeypatch: pytest.MonkeyPatch,
    seals_given: int,
) -> None:
    node = committee.proposer
    _cut_power_after(committee, monkeypatch, seals_given)
    with pytest.raises((PowerCutError, StoppedError)):
        seal(node, sign(0, to="0x" + "11" * 20))
    digests = {
        part._record.last.digest
        for part in (node.validator for node in committee.nodes.values())
        if part._record.last is not None
    }
    monkeypatch.undo()
    again = reopen()
    head = again.chain.head()
    assert head.block_number == 1
    assert len(again.chain.body(1).transactions) == 1
    assert digests <= {head.commit_digest}
    verify_seals(head, again.genesis.validators)
    assert seal(again, second=2).header.block_number == 2


def test_a_power_cut_before_the_proposal_is_stored_leaves_the_old_head(
    node: Node, reopen: Callable[[], Node], sign: Sign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node.chain.store, "commit", _raise)
    with pytest.raises(PowerCutError):
        seal(node, sign(0, to="0x" + "11" * 20))
    monkeypatch.undo()
    assert reopen().chain.head().block_number == 0


def _cut_power_after(committee: Committee, monkeypatch: pytest.MonkeyPatch, seals_given: int) -> None:
    """Stop the proposer when so many seals exist; 3: before its own, 4: before the last commit."""
    node = committee.proposer
    if seals_given == 4:
        calls = iter((node.chain.store.commit, _raise))

        def commit_once(changes: Any) -> None:
            next(calls)(changes)

        monkeypatch.setattr(node.chain.store, "commit", commit_once)
    elif seals_given >= 2:
        committee.sleep(*committee.operators[seals_given + 1 :])
        monkeypatch.setattr(node.validator, "seal_executed", _raise)
    else:
        committee.sleep(*committee.operators[seals_given + 1 :])
        node.producer.stop()


def _raise(_: object) -> Any:
    raise PowerCutError


def proposal_of(node: Node, sign: Sign, monkeypatch: pytest.MonkeyPatch) -> Proposal:
    """The proposal for block 1, caught before any seal; the committed head stays at genesis."""
    monkeypatch.setattr(node.producer._colleagues, "gather", lambda *_, **__: _raise(None))
    with pytest.raises(PowerCutError):
        seal(node, sign(0, to="0x" + "11" * 20))
    encoded = node.chain.store.get(Table.NOTES, PROPOSAL_NOTE)
    assert encoded is not None
    return Proposal.decode(encoded)


def checker(node: Node, clock: FixedClock) -> BlockCheck:
    return BlockCheck(node.chain, clock)


def changed(proposal: Proposal, **fields: Any) -> Proposal:
    block = proposal.block()
    header = block.header.copy(**fields)
    return Proposal(header=bytes(rlp.encode(header)), transactions=proposal.transactions)


def test_a_validator_accepts_what_the_proposer_built(
    node: Node, sign: Sign, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposal = proposal_of(node, sign, monkeypatch)
    assert checker(node, clock).verify(proposal).header.block_number == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"state_root": b"\x05" * 32},
        {"receipt_root": b"\x05" * 32},
        {"transaction_root": b"\x05" * 32},
        {"gas_used": 1},
        {"bloom": 1},
        {"gas_limit": 30_000_001},
        {"base_fee_per_gas": 1},
        {"difficulty": 2},
        {"mix_hash": bytes(32)},
        {"nonce": b"\x01" * 8},
        {"block_number": 2},
        {"parent_hash": b"\x05" * 32},
        {"timestamp": START - 1},
        {"timestamp": START + 4000},
        {"coinbase": b"\x05" * 20},
        {"parent_beacon_block_root": b"\x05" * 32},
        {"withdrawals_root": b"\x05" * 32},
        {"extra_data": b"\xc0"},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_a_validator_refuses_a_proposal_with_one_field_changed(
    node: Node, sign: Sign, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, fields: dict[str, Any]
) -> None:
    proposal = changed(proposal_of(node, sign, monkeypatch), **fields)
    with pytest.raises(ProposalRefusedError):
        checker(node, clock).verify(proposal)


def test_a_validator_refuses_a_left_out_transaction_and_a_changed_set(
    node: Node, sign: Sign, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposal = proposal_of(node, sign, monkeypatch)
    emptied = Proposal(header=proposal.header, transactions=())
    extra = proposal.block().header.extra
    smaller = ExtraData(
        vanity=extra.vanity, validators=extra.validators[:3], vote=(), round=0, seals=()
    ).encode()
    for wrong in (emptied, changed(proposal, extra_data=smaller), Proposal(header=b"\xc0", transactions=())):
        with pytest.raises(ProposalRefusedError):
            checker(node, clock).verify(wrong)


def test_a_block_whose_time_has_come_is_no_longer_in_the_future(
    node: Node, sign: Sign, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposal = changed(proposal_of(node, sign, monkeypatch), timestamp=START + 4000)
    clock.advance(timedelta(seconds=4000))
    assert checker(node, clock).verify(proposal).header.timestamp == START + 4000


def test_a_body_reads_back_as_it_was_written(node: Node, sign: Sign) -> None:
    seal(node, sign(0, data=BYTECODE), sign(1, to="0x" + "11" * 20))
    body = node.chain.body(1)
    assert Body.decode(body.encode()) == body
    assert [body.gas_used(0) + body.gas_used(1)] == [node.chain.head().gas_used]


def test_keys_are_readable_by_their_owner_only(node: Node, tmp_path: Path) -> None:
    modes = {path.stat().st_mode & 0o777 for path in tmp_path.glob("*/key")}
    assert modes == {0o600}
    assert len(list(tmp_path.glob("*/key"))) == 4
