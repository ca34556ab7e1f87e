"""Headers forged part by part and sealed again: what a dishonest quorum, or less than one, could show.

Built with the rlp library and coincurve alone, so that a mistake of a verifier cannot hide here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import rlp
from coincurve import PrivateKey
from eth_hash.auto import keccak

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
Seals = Callable[[list[bytes]], list[bytes]]


def address_of(key: PrivateKey) -> bytes:
    return bytes(keccak(key.public_key.format(compressed=False)[1:])[12:])


def keys(count: int, secret: bytes = b"many") -> list[PrivateKey]:
    found = [PrivateKey(hashlib.sha256(secret + bytes([n])).digest()) for n in range(count)]
    return sorted(found, key=address_of)


def resealed(
    header: bytes,
    sealers: Sequence[PrivateKey],
    *,
    fields: dict[int, bytes] | None = None,
    validators: Sequence[PrivateKey] | None = None,
    round_number: bytes | None = None,
    sealed_round: bytes | None = None,
    seals: Seals = lambda honest: honest,
    written: Callable[[list[Any]], bytes] = rlp.encode,
) -> bytes:
    """The header with some of its parts changed and then sealed by ``sealers``.

    Args:
        header: An honest one.
        sealers: Who signs.
        fields: Other header fields by position.
        validators: Whom the header lists.
        round_number: Round the header shows.
        sealed_round: Round that was signed, where it is another.
        seals: What becomes of the honest seals.
        written: How the extraData is encoded.
    """
    whole = rlp.decode(header)
    extra = rlp.decode(whole[12])
    for place, value in (fields or {}).items():
        whole[place] = value
    if validators is not None:
        extra[1] = [address_of(key) for key in validators]
    if round_number is not None:
        extra[3] = round_number
    signed = [*extra[:3], extra[3] if sealed_round is None else sealed_round, []]
    whole[12] = written(signed)
    digest = keccak(rlp.encode(whole))
    extra[4] = seals([key.sign_recoverable(digest, hasher=None) for key in sealers])
    whole[12] = written(extra)
    return bytes(rlp.encode(whole))


def malleated(seal: bytes) -> bytes:
    """The other signature of the same key over the same digest: s → n − s."""
    s = ORDER - int.from_bytes(seal[32:64])
    return seal[:32] + s.to_bytes(32) + bytes([1 - seal[64]])


def with_r(seal: bytes, r: int) -> bytes:
    return r.to_bytes(32) + seal[32:]


def with_s(seal: bytes, s: int) -> bytes:
    return seal[:32] + s.to_bytes(32) + seal[64:]


def with_v(seal: bytes, v: int) -> bytes:
    return seal[:64] + bytes([v])


def long_form(content: bytes) -> bytes:
    """The same RLP list with a length written one byte longer than it must be."""
    size = content[0] - 0xF7
    assert 0 < size < 8, "a list of more than 55 bytes is due"
    return bytes([content[0] + 1, 0]) + content[1 : 1 + size] + content[1 + size :]
