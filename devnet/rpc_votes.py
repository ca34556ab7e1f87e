"""Besu's ``qbft_`` methods: who validates, and this node's wishes about it.

Decides names and shapes as Besu has them. Whether a caller may vote at all is the server's
business: with a token set, no method answers without it, and a node that listens beyond
this machine without one offers reading only.
"""

from __future__ import annotations

from collections.abc import Callable

from devnet.chain import Chain
from devnet.errors import BallotRefusedError
from devnet.rpc_params import Method, Params, RpcError, param, quantity_param, sized_param
from devnet.votes import Wishes
from kernel.canonical_json import JsonValue
from kernel.errors import FaultError
from kernel.sized_bytes import Address

__all__ = ["vote_methods"]


def vote_methods(
    chain: Chain, wishes: Wishes, *, changed: Callable[[], None], may_vote: bool
) -> dict[str, Method]:
    """The methods over one node.

    Args:
        chain: The committed chain.
        wishes: This operator's.
        changed: Called after a wish or its end.
        may_vote: Offer the methods that change something.
    """

    def wish(params: Params) -> JsonValue:
        candidate, add = _candidate(params), param(params, 1, "add")
        if not isinstance(add, bool):
            raise RpcError(
                -32602, "the second parameter is true to add, false to drop", "第二个参数应为布尔值"
            )
        return kept(lambda: wishes.wish(candidate, add=add))

    def discard(params: Params) -> JsonValue:
        candidate = _candidate(params)
        return kept(lambda: wishes.discard(candidate))

    def kept(change: Callable[[], None]) -> bool:
        try:
            change()
        except (BallotRefusedError, FaultError) as refusal:
            raise RpcError(-32000, refusal.en, refusal.zh) from refusal
        changed()
        return True

    reading: dict[str, Method] = {
        "qbft_getValidatorsByBlockNumber": lambda params: _validators(chain, params),
        "qbft_getPendingVotes": lambda _: {key.hex0x(): add for key, add in wishes.pending().items()},
    }
    if not may_vote:
        return reading
    return reading | {"qbft_proposeValidatorVote": wish, "qbft_discardValidatorVote": discard}


def _validators(chain: Chain, params: Params) -> JsonValue:
    """The list in a block's header; for ``pending``, the set of the next block."""
    tag = params[0] if params else "latest"
    head = chain.head()
    if tag == "pending":
        members = chain.set_after(head.block_number).validators
        return [member.hex0x() for member in members]
    named = {"latest": head.block_number, "earliest": 0}
    number = named[tag] if isinstance(tag, str) and tag in named else quantity_param(tag, "block")
    header = chain.find_header(number)
    if header is None:
        raise RpcError(-32000, "header not found", "没有该区块")
    return [member.hex0x() for member in header.extra.validators]


def _candidate(params: Params) -> Address:
    return sized_param(Address, param(params, 0, "address"), "address")
