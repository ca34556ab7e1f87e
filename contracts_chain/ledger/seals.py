"""Whether a quorum of the trusted validators sealed a header (Besu QBFT rules).

All seals count or none do: one unknown or doubled signer refuses the whole header, as
in Besu. A malleated twin (s → n − s) recovers to the same address and is a double.
"""

from __future__ import annotations

from collections.abc import Collection

from coincurve import PublicKey

from contracts_chain.ledger.errors import (
    DoubledSealerError,
    HeaderRuleError,
    LedgerRefutedError,
    QuorumError,
    SealInvalidError,
    UnknownSealerError,
    ValidatorListError,
)
from contracts_chain.ledger.header import QBFT_MIX_HASH, BlockHeader
from contracts_chain.ledger.keccak import keccak256
from kernel.sized_bytes import Address

__all__ = ["quorum", "recover_sealer", "verify_seals"]

_CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_NO_OMMERS = bytes.fromhex("1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347")


def quorum(validators: int) -> int:
    """Seals that N validators need: ceil(2N/3)."""
    return (2 * validators + 2) // 3


def verify_seals(
    header: BlockHeader, validators: Collection[Address], *, listed: bool = True
) -> tuple[Address, ...]:
    """Prove that a quorum of ``validators`` committed to this header.

    Args:
        header: Parsed from the exact bytes of the proof.
        validators: The set in force after the parent, from the trust bundle.
        listed: ``False`` for contract mode, whose headers list nobody and carry no vote.

    Returns:
        The sealers in the header's order.

    Raises:
        HeaderRuleError: mixHash, difficulty, nonce or ommers differ from QBFT's.
        ExtraDataError: ``extraData`` is not five canonical items.
        ValidatorListError: The header's list is not the trusted set, ascending.
        SealInvalidError: A seal is no signature.
        UnknownSealerError: A sealer, or the proposer, is not in the set.
        DoubledSealerError: One validator sealed twice.
        QuorumError: Too few sealers.
    """
    _check_constants(header)
    extra = header.extra()
    trusted = tuple(sorted(validators))
    _check_list(extra.validators, trusted if listed else (), contract_vote=extra.vote if not listed else None)
    _check_member(header.coinbase, trusted)
    digest = header.commit_digest()
    sealers: list[Address] = []
    for seal in extra.seals:
        sealer = recover_sealer(digest, seal)
        _check_member(sealer, trusted)
        if sealer in sealers:
            raise _broken(
                DoubledSealerError, "a validator sealed twice", "同一验证者重复签封", "once", sealer
            )
        sealers.append(sealer)
    if len(sealers) < quorum(len(trusted)):
        needed = f"{quorum(len(trusted))} of {len(trusted)}"
        raise _broken(QuorumError, "too few validators sealed the block", "签封数不足", needed, len(sealers))
    return tuple(sealers)


def recover_sealer(digest: bytes, seal: bytes) -> Address:
    """Recover who signed a 32-byte digest.

    Raises:
        SealInvalidError: v outside {0, 1}, r or s zero or at least n, or r no point's x.
    """
    r, s, v = int.from_bytes(seal[:32]), int.from_bytes(seal[32:64]), seal[64]
    if v > 1 or not 0 < r < _CURVE_ORDER or not 0 < s < _CURVE_ORDER:
        raise _broken(
            SealInvalidError, "a seal is out of range", "签封数值越界", "r, s in 1..n-1, v in {0,1}", v
        )
    try:
        key = PublicKey.from_signature_and_message(seal, digest, hasher=None)
    except Exception as problem:  # coincurve raises bare Exception for a point it cannot recover
        raise _broken(
            SealInvalidError, "a seal is no signature", "签封无法还原", "a signature", "none"
        ) from problem
    return Address(keccak256(key.format(compressed=False)[1:])[12:])


def _check_constants(header: BlockHeader) -> None:
    for name, expected, actual in (
        ("mixHash", QBFT_MIX_HASH.hex(), header.mix_hash.hex()),
        ("difficulty", "1", str(header.difficulty)),
        ("nonce", "0000000000000000", header.nonce.hex()),
        ("sha3Uncles", _NO_OMMERS.hex(), header.ommers_hash.hex()),
    ):
        if expected != actual:
            raise _broken(HeaderRuleError, f"{name} is not QBFT's", f"{name} 不符合 QBFT", expected, actual)


def _check_list(
    found: tuple[Address, ...], expected: tuple[Address, ...], *, contract_vote: tuple[Address, bool] | None
) -> None:
    if found != expected or contract_vote is not None:
        raise _broken(
            ValidatorListError,
            "the header lists other validators than the trust bundle",
            "区块头所列验证者与信任包不一致",
            " ".join(one.hex0x() for one in expected) or "nobody",
            " ".join(one.hex0x() for one in found) or "nobody",
        )


def _check_member(address: Address, trusted: tuple[Address, ...]) -> None:
    if address not in trusted:
        raise _broken(
            UnknownSealerError,
            "not a validator of this height",
            "不是该高度的验证者",
            "a trusted validator",
            address,
        )


def _broken(
    kind: type[LedgerRefutedError], en: str, zh: str, expected: str, actual: Address | int | str
) -> LedgerRefutedError:
    shown = actual.hex0x() if isinstance(actual, Address) else str(actual)
    return kind(en, zh, expected=expected, actual=shown)
