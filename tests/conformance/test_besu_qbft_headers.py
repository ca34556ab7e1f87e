"""Headers, seals and proofs of real Besu QBFT networks through the ledger's verifier."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from contracts_chain.ledger import rlp_strict
from contracts_chain.ledger.block_rlp import header_rlp
from contracts_chain.ledger.errors import DoubledSealerError, ExtraDataError, QuorumError, UnknownSealerError
from contracts_chain.ledger.extra_data import encode_extra, parse_extra
from contracts_chain.ledger.header import BlockHeader, parse_header
from contracts_chain.ledger.keccak import keccak256
from contracts_chain.ledger.receipt import verify_receipt
from contracts_chain.ledger.seals import quorum, verify_seals
from contracts_chain.ledger.state_proof import verify_account, verify_slot
from contracts_chain.ledger.trie_proof import verify_absence, verify_presence
from kernel.sized_bytes import Address, Bytes32

VECTORS = Path(__file__).parents[1] / "vectors" / "besu-qbft"
ACCEPTED = (
    *("qbft_berlin_round1_7528", "qbft_london_besu2541_28"),
    *("qbft_cancun_besu2640_35", "qbft_contractmode_302"),
)
REFUSED = {
    "der_round1_seals_on_round0": UnknownSealerError,
    "neg_qbft_cancun_besu2640_lowQuorumHeight12": QuorumError,
    "der_duplicate_seal": DoubledSealerError,
    "der_six_items": ExtraDataError,
}
WITH_STATE = ("qbft_london_besu2541_28", "qbft_cancun_besu2640_35")


def _load(name: str) -> tuple[dict, BlockHeader, list[Address]]:
    vector = json.loads((VECTORS / f"{name}.json").read_text("utf-8"))
    validators = [Address.from_hex(one) for one in vector["expected"]["validators"]]
    return vector, parse_header(header_rlp(vector["header"])), validators


def _nodes(proof: dict) -> list[bytes]:
    return [bytes.fromhex(node[2:]) for node in proof["nodes"]]


def _slot(proof: dict) -> Bytes32:
    return keccak256(keccak256(bytes.fromhex(proof["path"][2:])) + bytes.fromhex(proof["mappingSlot"][2:]))


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_real_header_hashes_as_published_and_its_seals_are_a_quorum(name: str) -> None:
    vector, header, validators = _load(name)
    expected = vector["expected"]
    published = expected["hash"] or expected["hash_recomputed"]
    assert header.block_hash().hex0x() == published
    sealers = verify_seals(header, validators, listed=name != "qbft_contractmode_302")
    assert [sealer.hex0x() for sealer in sealers] == expected["seals_recovered"]
    assert quorum(len(validators)) == expected["quorum"]
    assert header.extra().round_number == expected["round"]


def test_a_round_one_commit_digest_takes_the_real_round_and_the_hash_round_zero() -> None:
    vector, header, _ = _load("qbft_berlin_round1_7528")
    assert header.commit_digest().hex0x() == vector["expected"]["commitDigest"]
    assert bytes(header.commit_digest()) != bytes(header.block_hash())


@pytest.mark.parametrize(("name", "refusal"), REFUSED.items())
def test_a_forged_header_is_refused_for_its_own_reason(name: str, refusal: type[Exception]) -> None:
    _, header, validators = _load(name)
    with pytest.raises(refusal):
        verify_seals(header, validators)


@pytest.mark.parametrize("name", WITH_STATE)
def test_account_storage_and_absence_proofs_of_besu_hold(name: str) -> None:
    vector, header, _ = _load(name)
    account = vector["proofs"]["account"]
    address = Address.from_hex(account["address"])
    value = rlp_strict.decode(verify_presence(header.state_root, keccak256(address), _nodes(account)))
    code_hash = Bytes32(value[3])
    storage = verify_account(header.state_root, address, _nodes(account), code_hash=code_hash)
    assert storage.hex0x() == account["expectedStorageRoot"]
    held = vector["proofs"]["storageMembership"]
    verify_slot(storage, _slot(held), _nodes(held), claimed=Bytes32.from_hex(held["expectedValue"]))
    absent = vector["proofs"]["storageAbsence"]
    verify_slot(storage, _slot(absent), _nodes(absent), claimed=Bytes32(bytes(32)))
    verify_absence(storage, keccak256(_slot(absent)), _nodes(absent))


def test_a_receipt_proof_of_besu_holds() -> None:
    vector, header, _ = _load("qbft_contractmode_302")
    receipt = verify_receipt(header.receipts_root, 0, _nodes(vector["proofs"]["receipt"]))
    assert receipt.succeeded
    assert len(receipt.logs) == 2


def test_every_qbft_extra_data_encodes_back_to_its_bytes() -> None:
    listed = json.loads((VECTORS / "extradata_only.json").read_text("utf-8"))
    for one in [*listed["real"], *listed["derived"]]:
        content = bytes.fromhex(one["extraData"][2:])
        if one["engine"] != "qbft":
            with pytest.raises(ExtraDataError):
                parse_extra(content)
            continue
        extra = parse_extra(content)
        assert content == encode_extra(
            vanity=extra.vanity,
            validators=extra.validators,
            vote=extra.vote,
            round_number=extra.round_number,
            seals=extra.seals,
        )
