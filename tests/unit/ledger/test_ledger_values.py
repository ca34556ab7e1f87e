"""Quorum, JSON form of the proofs, signed calls: what is fixed by table or by bytes."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files

import pytest
from ledger_sealed_block import CHAIN_ID, KEY, REGISTRY, ROOT, TWIN, Forge, secret

from contracts_chain.ledger import rlp_strict
from contracts_chain.ledger.anchor_proof import AnchorProof, StatusProof, TwinProof
from contracts_chain.ledger.errors import ForeignChainError, ProofFormError
from contracts_chain.ledger.registry_calls import created_address, status_gas_limit, statuses_call
from contracts_chain.ledger.seals import quorum
from contracts_chain.ledger.status_word import STATUS_POSITION, RegistryStatus, StatusChange
from contracts_chain.ledger.web3_registry import RegistryMissingError, Web3Registry
from kernel.canonical_json import canonical_bytes, parse_json
from kernel.sized_bytes import Address, Bytes32
from solidity import ABI


def test_a_quorum_is_two_thirds_rounded_up() -> None:
    assert [quorum(n) for n in range(1, 11)] == [1, 2, 2, 3, 4, 4, 5, 6, 6, 7]


@pytest.mark.parametrize("proof", [Forge().anchor(), Forge(words={KEY: (1).to_bytes(32)}).status()])
def test_a_proof_written_as_json_reads_back_equal(proof: AnchorProof | StatusProof) -> None:
    assert type(proof).from_json(parse_json(canonical_bytes(proof.to_json()))) == proof


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("chain_id", "20261"),
        ("chain_id", True),
        ("chain_id", -1),
        ("chain_id", 2**53),
        ("root", "0x" + "00" * 32),
        ("root", "00" * 31),
        ("root", "AB" * 32),
        ("registry", "0x" + "11" * 19),
        ("registry", "11" * 20),
        ("transaction_hash", "0x" + "AB" * 32),
        ("header", "0x0"),
        ("header", None),
        ("receipt_proof", "0x00"),
        ("receipt_proof", [1]),
        ("receipt_proof", ["0x00"] * 100),
        ("extra", 1),
    ],
)
def test_a_member_of_another_form_is_refused(member: str, value: object) -> None:
    written = {**Forge().anchor().to_json(), member: value}
    with pytest.raises(ProofFormError) as caught:
        AnchorProof.from_json(json.loads(json.dumps(written)))
    assert member in caught.value.en


def test_a_missing_member_and_another_type_are_refused() -> None:
    written = Forge().status().to_json()
    del written["key"]
    for wrong in (written, [], None, "x"):
        with pytest.raises(ProofFormError):
            StatusProof.from_json(wrong)


def test_signing_again_gives_the_same_bytes_and_needs_no_network() -> None:
    registry = Web3Registry("http://192.0.2.1:1", CHAIN_ID, REGISTRY, secret("anchorer"))
    first = registry.sign_anchor(1, 7, ROOT, [Bytes32(b"\x01" * 32)], 5)
    assert first == registry.sign_anchor(1, 7, ROOT, [Bytes32(b"\x01" * 32)], 5)
    assert first.hash != registry.sign_anchor(1, 7, ROOT, [Bytes32(b"\x01" * 32)], 6).hash
    fields = rlp_strict.decode(first.raw[1:])
    assert first.raw[0] == 2
    assert fields[:4] == (rlp_strict.minimal(CHAIN_ID), b"\x05", b"", b"")
    assert fields[5] == REGISTRY


def test_a_registry_without_an_address_says_to_deploy_it() -> None:
    registry = Web3Registry("http://192.0.2.1:1", CHAIN_ID, None, secret("anchorer"))
    with pytest.raises(RegistryMissingError, match="deploy"):
        registry.sign_anchor(1, 7, ROOT, [], 0)
    assert ForeignChainError.code == "foreign_chain"


@pytest.mark.parametrize(
    ("odd", "told"),
    [
        ({"status": RegistryStatus.TERMINATED, "successor": KEY}, "SUPERSEDED"),
        ({"status": RegistryStatus.SUPERSEDED}, "SUPERSEDED"),
        ({"status": RegistryStatus.IN_FORCE, "successor_index": 1}, "without one"),
        ({"status": RegistryStatus.IN_FORCE, "successor_path": (Bytes32(bytes(32)),)}, "without one"),
        ({"status": RegistryStatus.NONE}, "NONE"),
    ],
)
def test_a_change_the_registry_would_always_refuse_is_not_even_made(
    odd: dict[str, object], told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        StatusChange(**{"key": KEY, "successor": None, "index": 0, "path": (), **odd})


def test_a_batch_of_no_changes_is_not_even_signed() -> None:
    with pytest.raises(ValueError, match="at least one"):
        statuses_call([])


def test_a_batch_gets_gas_for_every_change_and_every_step_of_its_paths() -> None:
    one = StatusChange(key=KEY, status=RegistryStatus.IN_FORCE, successor=None, index=0, path=())
    deep = replace(one, path=(Bytes32(bytes(32)),) * 20)
    assert status_gas_limit([one, one]) - status_gas_limit([one]) == 50_000
    assert status_gas_limit([deep]) - status_gas_limit([one]) == 20 * 1_350


def test_a_twin_survives_its_json_and_another_algorithm_is_refused() -> None:
    proof = Forge(twin=TWIN).twin_proof()
    assert TwinProof.from_json(proof.to_json()) == proof
    for odd in ({"algorithm": "md5"}, {"algorithm": 1}, {"twin_root": "0x" + TWIN.hex()}):
        with pytest.raises(ProofFormError):
            TwinProof.from_json({**proof.to_json(), **odd})
    with pytest.raises(ProofFormError):
        AnchorProof.from_json(proof.to_json())
    with pytest.raises(ProofFormError):
        TwinProof.from_json(AnchorProof.of(proof).to_json())


def test_the_address_of_a_created_contract_follows_sender_and_nonce() -> None:
    # EIP-161 era example known from public tools: sender 0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0
    sender = Address.from_hex("6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0")
    assert created_address(sender, 0).hex() == "cd234a471b72ba2f1ccf0a70fcaba648a5eecd8d"
    assert created_address(sender, 1).hex() == "343c43a37d37dff08ae8c4a11544c718abb4fcf8"


def test_the_compiled_layout_is_the_one_storage_proofs_rely_on() -> None:
    compiled = json.loads(files("solidity").joinpath("ContractsRegistry.json").read_text("utf-8"))
    assert compiled["storage_layout"] == {
        "_statusWords": STATUS_POSITION,
        "_sequence": 1,
        "_size": 1,
        "_twins": 1,
        "_paused": 1,
        "_root": 2,
        "_roles": 3,
        "_admin": 4,
        "_pendingAdmin": 5,
    }


def test_everything_the_registry_does_leaves_an_event() -> None:
    assert {entry["name"] for entry in ABI if entry["type"] == "event"} == {
        *("Anchored", "TwinAnchored", "StatusChanged"),
        *("RoleGranted", "RoleRevoked", "AdminOffered", "AdminChanged", "PauseChanged"),
    }
