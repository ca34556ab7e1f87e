"""Every way we know to forge an anchor, a seal or a status, one named test each."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from ledger_sealed_block import (
    CURVE_ORDER,
    KEY,
    OPERATORS,
    REGISTRY,
    ROOT,
    TIME,
    TRUST,
    Forge,
    malleate,
    secret,
    sign_seal,
)

from contracts_chain.ledger import errors, rlp_strict
from contracts_chain.ledger.chain_trust import ValidatorSet
from contracts_chain.ledger.keccak import keccak256
from contracts_chain.ledger.registry_calls import address_of
from contracts_chain.ledger.status_word import RegistryStatus
from contracts_chain.ledger.verify_anchor import (
    verify_anchor,
    verify_block_seals,
    verify_not_from_future,
    verify_status,
)
from kernel.sized_bytes import Address, Bytes32, LeafHash, RootHash, TransactionHash

OTHER = RootHash(b"\x99" * 32)


def test_an_honest_anchor_gives_the_checkpoint_of_the_chain() -> None:
    found = verify_anchor(Forge().anchor(), TRUST)
    assert (found.sequence, found.size, found.root, found.block_number) == (3, 7, ROOT, 35)
    assert found.block_time_utc == datetime.fromtimestamp(TIME, UTC)
    assert found.transaction_hash == Forge().anchor().transaction_hash


def test_an_honest_block_names_its_sealers_and_their_institutions() -> None:
    sealed = verify_block_seals(Forge(sealers=("court", "utility", "ca")).header(), TRUST)
    assert [operator for _, operator in sealed.sealers] == ["court", "utility", "ca"]
    assert (sealed.number, sealed.needed) == (35, 3)
    assert sealed.hash == verify_anchor(Forge(sealers=("court", "utility", "ca")).anchor(), TRUST).block_hash


def test_the_block_hash_is_the_same_for_every_seal_set_and_round() -> None:
    hashes = {
        verify_block_seals(forge.header(), TRUST).hash
        for forge in (Forge(), Forge(sealers=OPERATORS), Forge(round_number=2), Forge(round_number=300))
    }
    assert len(hashes) == 1


def test_without_its_transaction_an_anchor_proves_no_transaction_hash() -> None:
    assert verify_anchor(replace(Forge().anchor(), transaction_proof=()), TRUST).transaction_hash is None


@pytest.mark.parametrize(
    ("claim", "value"), [("sequence", 4), ("size", 8), ("root", OTHER), ("size", 6), ("sequence", 2)]
)
def test_a_claimed_checkpoint_other_than_the_event_is_refuted(claim: str, value: object) -> None:
    with pytest.raises(errors.CheckpointMismatchError) as caught:
        verify_anchor(replace(Forge().anchor(), **{claim: value}), TRUST)
    assert ROOT.hex() in caught.value.expected


@pytest.mark.parametrize(
    ("forge", "refusal"),
    [
        (Forge(receipt_status=b""), errors.ReceiptFailedError),
        (Forge(emitter=Address(b"\x12" * 20)), errors.EventMissingError),
        (Forge(topic=keccak256(b"Anchored(uint64,uint64,bytes31)")), errors.EventMissingError),
        (Forge(events=0), errors.EventMissingError),
        (Forge(events=2), errors.EventMissingError),
        (Forge(receipt_status=b"\x02"), errors.TrieProofError),
        (Forge(code_hash=keccak256(b"other code")), errors.CodeHashMismatchError),
        (Forge(transaction_chain_id=1), errors.TransactionMismatchError),
        (Forge(transaction_to=Address(b"\x12" * 20)), errors.TransactionMismatchError),
    ],
    ids=[
        *("failed transaction", "event from the wrong address", "wrong topic", "no event", "two events"),
        *(
            "status two",
            "other code at the address",
            "transaction of another chain",
            "sent to another contract",
        ),
    ],
)
def test_a_block_that_holds_something_else_is_refuted(
    forge: Forge, refusal: type[errors.LedgerRefutedError]
) -> None:
    with pytest.raises(refusal):
        verify_anchor(forge.anchor(), TRUST)


@pytest.mark.parametrize(
    "change",
    [
        {"chain_id": 1},
        {"registry": Address(b"\x12" * 20)},
        {"receipt_index": 1},
        {"transaction_index": 1},
    ],
)
def test_a_proof_that_names_another_chain_registry_or_place_is_refuted(change: dict[str, object]) -> None:
    with pytest.raises(errors.ForeignProofError):
        verify_anchor(replace(Forge().anchor(), **change), TRUST)


def test_another_receipt_of_the_same_block_is_refuted() -> None:
    moved = replace(Forge().anchor(), receipt_index=1, transaction_index=1)
    with pytest.raises(errors.TrieProofError):
        verify_anchor(moved, TRUST)


def test_a_claimed_transaction_hash_other_than_the_proven_one_is_refuted() -> None:
    with pytest.raises(errors.TransactionMismatchError):
        verify_anchor(replace(Forge().anchor(), transaction_hash=TransactionHash(b"\x01" * 32)), TRUST)


@pytest.mark.parametrize("part", ["receipt_proof", "account_proof", "transaction_proof"])
def test_extra_missing_and_changed_trie_nodes_are_refuted(part: str) -> None:
    proof = Forge().anchor()
    nodes: tuple[bytes, ...] = getattr(proof, part)
    changed = (*nodes[:-1], nodes[-1][:-1] + bytes([nodes[-1][-1] ^ 1]))
    for forged in ((*nodes, nodes[-1]), nodes[:-1] or (nodes[0][:-1],), changed):
        with pytest.raises(errors.LedgerRefutedError):
            verify_anchor(replace(proof, **{part: forged}), TRUST)


@pytest.mark.parametrize("missing", ["receipt_proof", "account_proof"])
def test_a_proof_without_its_nodes_is_refuted(missing: str) -> None:
    with pytest.raises(errors.TrieProofError):
        verify_anchor(replace(Forge().anchor(), **{missing: ()}), TRUST)


def test_header_bytes_that_go_on_are_refuted() -> None:
    with pytest.raises(errors.NonCanonicalRlpError):
        verify_anchor(replace(Forge().anchor(), header=Forge().header() + b"\x00"), TRUST)


def test_two_seals_of_four_are_refuted() -> None:
    with pytest.raises(errors.QuorumError) as caught:
        verify_block_seals(Forge(sealers=OPERATORS[:2]).header(), TRUST)
    assert caught.value.expected == "3 of 4"


def test_a_doubled_seal_is_refuted_even_beside_a_quorum() -> None:
    with pytest.raises(errors.DoubledSealerError):
        verify_block_seals(Forge(sealers=(*OPERATORS, "court")).header(), TRUST)


def test_the_same_seal_malleated_beside_itself_is_refuted() -> None:
    digest = Forge().digest()
    honest = [sign_seal(name, digest) for name in OPERATORS[:3]]
    with pytest.raises(errors.DoubledSealerError):
        verify_block_seals(Forge(seals=[*honest, malleate(honest[0])]).header(), TRUST)


def test_a_seal_by_an_unknown_validator_is_refuted_even_beside_a_quorum() -> None:
    with pytest.raises(errors.UnknownSealerError):
        verify_block_seals(Forge(sealers=(*OPERATORS, "stranger")).header(), TRUST)


def test_a_validator_removed_before_this_height_cannot_seal() -> None:
    members = TRUST.validator_sets[0].members
    sets = (
        ValidatorSet(from_block=1, to_block=34, members=members),
        ValidatorSet(from_block=35, to_block=None, members=members[:3]),
    )
    later = replace(TRUST, validator_sets=sets)
    with pytest.raises(errors.UnknownSealerError):
        verify_block_seals(Forge(listed=OPERATORS[:3], sealers=OPERATORS).header(), later)
    assert verify_block_seals(Forge(listed=OPERATORS[:3], sealers=OPERATORS[:2]).header(), later).needed == 2


@pytest.mark.parametrize(
    "forged",
    [
        lambda seal: seal[:64] + b"\x02",
        lambda seal: seal[:64] + b"\x1b",
        lambda seal: bytes(32) + seal[32:],
        lambda seal: seal[:32] + bytes(32) + seal[64:],
        lambda seal: CURVE_ORDER.to_bytes(32) + seal[32:],
        lambda seal: seal[:32] + CURVE_ORDER.to_bytes(32) + seal[64:],
        lambda seal: (5).to_bytes(32) + seal[32:],
    ],
    ids=["v is 2", "v is 27", "r is 0", "s is 0", "r is n", "s is n", "r is no point"],
)
def test_a_seal_out_of_range_is_refuted(forged: object) -> None:
    digest = Forge().digest()
    honest = [sign_seal(name, digest) for name in OPERATORS]
    seals = [forged(honest[0]), *honest[1:]]  # type: ignore[operator]
    with pytest.raises(errors.SealInvalidError):
        verify_block_seals(Forge(seals=seals).header(), TRUST)


def test_round_zero_seals_on_a_round_one_block_are_refuted() -> None:
    with pytest.raises(errors.UnknownSealerError):
        verify_block_seals(Forge(round_number=1, sealed_round=0).header(), TRUST)
    assert verify_block_seals(Forge(round_number=1).header(), TRUST).needed == 3


def test_a_validator_list_other_than_the_bundles_is_refuted() -> None:
    for listed in (OPERATORS[:3], (*OPERATORS, "stranger")):
        with pytest.raises(errors.ValidatorListError):
            verify_block_seals(Forge(listed=listed).header(), TRUST)


def test_a_header_of_another_chain_with_its_own_validators_is_refuted() -> None:
    strangers = tuple(f"other {name}" for name in OPERATORS)
    with pytest.raises(errors.ValidatorListError):
        verify_block_seals(Forge(listed=strangers, sealers=strangers).header(), TRUST)


@pytest.mark.parametrize(
    "forge", [Forge(mix_hash=bytes(32)), Forge(difficulty=2), Forge(nonce=b"\x00" * 7 + b"\x01")]
)
def test_a_header_with_other_constants_is_refuted(forge: Forge) -> None:
    with pytest.raises(errors.HeaderRuleError):
        verify_block_seals(forge.header(), TRUST)


def test_a_height_the_bundle_does_not_cover_is_undecided() -> None:
    bounded = replace(TRUST, validator_sets=(replace(TRUST.validator_sets[0], to_block=34),))
    with pytest.raises(errors.ValidatorSetUnknownError):
        verify_block_seals(Forge().header(), bounded)
    doubled = replace(TRUST, validator_sets=TRUST.validator_sets * 2)
    with pytest.raises(errors.ValidatorSetUnknownError):
        verify_block_seals(Forge().header(), doubled)


def test_a_sixth_item_in_extra_data_is_refuted() -> None:
    fields = list(rlp_strict.decode(Forge().header()))
    fields[12] = rlp_strict.encode((*rlp_strict.decode(fields[12]), b"\x01"))
    with pytest.raises(errors.ExtraDataError):
        verify_block_seals(rlp_strict.encode(tuple(fields)), TRUST)


def test_a_header_with_a_missing_or_misshapen_field_is_refuted() -> None:
    fields = rlp_strict.decode(Forge().header())
    assert isinstance(fields, tuple)
    wrong = (
        fields[:14],
        (*fields, *([b""] * 2)),
        (*fields[:8], b"\x00\x23", *fields[9:]),
        (b"", *fields[1:]),
    )
    for shape in (*wrong, (*fields[:15], (), *fields[16:])):
        with pytest.raises(errors.HeaderShapeError):
            verify_block_seals(rlp_strict.encode(shape), TRUST)


def test_a_block_from_the_future_is_refuted() -> None:
    block_time = datetime.fromtimestamp(TIME, UTC)
    skew = timedelta(seconds=60)
    verify_not_from_future(block_time, at=block_time - skew, skew=skew)
    with pytest.raises(errors.FutureBlockError):
        verify_not_from_future(block_time, at=block_time - timedelta(seconds=61), skew=skew)


SUCCESSOR = LeafHash(b"\x77" * 32)
NEIGHBOURS = {LeafHash(bytes([n]) * 32): n.to_bytes(32) for n in (1, 3, 4)}


@pytest.mark.parametrize(
    ("word", "status", "successor"),
    [
        ((1).to_bytes(32), RegistryStatus.IN_FORCE, None),
        ((3).to_bytes(32), RegistryStatus.TERMINATED, None),
        ((4).to_bytes(32), RegistryStatus.SUSPENDED, None),
        (bytes(SUCCESSOR), RegistryStatus.SUPERSEDED, SUCCESSOR),
    ],
    ids=["in force", "terminated", "suspended", "superseded"],
)
def test_a_status_word_is_read_as_of_its_block(
    word: bytes, status: RegistryStatus, successor: LeafHash | None
) -> None:
    found = verify_status(Forge(words={KEY: word, **NEIGHBOURS}).status(), TRUST)
    assert (found.status, found.successor, found.block_number) == (status, successor, 35)
    assert found.as_of_utc == datetime.fromtimestamp(TIME, UTC)


@pytest.mark.parametrize("words", [{}, NEIGHBOURS], ids=["empty storage", "others written"])
def test_a_key_never_written_is_proven_absent(words: dict[LeafHash, bytes]) -> None:
    assert verify_status(Forge(words=words).status(), TRUST).status is RegistryStatus.NONE


def test_absence_is_not_accepted_for_presence_nor_the_reverse() -> None:
    absent = replace(Forge(words=NEIGHBOURS).status(), word=Bytes32((1).to_bytes(32)))
    present = replace(Forge(words={KEY: (3).to_bytes(32), **NEIGHBOURS}).status(), word=Bytes32(bytes(32)))
    for proof in (absent, present):
        with pytest.raises(errors.TrieProofError):
            verify_status(proof, TRUST)


def test_a_terminated_contract_cannot_be_shown_in_force() -> None:
    proof = Forge(words={KEY: (3).to_bytes(32), **NEIGHBOURS}).status()
    with pytest.raises(errors.TrieProofError):
        verify_status(replace(proof, word=Bytes32((1).to_bytes(32))), TRUST)


def test_the_status_of_another_contract_is_refuted() -> None:
    words = {KEY: (3).to_bytes(32), **NEIGHBOURS}
    other = Forge(words=words).status(next(iter(NEIGHBOURS)))
    with pytest.raises(errors.TrieProofError):
        verify_status(replace(other, key=KEY), TRUST)


@pytest.mark.parametrize("code", [2, 5, 255])
def test_a_word_the_registry_never_writes_is_refuted(code: int) -> None:
    with pytest.raises(errors.StatusWordError):
        verify_status(Forge(words={KEY: code.to_bytes(32)}).status(), TRUST)


def test_a_status_under_an_unsealed_header_is_refuted() -> None:
    with pytest.raises(errors.QuorumError):
        verify_status(Forge(words={KEY: (1).to_bytes(32)}, sealers=()).status(), TRUST)


def test_a_status_in_other_code_is_refuted() -> None:
    with pytest.raises(errors.CodeHashMismatchError):
        verify_status(Forge(words={KEY: (1).to_bytes(32)}, code_hash=keccak256(b"x")).status(), TRUST)


def test_contract_mode_headers_list_nobody_and_take_members_from_the_bundle() -> None:
    unlisted = replace(TRUST, validator_sets=(replace(TRUST.validator_sets[0], listed=False),))
    assert verify_block_seals(Forge(listed=()).header(), unlisted).needed == 3
    with pytest.raises(errors.ValidatorListError):
        verify_block_seals(Forge(listed=()).header(), TRUST)
    with pytest.raises(errors.ValidatorListError):
        verify_block_seals(Forge().header(), unlisted)


def test_the_registry_address_is_not_taken_from_the_proof() -> None:
    elsewhere = replace(TRUST, registry=address_of(secret("x")))
    with pytest.raises(errors.EventMissingError):
        verify_anchor(replace(Forge().anchor(), registry=elsewhere.registry), elsewhere)
    assert elsewhere.registry != REGISTRY
