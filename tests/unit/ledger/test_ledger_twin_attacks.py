"""Every way we know to forge the SM3 twin of a checkpoint, one named case each."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from ledger_sealed_block import REGISTRY, ROOT, TIME, TRUST, TWIN, Forge

from contracts_chain.ledger import errors
from contracts_chain.ledger.anchor_proof import AnchorProof, TwinProof
from contracts_chain.ledger.keccak import keccak256
from contracts_chain.ledger.receipt import ANCHORED_TOPIC
from contracts_chain.ledger.verify_anchor import verify_anchor, verify_twin
from kernel.sized_bytes import Address, Bytes32, RootHash, TransactionHash

OTHER = Bytes32(b"\x99" * 32)


def test_an_honest_twin_gives_both_roots_of_the_chain() -> None:
    proof = Forge(twin=TWIN).twin_proof()
    found = verify_twin(proof, TRUST)
    assert (found.sequence, found.size, found.root, found.block_number) == (3, 7, ROOT, 35)
    assert (found.algorithm, found.twin_root) == ("sm3", TWIN)
    assert found.block_time_utc == datetime.fromtimestamp(TIME, UTC)
    assert found.transaction_hash == proof.transaction_hash
    assert verify_twin(replace(proof, transaction_proof=()), TRUST).transaction_hash is None


@pytest.mark.parametrize(
    ("claim", "value"),
    [("sequence", 4), ("size", 8), ("root", RootHash(OTHER)), ("twin_root", OTHER), ("algorithm", "sha256")],
)
def test_a_claimed_twin_other_than_the_event_is_refuted(claim: str, value: object) -> None:
    with pytest.raises(errors.CheckpointMismatchError) as caught:
        verify_twin(replace(Forge(twin=TWIN).twin_proof(), **{claim: value}), TRUST)
    assert caught.value.expected != caught.value.actual


def test_an_event_of_an_unknown_algorithm_is_no_sm3_twin() -> None:
    with pytest.raises(errors.CheckpointMismatchError) as caught:
        verify_twin(Forge(twin=TWIN, algorithm=2).twin_proof(), TRUST)
    assert caught.value.expected.startswith("2 ")


@pytest.mark.parametrize(
    ("forge", "refusal"),
    [
        (Forge(twin=TWIN, receipt_status=b""), errors.ReceiptFailedError),
        (Forge(twin=TWIN, emitter=Address(b"\x12" * 20)), errors.EventMissingError),
        (Forge(twin=TWIN, topic=ANCHORED_TOPIC), errors.EventMissingError),
        (Forge(twin=TWIN, events=2), errors.EventMissingError),
        (Forge(twin=TWIN, code_hash=keccak256(b"other code")), errors.CodeHashMismatchError),
        (Forge(twin=TWIN, transaction_chain_id=1), errors.TransactionMismatchError),
    ],
    ids=["failed", "wrong address", "wrong topic", "two events", "other code", "other chain"],
)
def test_a_block_that_holds_another_twin_is_refuted(
    forge: Forge, refusal: type[errors.LedgerRefutedError]
) -> None:
    with pytest.raises(refusal):
        verify_twin(forge.twin_proof(), TRUST)


@pytest.mark.parametrize(
    "change", [{"chain_id": 1}, {"registry": Address(b"\x12" * 20)}, {"receipt_index": 1}]
)
def test_a_twin_that_names_another_chain_registry_or_place_is_refuted(change: dict[str, object]) -> None:
    with pytest.raises(errors.ForeignProofError):
        verify_twin(replace(Forge(twin=TWIN).twin_proof(), **change), TRUST)


def test_a_twin_with_another_transaction_hash_is_refuted() -> None:
    forged = replace(Forge(twin=TWIN).twin_proof(), transaction_hash=TransactionHash(b"\x01" * 32))
    with pytest.raises(errors.TransactionMismatchError):
        verify_twin(forged, TRUST)


def test_an_anchor_is_no_twin_and_a_twin_no_anchor() -> None:
    anchor, twin = Forge().anchor(), Forge(twin=TWIN).twin_proof()
    with pytest.raises(errors.EventMissingError, match="TwinAnchored"):
        verify_twin(TwinProof.of(anchor, algorithm="sm3", twin_root=TWIN), TRUST)
    with pytest.raises(errors.EventMissingError, match="Anchored"):
        verify_anchor(AnchorProof.of(twin), TRUST)
    assert anchor.registry == REGISTRY
