"""One JSON-RPC endpoint over HTTP, by web3.py's provider; the only importer of web3.

Raw JSON in and out: proofs need the node's words, not formatted values. Before the
first question, and again after an outage, it makes sure which chain answers: an anchor
sent to the wrong chain would be lost evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import requests
from web3 import HTTPProvider
from web3.exceptions import Web3Exception
from web3.types import RPCEndpoint

from contracts_chain.ledger.errors import ForeignChainError
from contracts_chain.ledger.rpc_json import members, no_answer
from kernel.canonical_json import JsonObject, JsonValue
from kernel.errors import FaultError
from kernel.sized_bytes import BlockHash

__all__ = ["RpcRefusedError", "Web3Endpoint"]

_PATIENCE_SECONDS = 20


class RpcRefusedError(FaultError):
    """The node answered with a JSON-RPC error.

    Attributes:
        number: JSON-RPC error code.
        reason: The node's own words.
    """

    code = "rpc_refused"

    def __init__(self, method: str, number: int, reason: str) -> None:
        """Keep the node's words for the log."""
        super().__init__(
            f"the chain node refused {method}: {reason} ({number}); check its permissions and settings",
            f"区块链节点拒绝 {method}：{reason}（{number}）；请检查节点权限与配置",
        )
        self.number = number
        self.reason = reason


class Web3Endpoint:
    """Questions to one node of one known chain. Safe to share between threads."""

    def __init__(
        self, url: str, chain_id: int, *, expected_genesis: BlockHash | None = None, token: str | None = None
    ) -> None:
        """Remember where and which; nothing is sent yet.

        Args:
            url: ``http://`` or ``https://`` address of the JSON-RPC endpoint.
            chain_id: Expected EIP-155 id.
            expected_genesis: Hash of block 0, where known.
            token: Bearer token, where the endpoint asks for one.
        """
        self._session = requests.Session()
        if token is not None:
            self._session.headers["Authorization"] = f"Bearer {token}"
        self._provider = HTTPProvider(
            url,
            request_kwargs={"timeout": _PATIENCE_SECONDS},
            session=self._session,
            exception_retry_configuration=None,
        )
        self._url = url
        self.chain_id = chain_id
        self._expected_genesis = expected_genesis
        self._is_known = False

    def close(self) -> None:
        """Close the connections; a later question opens new ones."""
        self._session.close()

    def ask(self, method: str, params: Sequence[JsonValue]) -> JsonValue:
        """Ask one question; ``None`` where the node knows no such thing.

        Raises:
            ChainUnavailableError: No answer, or no JSON-RPC answer.
            ForeignChainError: The endpoint serves another chain.
            RpcRefusedError: The node answered with an error.
        """
        if not self._is_known:
            self._check_chain()
        return self._exchange(method, params)

    def _check_chain(self) -> None:
        chain_id = self._exchange("eth_chainId", [])
        if chain_id != hex(self.chain_id):
            raise self._foreign(f"chain id {self.chain_id}", f"chain id {int(str(chain_id), 16)}")
        if self._expected_genesis is not None:
            genesis = members(self._exchange("eth_getBlockByNumber", ["0x0", False]), "genesis").get("hash")
            if genesis != self._expected_genesis.hex0x():
                raise self._foreign(f"genesis {self._expected_genesis.hex0x()}", f"genesis {genesis}")
        self._is_known = True

    def _exchange(self, method: str, params: Sequence[JsonValue]) -> JsonValue:
        try:
            reply = self._provider.make_request(RPCEndpoint(method), list(params))
        except (OSError, ValueError, Web3Exception) as problem:
            # requests' errors are OSErrors; a page that is no JSON is a ValueError
            self._is_known = False
            told = getattr(getattr(problem, "response", None), "status_code", None) or type(problem).__name__
            raise no_answer(f"{self._url}: {told}") from problem
        answer = cast("JsonObject", reply)
        if not isinstance(answer, dict):
            raise no_answer(f"{method}: no JSON-RPC object")
        if answer.get("error") is not None:
            error = answer["error"]
            found = error if isinstance(error, dict) else {}
            number = found.get("code")
            raise RpcRefusedError(
                method, number if isinstance(number, int) else 0, str(found.get("message", error))
            )
        return answer.get("result")

    def _foreign(self, expected: str, actual: str) -> ForeignChainError:
        return ForeignChainError(
            f"{self._url} serves another chain: expected {expected}, found {actual}; correct the RPC address",
            f"{self._url} 不是所配置的链：应为 {expected}，实为 {actual}；请更正 RPC 地址",
        )
