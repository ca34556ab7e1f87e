from __future__ import annotations

import pytest
from devnet_trade import SENDER, Sign
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st

from devnet.errors import TransactionRefusedError
from devnet.pool import AccountFacts, Pool, PoolLimits
from devnet.vm import CHAIN_ID
from kernel.sized_bytes import Address, TransactionHash

TARGET = "0x" + "11" * 20
OTHERS = [Account.from_key(bytes([n]) * 32) for n in range(1, 4)]


def pool(
    *, nonce: int = 0, balance: int = 0, allowed: frozenset[Address] | None = None, most: int = 50
) -> Pool:
    facts = AccountFacts(nonce=nonce, balance=balance)
    limits = PoolLimits(transactions=most, nonces_ahead=20)
    return Pool(chain_id=CHAIN_ID, facts=lambda _: facts, allowed=allowed, limits=limits)


def by(account: object, nonce: int) -> bytes:
    fields = {"type": 2, "chainId": CHAIN_ID, "nonce": nonce, "gas": 21_000, "value": 0, "to": TARGET}
    fields |= {"maxFeePerGas": 0, "maxPriorityFeePerGas": 0}
    return bytes(account.sign_transaction(fields).raw_transaction)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"chainId": 1337}, "invalid chain id"),
        ({"gas": 16_777_217}, "exceeds block gas limit"),
        ({"gas": 20_000}, "intrinsic gas too low"),
        ({"nonce": 2}, "nonce too low"),
        ({"nonce": 24}, "nonce too high"),
        ({"value": 1}, "insufficient funds"),
        ({"maxFeePerGas": 1}, "insufficient funds"),
    ],
)
def test_a_transaction_against_a_rule_is_refused_with_the_word_clients_know(
    sign: Sign, fields: dict[str, int], word: str
) -> None:
    nonce = fields.pop("nonce", 3)
    with pytest.raises(TransactionRefusedError, match=word):
        pool(nonce=3).add(sign(nonce, to=TARGET, **fields))


def test_the_same_bytes_twice_are_already_known(sign: Sign) -> None:
    waiting = pool()
    waiting.add(sign(0, to=TARGET))
    with pytest.raises(TransactionRefusedError, match="already known"):
        waiting.add(sign(0, to=TARGET))


def test_another_transaction_with_a_waiting_nonce_is_refused(sign: Sign) -> None:
    waiting = pool()
    waiting.add(sign(0, to=TARGET))
    with pytest.raises(TransactionRefusedError, match="replacement"):
        waiting.add(sign(0, to=TARGET, gas=50_000))


def test_a_signature_that_binds_no_chain_is_refused() -> None:
    legacy = {"nonce": 0, "gas": 21_000, "gasPrice": 0, "value": 0, "to": TARGET}
    with pytest.raises(TransactionRefusedError, match="invalid chain id"):
        pool().add(bytes(SENDER.sign_transaction(legacy).raw_transaction))


def test_a_legacy_transaction_bound_to_this_chain_is_taken() -> None:
    legacy = {"nonce": 0, "gas": 21_000, "gasPrice": 0, "value": 0, "to": TARGET, "chainId": CHAIN_ID}
    assert len(pool().add(bytes(SENDER.sign_transaction(legacy).raw_transaction))) == 32


def test_a_sender_off_the_allowlist_is_refused_and_one_on_it_is_taken(sign: Sign) -> None:
    with pytest.raises(TransactionRefusedError, match="allowlist"):
        pool(allowed=frozenset()).add(sign(0, to=TARGET))
    here = Address.from_hex(SENDER.address)
    assert len(pool(allowed=frozenset({here})).add(sign(0, to=TARGET))) == 32


def test_a_full_pool_takes_no_more() -> None:
    waiting = pool(most=2)
    waiting.add(by(OTHERS[0], 0))
    waiting.add(by(OTHERS[1], 0))
    with pytest.raises(TransactionRefusedError, match="full"):
        waiting.add(by(OTHERS[2], 0))


@given(st.binary(max_size=200))
def test_bytes_that_are_no_transaction_are_refused_and_nothing_else_happens(raw: bytes) -> None:
    with pytest.raises(TransactionRefusedError):
        pool().add(raw)


@given(st.data())
def test_a_transaction_with_one_flipped_bit_is_refused_or_has_another_hash(data: st.DataObject) -> None:
    raw = by(OTHERS[0], 0)
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    flipped = (int.from_bytes(raw) ^ 1 << bit).to_bytes(len(raw))
    waiting = pool()
    honest = waiting.add(raw)
    try:
        other = waiting.add(flipped)
    except TransactionRefusedError:
        return
    assert other != honest


@given(st.permutations([(who, nonce) for who in range(3) for nonce in (0, 1, 2, 4)]))
def test_ready_keeps_each_senders_order_and_stops_at_a_gap(order: list[tuple[int, int]]) -> None:
    waiting = pool()
    for who, nonce in order:
        waiting.add(by(OTHERS[who], nonce))
    seen: dict[bytes, list[int]] = {}
    for transaction in waiting.ready():
        seen.setdefault(bytes(transaction.sender), []).append(transaction.nonce)
    assert list(seen.values()) == [[0, 1, 2]] * 3
    assert waiting.next_nonce(Address.from_hex(OTHERS[0].address), 0) == 3


def test_ready_serves_senders_by_arrival() -> None:
    waiting = pool()
    for who in (2, 0, 1):
        waiting.add(by(OTHERS[who], 0))
    order = [Address(item.sender).hex0x() for item in waiting.ready()]
    assert order == [OTHERS[who].address.lower() for who in (2, 0, 1)]


def test_a_discarded_transaction_is_forgotten(sign: Sign) -> None:
    waiting = pool()
    known = waiting.add(sign(0, to=TARGET))
    waiting.discard([known, TransactionHash(bytes(32))])
    assert len(waiting) == 0
    assert waiting.find(known) is None
    waiting.add(sign(0, to=TARGET))
