from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import rlp
from hypothesis import given
from hypothesis import strategies as st

from devnet.errors import BrokenHeaderError, SealsRefutedError
from devnet.header import EXTRA_DATA_INDEX, MIX_HASH, ExtraData, QbftHeader, hash_header_fields
from devnet.seals import recover_sealer, verify_seals
from kernel.sized_bytes import Address, Bytes32

VECTORS = Path(__file__).parents[2] / "vectors/besu-qbft"
TWENTY_FIELDS = "qbft_cancun_besu2640_35"
_SCALARS = {
    "difficulty",
    "number",
    "gasLimit",
    "gasUsed",
    "timestamp",
    "baseFeePerGas",
    "blobGasUsed",
    "excessBlobGas",
}

addresses = st.binary(min_size=20, max_size=20).map(Address)
seals = st.binary(min_size=65, max_size=65)
extras = st.builds(
    ExtraData,
    vanity=st.binary(min_size=32, max_size=32),
    validators=st.lists(addresses, max_size=7).map(tuple),
    vote=st.one_of(st.just(()), st.tuples(addresses, st.sampled_from((b"\xff", b"")))),
    round=st.integers(0, 2**32 - 1),
    seals=st.lists(seals, max_size=7).map(tuple),
)


def vector(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((VECTORS / f"{name}.json").read_text("utf-8"))
    return content


def fields_of(header: dict[str, str]) -> list[bytes]:
    return [_item(name, value) for name, value in header.items()]


def _item(name: str, value: str) -> bytes:
    if name in _SCALARS:
        number = int(value, 16)
        return number.to_bytes((number.bit_length() + 7) // 8)
    return bytes.fromhex(value[2:])


def qbft_header(name: str) -> QbftHeader:
    decoded: QbftHeader = rlp.decode(rlp.encode(fields_of(vector(name)["header"])), sedes=QbftHeader)
    return decoded


@pytest.mark.parametrize(
    "name", ["qbft_london_besu2541_28", TWENTY_FIELDS, "qbft_contractmode_302", "qbft_berlin_round1_7528"]
)
def test_the_block_hash_is_the_one_besu_published(name: str) -> None:
    content = vector(name)
    computed = "0x" + hash_header_fields(fields_of(content["header"]), round_=0).hex()
    assert computed == (content["expected"]["hash"] or content["expected"]["hash_recomputed"])


def test_the_commit_digest_takes_the_real_round_and_not_round_0() -> None:
    content = vector("qbft_berlin_round1_7528")
    fields = fields_of(content["header"])
    digest = hash_header_fields(fields, round_=None)
    assert "0x" + digest.hex() == content["expected"]["commitDigest"]
    assert digest != hash_header_fields(fields, round_=0)


@pytest.mark.parametrize(
    "name", ["qbft_london_besu2541_28", TWENTY_FIELDS, "qbft_contractmode_302", "qbft_berlin_round1_7528"]
)
def test_real_seals_recover_to_the_validators_that_made_them(name: str) -> None:
    content = vector(name)
    fields = fields_of(content["header"])
    digest = Bytes32(hash_header_fields(fields, round_=None))
    found = [
        recover_sealer(digest, seal).hex0x() for seal in ExtraData.decode(fields[EXTRA_DATA_INDEX]).seals
    ]
    assert found == content["expected"]["seals_recovered"]


def test_round_1_seals_do_not_fit_the_same_header_at_round_0() -> None:
    content = vector("der_round1_seals_on_round0")
    fields = fields_of(content["header"])
    digest = Bytes32(hash_header_fields(fields, round_=None))
    found = {
        recover_sealer(digest, seal).hex0x() for seal in ExtraData.decode(fields[EXTRA_DATA_INDEX]).seals
    }
    assert found.isdisjoint(content["expected"]["validators"])


def test_a_besu_header_read_as_ours_keeps_its_hash_and_its_quorum() -> None:
    header = qbft_header(TWENTY_FIELDS)
    expected = vector(TWENTY_FIELDS)["expected"]
    assert header.block_hash.hex0x() == expected["hash"]
    verify_seals(header, [Address.from_hex(item) for item in expected["validators"]])


def test_two_of_four_besu_seals_are_refused() -> None:
    name = "neg_qbft_cancun_besu2640_lowQuorumHeight12"
    validators = [Address.from_hex(item) for item in vector(name)["expected"]["validators"]]
    with pytest.raises(SealsRefutedError, match="2 seals, 3 needed"):
        verify_seals(qbft_header(name), validators)


def test_a_sixth_item_in_extra_data_is_refused_though_besu_ignores_it() -> None:
    with pytest.raises(BrokenHeaderError):
        ExtraData.decode(fields_of(vector("der_six_items")["header"])[EXTRA_DATA_INDEX])


def test_recorded_qbft_encodings_decode_to_themselves_and_ibft2_ones_do_not() -> None:
    listed = vector("extradata_only")
    for entry in [*listed["real"], *listed["derived"]]:
        encoded = bytes.fromhex(entry["extraData"][2:])
        if entry["engine"] == "qbft":
            assert ExtraData.decode(encoded).encode() == encoded
        else:
            with pytest.raises(BrokenHeaderError):
                ExtraData.decode(encoded)


@given(extras)
def test_extra_data_reads_back_as_it_was_written(extra: ExtraData) -> None:
    assert ExtraData.decode(extra.encode()) == extra


@given(extras, st.binary(min_size=1, max_size=4))
def test_bytes_after_extra_data_are_refused(extra: ExtraData, tail: bytes) -> None:
    with pytest.raises(BrokenHeaderError):
        ExtraData.decode(extra.encode() + tail)


@given(extras, st.integers(0, 9), st.lists(seals, max_size=4).map(tuple))
def test_the_block_hash_knows_neither_round_nor_seals(
    extra: ExtraData, other_round: int, other_seals: tuple[bytes, ...]
) -> None:
    changed = extra.bare(round_=other_round).with_seals(other_seals)
    assert _header(extra).hash == _header(changed).hash
    same_round = extra.with_seals(other_seals)
    assert _header(extra).commit_digest == _header(same_round).commit_digest


@given(extras, st.integers(0, 9))
def test_the_commit_digest_changes_with_the_round(extra: ExtraData, other_round: int) -> None:
    changed = extra.bare(round_=other_round)
    equal = _header(extra).commit_digest == _header(changed).commit_digest
    assert equal == (extra.round == other_round)


def _header(extra: ExtraData) -> QbftHeader:
    return QbftHeader(
        difficulty=1,
        block_number=7,
        gas_limit=30_000_000,
        timestamp=1_800_000_000,
        parent_hash=b"\x01" * 32,
        mix_hash=MIX_HASH,
        nonce=bytes(8),
        extra_data=extra.encode(),
    )
