from __future__ import annotations

import pytest
from coincurve import PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from devnet.errors import SealsRefutedError
from devnet.header import MIX_HASH, VANITY, ExtraData, QbftHeader
from devnet.seals import address_of, quorum, recover_sealer, seal_digest, verify_seals
from kernel.sized_bytes import Address, Bytes32

KEYS = sorted((PrivateKey(bytes([n]) * 32) for n in range(1, 8)), key=lambda key: address_of(key.public_key))
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def header_of(members: list[PrivateKey], *, round_: int = 0) -> QbftHeader:
    validators = tuple(address_of(key.public_key) for key in members)
    extra = ExtraData(vanity=VANITY, validators=validators, vote=(), round=round_, seals=())
    return QbftHeader(
        difficulty=1,
        block_number=5,
        gas_limit=30_000_000,
        timestamp=1_800_000_000,
        coinbase=validators[0],
        parent_hash=b"\x02" * 32,
        mix_hash=MIX_HASH,
        nonce=bytes(8),
        extra_data=extra.encode(),
    )


def sealed_by(header: QbftHeader, keys: list[PrivateKey]) -> QbftHeader:
    return header.sealed(tuple(seal_digest(header.commit_digest, key) for key in keys))


@pytest.mark.parametrize(("validators", "seals"), list(enumerate((1, 2, 2, 3, 4, 4, 5, 6, 6, 7), start=1)))
def test_the_quorum_is_two_thirds_rounded_up(validators: int, seals: int) -> None:
    assert quorum(validators) == seals


@settings(max_examples=40)
@given(st.integers(1, 7), st.integers(0, 3), st.data())
def test_a_header_is_proven_by_a_quorum_of_its_set_and_by_nothing_less(
    size: int, round_: int, data: st.DataObject
) -> None:
    members = KEYS[:size]
    sealers = data.draw(st.lists(st.sampled_from(members), unique_by=lambda key: key.to_hex()))
    header = sealed_by(header_of(members, round_=round_), sealers)
    validators = header.extra.validators
    if len(sealers) >= quorum(size):
        verify_seals(header, validators)
    else:
        with pytest.raises(SealsRefutedError, match="needed"):
            verify_seals(header, validators)


def test_one_doubled_seal_refuses_a_header_that_has_a_quorum_besides() -> None:
    header = sealed_by(header_of(KEYS[:4]), [*KEYS[:4], KEYS[0]])
    with pytest.raises(SealsRefutedError, match="twice"):
        verify_seals(header, header.extra.validators)


def test_the_same_seal_malleated_beside_itself_counts_as_doubled() -> None:
    header = sealed_by(header_of(KEYS[:4]), KEYS[:3])
    first = header.extra.seals[0]
    s = ORDER - int.from_bytes(first[32:64])
    twin = first[:32] + s.to_bytes(32) + bytes([first[64] ^ 1])
    with pytest.raises(SealsRefutedError, match="twice"):
        verify_seals(header.sealed((*header.extra.seals, twin)), header.extra.validators)


def test_one_seal_by_a_stranger_refuses_a_header_that_has_a_quorum_besides() -> None:
    header = sealed_by(header_of(KEYS[:4]), [*KEYS[:4], KEYS[6]])
    with pytest.raises(SealsRefutedError, match="nobody in the set"):
        verify_seals(header, header.extra.validators)


def test_a_header_that_names_another_set_than_the_chain_is_refused() -> None:
    header = sealed_by(header_of(KEYS[:4]), KEYS[:4])
    chains = [address_of(key.public_key) for key in KEYS[1:5]]
    with pytest.raises(SealsRefutedError, match="other validators"):
        verify_seals(header, chains)


def test_a_block_proposed_by_a_stranger_is_refused() -> None:
    header = header_of(KEYS[:4]).copy(coinbase=Address(b"\x09" * 20))
    with pytest.raises(SealsRefutedError, match="proposer"):
        verify_seals(sealed_by(header, KEYS[:4]), header.extra.validators)


@pytest.mark.parametrize(
    "seal",
    [
        bytes(65),
        b"\x01" * 64 + b"\x02",
        ORDER.to_bytes(32) + b"\x01" * 33,
        b"\x01" * 32 + ORDER.to_bytes(32) + b"\x01",
        b"\x01" * 64,
        b"",
    ],
)
def test_bytes_that_are_no_signature_within_bounds_are_refused(seal: bytes) -> None:
    with pytest.raises(SealsRefutedError):
        recover_sealer(Bytes32(b"\x07" * 32), seal)
