"""Whatever bytes a file brings, verification answers with our errors or a proof, never a crash."""

from __future__ import annotations

import contextlib
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_sealed_block import KEY, REGISTRY, TRUST, Forge, path_of
from trie.hexary import HexaryTrie

from contracts_chain.ledger import rlp_strict
from contracts_chain.ledger.anchor_proof import AnchorProof, StatusProof
from contracts_chain.ledger.extra_data import parse_extra
from contracts_chain.ledger.index_trie import index_path
from contracts_chain.ledger.keccak import keccak256
from contracts_chain.ledger.receipt import anchored_event, verify_receipt
from contracts_chain.ledger.rlp_strict import RlpItem
from contracts_chain.ledger.state_proof import verify_account, verify_slot
from contracts_chain.ledger.transaction import verify_transaction
from contracts_chain.ledger.verify_anchor import verify_anchor, verify_block_seals, verify_status
from kernel.canonical_json import JsonValue
from kernel.errors import ContractsChainError
from kernel.sized_bytes import Bytes32, TransactionHash
from solidity import RUNTIME_CODE_HASH

HONEST = Forge(words={KEY: (1).to_bytes(32)})
ANCHOR, STATUS = HONEST.anchor(), HONEST.status()
WORDS = st.one_of(
    st.binary(max_size=70),
    st.sampled_from([b"\x01", bytes(REGISTRY), bytes(32), bytes(256), bytes(65), bytes(RUNTIME_CODE_HASH)]),
)
ITEMS: st.SearchStrategy[RlpItem] = st.recursive(
    WORDS, lambda inner: st.lists(inner, max_size=6).map(tuple), max_leaves=14
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8), st.just("0x00")),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=5,
)


def _changed(content: bytes, data: st.DataObject) -> bytes:
    place = data.draw(st.integers(0, len(content) - 1))
    change = bytearray(content)
    change[place] ^= data.draw(st.integers(1, 255))
    return bytes(change[: data.draw(st.sampled_from([len(content), place]))])


@settings(deadline=None)
@given(st.data())
def test_a_header_changed_anywhere_is_never_proven_with_its_seals(data: st.DataObject) -> None:
    header = _changed(ANCHOR.header, data)
    proven = 0
    with contextlib.suppress(ContractsChainError):
        verify_anchor(replace(ANCHOR, header=header), TRUST)
        verify_block_seals(header, TRUST)
        proven += 1
    with contextlib.suppress(ContractsChainError):
        verify_status(replace(STATUS, header=header), TRUST)
        proven += 1
    assert not proven


@settings(deadline=None)
@given(ITEMS, st.sampled_from([b"", b"\x02"]))
def test_a_receipt_transaction_or_account_of_any_shape_is_answered(item: RlpItem, kind: bytes) -> None:
    content = kind + rlp_strict.encode(item)
    root, path = index_path([content], 0)
    with contextlib.suppress(ContractsChainError):
        anchored_event(verify_receipt(root, 0, path), REGISTRY)
    with contextlib.suppress(ContractsChainError):
        verify_transaction(
            root, 0, path, claimed=TransactionHash(keccak256(content)), chain_id=1, registry=REGISTRY
        )
    trie = HexaryTrie({})
    trie[keccak256(REGISTRY)] = content
    nodes = path_of(trie, keccak256(REGISTRY))
    with contextlib.suppress(ContractsChainError):
        verify_account(Bytes32(trie.root_hash), REGISTRY, nodes, code_hash=RUNTIME_CODE_HASH)
    with contextlib.suppress(ContractsChainError):
        verify_slot(
            Bytes32(trie.root_hash), Bytes32(bytes(12) + REGISTRY), nodes, claimed=Bytes32(b"\1" * 32)
        )


@given(ITEMS)
def test_extra_data_of_any_shape_is_read_or_refused(item: RlpItem) -> None:
    with contextlib.suppress(ContractsChainError):
        parse_extra(rlp_strict.encode(item))


@given(st.sampled_from(sorted(ANCHOR.to_json())), JSON)
def test_json_of_any_shape_is_read_or_refused(member: str, value: JsonValue) -> None:
    with contextlib.suppress(ContractsChainError):
        verify_anchor(AnchorProof.from_json({**ANCHOR.to_json(), member: value}), TRUST)
    with contextlib.suppress(ContractsChainError):
        StatusProof.from_json(value)
