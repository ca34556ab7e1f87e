"""Step 9: a quorum of the trusted validators sealed the block (Besu QBFT, ceil(2N/3))."""

from __future__ import annotations

from contracts_chain.evidence.examination import Examination, proven
from contracts_chain.ledger.chain_trust import operator_zh
from kernel.verdict import Check

__all__ = ["check"]


def check(examination: Examination) -> Check:
    """Name who sealed.

    Raises:
        LedgerRefutedError: The seals do not hold.
        ValidatorSetUnknownError: The bundle covers no such height: undecided.
    """
    examination.evidence.need(0)
    block = examination.sealed.get()
    names = ", ".join(operator for _, operator in block.sealers)
    names_zh = "、".join(operator_zh(operator) for _, operator in block.sealers)
    return proven(
        9,
        f"{len(block.sealers)} validators sealed block {block.number} ({block.needed} needed): {names}.",
        f"第 {block.number} 块由 {len(block.sealers)} 个验证节点签封（至少 {block.needed} 个）：{names_zh}。",
    )
