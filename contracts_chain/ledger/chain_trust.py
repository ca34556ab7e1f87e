"""What an outsider must know of the chain beforehand; given to every verification, never found.

Nothing in a header, a receipt or a seal names the chain, so the validators' addresses
are the chain's identity: their keys must be fresh per chain.
"""

from __future__ import annotations

from dataclasses import dataclass

from contracts_chain.ledger.errors import ValidatorSetUnknownError
from kernel.sized_bytes import Address, BlockHash, Bytes32

__all__ = ["ChainTrust", "ValidatorSet", "operator_zh"]

_OPERATOR_ZH = {
    "utility": "供电企业",
    "notary": "示例公证处 TEST",
    "court": "示例法院 TEST",
    "ca": "示例认证机构 TEST",
}
"""The devnet's operators, none of them an institution; other names are shown as the bundle writes them."""


def operator_zh(name: str) -> str:
    """An operator's name for Chinese readers."""
    return _OPERATOR_ZH.get(name, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidatorSet:
    """Who may seal a range of blocks.

    Attributes:
        from_block: First height, inclusive.
        to_block: Last height, inclusive; ``None`` while the set still rules.
        members: Address and operator's name of each validator, in any order.
        listed: Whether headers carry the list (block-header mode). In contract mode the
            header's list is empty and the members come from this bundle alone.
    """

    from_block: int
    to_block: int | None
    members: tuple[tuple[Address, str], ...]
    listed: bool = True

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Ascending, as a header lists them."""
        return tuple(sorted(address for address, _ in self.members))

    def operator(self, address: Address) -> str:
        """Name of the institution behind a member's address."""
        return dict(self.members)[address]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainTrust:
    """Chain, registry and validators as the verifier's own bundle states them (DESIGN §5)."""

    chain_id: int
    genesis_hash: BlockHash
    registry: Address
    registry_code_hash: Bytes32
    validator_sets: tuple[ValidatorSet, ...]

    def validators_at(self, number: int) -> ValidatorSet:
        """Find the set that seals the block of this height.

        Raises:
            ValidatorSetUnknownError: No range covers the height, or two do.
        """
        found = [
            known
            for known in self.validator_sets
            if known.from_block <= number and (known.to_block is None or number <= known.to_block)
        ]
        if len(found) != 1:
            raise ValidatorSetUnknownError(
                f"the trust bundle names {len(found)} validator sets for block {number}; renew it",
                f"信任包中区块 {number} 对应 {len(found)} 个验证者集合；请获取最新信任包后重试",
            )
        return found[0]
