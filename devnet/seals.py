"""Who must seal a block, and whether they did.

Decides that a header is final: seals by ceil(2N/3) distinct members of the set valid
after the parent. One unknown or doubled signer refuses the whole header; good seals
beside it do not count. Clauses: Besu QBFT rules, reference chain.md §6.4–6.6.
"""

from __future__ import annotations

from collections.abc import Sequence

from coincurve import PrivateKey, PublicKey
from eth_hash.auto import keccak

from devnet.errors import SealsRefutedError
from devnet.header import QbftHeader
from kernel.sized_bytes import Address, Bytes32

__all__ = ["address_of", "quorum", "recover_sealer", "seal_digest", "verify_seals"]

_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def quorum(validator_count: int) -> int:
    """Seals needed with this many validators: ceil(2N/3), rounded up, never down."""
    return (2 * validator_count + 2) // 3


def address_of(public_key: PublicKey) -> Address:
    """The last 20 bytes of keccak over the uncompressed key without its prefix byte."""
    return Address(keccak(public_key.format(compressed=False)[1:])[12:])


def seal_digest(digest: Bytes32, key: PrivateKey) -> bytes:
    """Sign a commit digest: 65 bytes r‖s‖v, v 0 or 1, no message prefix."""
    return bytes(key.sign_recoverable(digest, hasher=None))


def recover_sealer(digest: Bytes32, seal: bytes) -> Address:
    """Whose seal this is.

    Raises:
        SealsRefutedError: Not 65 bytes, r or s outside 1…n−1, v outside {0, 1}, or no such point.
    """
    r, s = int.from_bytes(seal[:32]), int.from_bytes(seal[32:64])
    if len(seal) != 65 or seal[64] > 1 or not 0 < r < _ORDER or not 0 < s < _ORDER:
        raise _refuted("a seal is not a signature r, s, v within bounds")
    try:
        return address_of(PublicKey.from_signature_and_message(seal, digest, hasher=None))
    except ValueError as problem:
        raise _refuted("a seal recovers to no public key") from problem


def verify_seals(header: QbftHeader, validators: Sequence[Address]) -> None:
    """Prove that a quorum of exactly this set sealed the header. Returning means proven.

    Args:
        header: The sealed header; the genesis block has no seals and is not asked about.
        validators: The set valid after the parent, ascending; never the header's own word.

    Raises:
        SealsRefutedError: Another list in the header, a foreign proposer, an unknown or
            doubled sealer, or too few seals.
        BrokenHeaderError: extraData is not canonical.
    """
    extra = header.extra
    if extra.validators != tuple(validators):
        raise _refuted("the header names other validators than the chain")
    if Address(header.coinbase) not in extra.validators:
        raise _refuted("the proposer is not a validator")
    digest = header.commit_digest
    sealers = [recover_sealer(digest, seal) for seal in extra.seals]
    if len(set(sealers)) != len(sealers):
        raise _refuted("one validator sealed twice")
    if not set(sealers) <= set(validators):
        raise _refuted("a seal is by nobody in the set")
    if len(sealers) < quorum(len(validators)):
        raise _refuted(f"{len(sealers)} seals, {quorum(len(validators))} needed")


def _refuted(en: str) -> SealsRefutedError:
    return SealsRefutedError(
        f"the block is not sealed by a quorum: {en}; do not rely on it",
        f"该区块未获法定数量验证人封印（{en}）；请勿采信",
    )
