"""The checker of the fault script can fail: every broken invariant, planted, is named."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import rlp
from coincurve import PrivateKey
from devnet_invariants import NodeHistory, Observation, violations

from devnet.header import VANITY, ExtraData, QbftHeader
from devnet.seal_record import LastSeal
from devnet.seals import address_of, seal_digest
from devnet.vm import child_header
from kernel.sized_bytes import Address, Bytes32

NAMES = ("utility", "notary", "court", "ca")
KEYS = {name: PrivateKey(bytes([position + 1]) * 32) for position, name in enumerate(NAMES)}
MEMBERS = {name: address_of(key.public_key) for name, key in KEYS.items()}
VALIDATORS = tuple(sorted(MEMBERS.values()))
TOLD = {"0xaa": {"blockNumber": "0x1"}}


def sealed(parent: QbftHeader, *, by: tuple[str, ...], seconds: int = 1, gas: int = 0) -> QbftHeader:
    extra = ExtraData(vanity=VANITY, validators=VALIDATORS, vote=(), round=0, seals=())
    bare = child_header(
        parent,
        timestamp=parent.timestamp + seconds,
        coinbase=Address(MEMBERS["utility"]),
        extra_data=extra.encode(),
    ).copy(gas_used=gas)
    return bare.sealed(tuple(seal_digest(bare.commit_digest, KEYS[name]) for name in by))


def genesis() -> QbftHeader:
    extra = ExtraData(vanity=VANITY, validators=VALIDATORS, vote=(), round=0, seals=())
    return QbftHeader(
        difficulty=1, block_number=0, gas_limit=30_000_000, timestamp=1, extra_data=extra.encode()
    )


@pytest.fixture
def chain() -> list[QbftHeader]:
    """Three blocks, three seals each."""
    headers = [genesis()]
    for _ in range(3):
        headers.append(sealed(headers[-1], by=("utility", "notary", "court")))
    return headers


def history(operator: str, headers: list[QbftHeader], **changed: Any) -> NodeHistory:
    newest = headers[-1]
    record = LastSeal(sequence=3, height=newest.block_number, round=0, digest=newest.commit_digest)
    node = NodeHistory(
        operator=operator,
        address=MEMBERS[operator],
        headers=tuple(bytes(rlp.encode(header)) for header in headers),
        receipts=TOLD,
        numbers=(1, 2),
        last_seal=record,
    )
    return replace(node, **changed)


def seen(*nodes: NodeHistory) -> Observation:
    return Observation(validators=VALIDATORS, nodes=nodes, told=TOLD, numbers=frozenset({1, 2}))


def test_a_sound_chain_breaks_nothing(chain: list[QbftHeader]) -> None:
    assert violations(seen(*(history(name, chain) for name in NAMES))) == ()


def test_a_planted_fork_is_named_with_those_who_sealed_twice(chain: list[QbftHeader]) -> None:
    other = [*chain[:-1], sealed(chain[-2], by=("notary", "court", "ca"), gas=21_000)]
    found = violations(seen(history("utility", chain), history("ca", other)))
    assert "fork: height 3 has 2 blocks sealed by a quorum" in found
    for twice in ("notary", "court"):
        assert f"{MEMBERS[twice].hex0x()} sealed 2 blocks of height 3" in found
    assert any(sentence.startswith("heads differ") for sentence in found)


def test_a_second_seal_is_seen_in_the_durable_record_alone(chain: list[QbftHeader]) -> None:
    record = LastSeal(sequence=4, height=3, round=0, digest=Bytes32(b"\x07" * 32))
    found = violations(seen(history("notary", chain, last_seal=record)))
    assert found == (f"{MEMBERS['notary'].hex0x()} sealed 2 blocks of height 3",)


def test_a_quorum_that_exists_only_in_the_records_is_a_fork(chain: list[QbftHeader]) -> None:
    record = LastSeal(sequence=4, height=3, round=0, digest=Bytes32(b"\x07" * 32))
    nodes = [history(name, chain, last_seal=record) for name in ("notary", "court", "ca")]
    assert "fork: height 3 has 2 blocks sealed by a quorum" in violations(seen(*nodes))


@pytest.mark.parametrize(("height", "said"), [(2, 2), (None, 0)])
def test_a_seal_that_its_sealer_did_not_record_is_named(
    chain: list[QbftHeader], height: int | None, said: int
) -> None:
    record = None
    if height is not None:
        record = LastSeal(sequence=2, height=height, round=0, digest=chain[height].commit_digest)
    found = violations(seen(history("ca", chain), history("court", chain, last_seal=record)))
    assert found == (f"court sealed block 3, its record ends at {said}",)


def test_a_header_with_too_few_seals_is_named(chain: list[QbftHeader]) -> None:
    weak = [*chain[:-1], sealed(chain[-2], by=("utility", "notary"))]
    assert violations(seen(history("ca", weak))) == ("ca: block 3: quorum_missed",)


def test_a_time_that_does_not_rise_is_named(chain: list[QbftHeader]) -> None:
    flat = [*chain[:-1], sealed(chain[-2], by=("utility", "notary", "court"), seconds=0)]
    assert violations(seen(history("ca", flat))) == ("ca: the time of block 3 is not above its parent's",)


def test_a_broken_link_is_named(chain: list[QbftHeader]) -> None:
    elsewhere = sealed(chain[-3], by=("utility", "notary", "court"), gas=21_000)
    loose = [*chain[:-1], sealed(elsewhere, by=("utility", "notary", "court"))]
    assert violations(seen(history("ca", loose))) == ("ca: block 3 does not follow its parent",)


@pytest.mark.parametrize("held", [{}, {"0xaa": None}, {"0xaa": {"blockNumber": "0x2"}}])
def test_a_receipt_untold_or_changed_is_named(chain: list[QbftHeader], held: dict[str, Any]) -> None:
    nodes = (history("utility", chain), history("ca", chain, receipts=held))
    assert violations(seen(*nodes)) == ("ca holds another receipt of 0xaa, or none",)


@pytest.mark.parametrize(
    ("numbers", "words"), [((1, 2, 2), "doubled [2], missing []"), ((1,), "doubled [], missing [2]")]
)
def test_a_number_doubled_or_missing_is_named(
    chain: list[QbftHeader], numbers: tuple[int, ...], words: str
) -> None:
    assert violations(seen(history("ca", chain, numbers=numbers))) == (f"ca: numbers {words}",)
