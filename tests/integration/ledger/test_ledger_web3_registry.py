"""The web3 adapter against real processes: the devnet (QBFT seals) and anvil (none)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from ledger_rfc9162 import MarkedLog, consistency, inclusion, leaf, log, root
from registry_backends import CHAIN_ID, account, key, until

from contracts_chain.ledger.anchor_port import AnchorChain, MinedTransaction, SignedTransaction
from contracts_chain.ledger.anchor_proof import AnchorProof, StatusProof, TwinProof
from contracts_chain.ledger.chain_trust import ChainTrust, ValidatorSet
from contracts_chain.ledger.errors import (
    AnchorRevertedError,
    ChainUnavailableError,
    EventMissingError,
    ForeignChainError,
    HeaderRuleError,
)
from contracts_chain.ledger.registry_calls import sign_call, status_gas_limit
from contracts_chain.ledger.status_word import RegistryStatus, StatusChange
from contracts_chain.ledger.verify_anchor import verify_anchor, verify_block_seals, verify_status, verify_twin
from contracts_chain.ledger.web3_registry import RegistryMissingError, Web3Registry, deploy
from contracts_chain.workflows.status import BATCH_WORDS
from devnet.launch import RunningDevnet
from kernel.sized_bytes import Address, BlockHash, Bytes32, LeafHash, RootHash, TransactionHash
from solidity import RUNTIME_CODE_HASH

LOG = log("leaf", 40)
KEY = LeafHash(LOG[3])
SUCCESSOR = LeafHash(LOG[4])


def _fresh(url: str) -> Web3Registry:
    address = deploy(url, key("deployer"), CHAIN_ID, anchorer=account("anchorer"))
    return Web3Registry(url, CHAIN_ID, address, key("anchorer"))


@pytest.fixture(params=["devnet", "anvil"])
def url(request: pytest.FixtureRequest) -> str:
    if request.param == "anvil":
        return request.getfixturevalue("anvil_url")
    return request.getfixturevalue("running_devnet").rpc_url


@pytest.fixture
def chain(url: str) -> Iterator[Web3Registry]:
    registry = _fresh(url)
    yield registry
    registry.close()


def _signed(chain: AnchorChain, sequence: int, old: int, new: int) -> SignedTransaction:
    proof = consistency(old, LOG[:new]) if old else []
    return chain.sign_anchor(sequence, new, root(LOG[:new]), proof, chain.next_nonce())


def _change(status: RegistryStatus, successor: LeafHash | None) -> StatusChange:
    """A change of the leaf at 3 in the tree of 7, superseded by the leaf at 4."""
    return StatusChange(
        key=KEY,
        status=status,
        successor=successor,
        index=3,
        path=tuple(inclusion(3, LOG[:7])),
        successor_index=4 if successor else 0,
        successor_path=tuple(inclusion(4, LOG[:7])) if successor else (),
    )


def _mined(chain: AnchorChain, signed: SignedTransaction) -> MinedTransaction:
    chain.submit(signed)
    return until(lambda: chain.find_mined(signed.hash))


def _trust(
    chain: Web3Registry, proof: AnchorProof, members: tuple[tuple[Address, str], ...] = ()
) -> ChainTrust:
    return ChainTrust(
        chain_id=CHAIN_ID,
        genesis_hash=chain.genesis_hash(),
        registry=proof.registry,
        registry_code_hash=RUNTIME_CODE_HASH,
        validator_sets=(ValidatorSet(from_block=1, to_block=None, members=members),),
    )


def test_a_fresh_registry_has_no_head_and_our_code(chain: Web3Registry) -> None:
    head = chain.head()
    assert (head.sequence, head.size, head.root) == (0, 0, None)
    assert chain.code_hash() == RUNTIME_CODE_HASH


def test_an_anchor_goes_from_signature_to_a_proof_that_verifies(chain: Web3Registry) -> None:
    before = chain.latest_block()
    first = _signed(chain, 1, 0, 7)
    mined = _mined(chain, first)
    proof = chain.capture(first.hash)
    found = verify_anchor(proof, _trust(chain, proof))
    assert (found.sequence, found.size, found.root) == (1, 7, root(LOG[:7]))
    assert found.block_number == mined.block_number > before.number
    assert found.transaction_hash == first.hash
    assert chain.head().root == root(LOG[:7])
    second = _signed(chain, 2, 7, 12)
    _mined(chain, second)
    assert [one.size for one in chain.read_checkpoints(0)] == [7, 12]
    assert next(chain.read_checkpoints(0)) == found
    assert list(chain.read_checkpoints(chain.latest_block().number + 1)) == []


def test_the_same_bytes_may_be_sent_again_at_any_time(chain: Web3Registry) -> None:
    signed = _signed(chain, 1, 0, 7)
    chain.submit(signed)
    chain.submit(signed)
    mined = _mined(chain, signed)
    chain.submit(signed)
    assert chain.find_mined(signed.hash) == mined
    assert chain.head().sequence == 1
    assert chain.next_nonce() == signed.nonce + 1


def test_a_refused_checkpoint_is_an_error_and_not_an_anchor(chain: Web3Registry) -> None:
    _mined(chain, _signed(chain, 1, 0, 7))
    forked = chain.sign_anchor(2, 12, RootHash(b"\x01" * 32), consistency(7, LOG[:12]), chain.next_nonce())
    chain.submit(forked)
    with pytest.raises(AnchorRevertedError):
        until(lambda: chain.find_mined(forked.hash))
    with pytest.raises(AnchorRevertedError):
        chain.capture(forked.hash)
    assert chain.head().sequence == 1


def test_what_was_never_sent_is_not_found_and_cannot_be_captured(chain: Web3Registry) -> None:
    unknown = TransactionHash(b"\x05" * 32)
    assert chain.find_mined(unknown) is None
    with pytest.raises(ChainUnavailableError):
        chain.capture(unknown)


def test_an_anchor_among_other_transactions_is_proven_by_its_own_place(url: str, chain: Web3Registry) -> None:
    neighbours = [
        sign_call(
            key(f"neighbour {n}"), chain_id=CHAIN_ID, nonce=0, to=account("x"), payload=b"", gas_limit=21_000
        )
        for n in range(20)
    ]
    signed = _signed(chain, 1, 0, 7)
    for one in [*neighbours[:10], signed, *neighbours[10:]]:
        chain.submit(one)
    mined = until(lambda: chain.find_mined(signed.hash))
    proof = chain.capture(signed.hash)
    assert proof.receipt_index == mined.transaction_index
    assert verify_anchor(proof, _trust(chain, proof)).size == 7


def test_the_devnets_block_is_sealed_by_its_four_operators(running_devnet: RunningDevnet) -> None:
    chain = _fresh(running_devnet.rpc_url)
    signed = _signed(chain, 1, 0, 7)
    _mined(chain, signed)
    proof = AnchorProof.from_json(chain.capture(signed.hash).to_json())
    trust = _trust(chain, proof, running_devnet.validators)
    sealed = verify_block_seals(proof.header, trust)
    assert sealed.hash == verify_anchor(proof, trust).block_hash
    assert {operator for _, operator in sealed.sealers} <= {"utility", "notary", "court", "ca"}
    assert len(sealed.sealers) >= sealed.needed == 3
    assert chain.genesis_hash() == running_devnet.genesis_hash
    chain.close()


def test_the_devnets_status_word_is_proven_at_every_stage(running_devnet: RunningDevnet) -> None:
    chain = _fresh(running_devnet.rpc_url)
    anchored = _signed(chain, 1, 0, 7)
    _mined(chain, anchored)
    trust = _trust(chain, chain.capture(anchored.hash), running_devnet.validators)
    assert verify_status(chain.capture_status(KEY), trust).status is RegistryStatus.NONE
    for status, successor in (
        (RegistryStatus.IN_FORCE, None),
        (RegistryStatus.SUSPENDED, None),
        (RegistryStatus.SUPERSEDED, SUCCESSOR),
        (RegistryStatus.TERMINATED, None),
    ):
        _mined(chain, chain.sign_statuses([_change(status, successor)], chain.next_nonce()))
        proof = StatusProof.from_json(chain.capture_status(KEY).to_json())
        found = verify_status(proof, trust)
        assert (found.status, found.successor) == (status, successor)
    assert verify_status(chain.capture_status(SUCCESSOR), trust).status is RegistryStatus.NONE
    chain.close()


def test_a_twin_goes_from_signature_to_a_proof_that_verifies(chain: Web3Registry) -> None:
    _mined(chain, _signed(chain, 1, 0, 7))
    twin_root = Bytes32(b"\x77" * 32)
    signed = chain.sign_twin(1, twin_root, chain.next_nonce())
    mined = _mined(chain, signed)
    proof = TwinProof.from_json(chain.capture_twin(signed.hash).to_json())
    found = verify_twin(proof, _trust(chain, AnchorProof.of(proof)))
    assert (found.sequence, found.size, found.root) == (1, 7, root(LOG[:7]))
    assert (found.algorithm, found.twin_root) == ("sm3", twin_root)
    assert (found.block_number, found.transaction_hash) == (mined.block_number, signed.hash)


def test_a_mined_anchor_is_no_twin_and_a_mined_twin_no_anchor(chain: Web3Registry) -> None:
    anchored = _signed(chain, 1, 0, 7)
    _mined(chain, anchored)
    twin = chain.sign_twin(1, Bytes32(b"\x77" * 32), chain.next_nonce())
    _mined(chain, twin)
    with pytest.raises(EventMissingError, match="TwinAnchored"):
        chain.capture_twin(anchored.hash)
    with pytest.raises(EventMissingError, match="Anchored"):
        chain.capture(twin.hash)


def test_a_batch_with_one_unproven_leaf_changes_nothing(chain: Web3Registry) -> None:
    _mined(chain, _signed(chain, 1, 0, 7))
    good = _change(RegistryStatus.IN_FORCE, None)
    batch = chain.sign_statuses([good, replace(good, key=LeafHash(LOG[5]))], chain.next_nonce())
    chain.submit(batch)
    with pytest.raises(AnchorRevertedError):
        until(lambda: chain.find_mined(batch.hash))
    assert chain.capture_status(KEY).word == bytes(32)


def test_a_full_batch_at_a_million_leaves_goes_in_one_transaction(chain: Web3Registry) -> None:
    places = [(number * 7_919) % 2**20 for number in range(2 * BATCH_WORDS)]
    deep = MarkedLog(2**20, {place: leaf(b"%d" % place) for place in places})
    _mined(chain, chain.sign_anchor(1, 2**20, deep.root(), [], chain.next_nonce()))
    keys = places[:BATCH_WORDS]
    in_force = [_deep_change(deep, place, None) for place in keys]
    _mined(chain, chain.sign_statuses(in_force, chain.next_nonce()))
    pairs = zip(keys, places[BATCH_WORDS:], strict=True)
    replaced = [_deep_change(deep, place, after) for place, after in pairs]
    mined = _mined(chain, chain.sign_statuses(replaced, chain.next_nonce()))
    assert mined.gas_used < status_gas_limit(replaced)
    assert chain.capture_status(replaced[-1].key).word == replaced[-1].successor


def _deep_change(deep: MarkedLog, place: int, after: int | None) -> StatusChange:
    return StatusChange(
        key=LeafHash(leaf(b"%d" % place)),
        status=RegistryStatus.IN_FORCE if after is None else RegistryStatus.SUPERSEDED,
        successor=None if after is None else LeafHash(leaf(b"%d" % after)),
        index=place,
        path=tuple(deep.inclusion(place)),
        successor_index=after or 0,
        successor_path=() if after is None else tuple(deep.inclusion(after)),
    )


def test_anvils_block_has_no_seals_and_is_refused_by_them(anvil_url: str) -> None:
    chain = _fresh(anvil_url)
    signed = _signed(chain, 1, 0, 7)
    _mined(chain, signed)
    proof = chain.capture(signed.hash)
    with pytest.raises(HeaderRuleError):
        verify_block_seals(proof.header, _trust(chain, proof, ((account("x"), "utility"),)))
    assert chain.capture_status(KEY).word == bytes(32)
    chain.close()


def test_another_chain_is_refused_before_anything_is_sent(url: str) -> None:
    for other in (
        Web3Registry(url, CHAIN_ID + 1, account("x"), key("anchorer")),
        Web3Registry(url, CHAIN_ID, account("x"), key("anchorer"), expected_genesis=BlockHash(b"\x01" * 32)),
    ):
        with pytest.raises(ForeignChainError) as caught:
            other.submit(other.sign_anchor(1, 7, root(LOG[:7]), [], 0))
        assert "RPC" in caught.value.zh
        other.close()


def test_an_address_without_our_registry_is_told_apart_from_an_empty_log(url: str) -> None:
    elsewhere = Web3Registry(url, CHAIN_ID, account("nobody"), key("anchorer"))
    with pytest.raises(RegistryMissingError):
        elsewhere.head()
    elsewhere.close()


def test_a_node_that_does_not_answer_leaves_the_question_open() -> None:
    silent = Web3Registry("http://127.0.0.1:1", CHAIN_ID, account("x"), key("anchorer"))
    with pytest.raises(ChainUnavailableError) as caught:
        silent.head()
    assert caught.value.retry_after is not None
    silent.close()
