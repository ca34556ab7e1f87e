"""JSON-RPC 2.0 envelopes: single calls and batches, answers and errors.

Decides codes for malformed requests and unknown methods, and never lets ``result`` and
``error`` stand together. An unexpected fault of one call is answered with −32603 and no
detail; it must not take the chain down with it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from devnet.rpc_methods import Method, Methods
from devnet.rpc_params import RpcError, hex_bytes
from kernel.canonical_json import JsonValue, parse_json

__all__ = ["Dispatcher"]

MOST_CALLS_IN_A_BATCH = 1_000
_BREATHE_EVERY = 20
_log = logging.getLogger("devnet.rpc")


class Dispatcher:
    """Answers request bodies."""

    def __init__(self, methods: Methods) -> None:
        """Dispatch to these methods; one slow call runs at a time."""
        self._quick = methods.quick()
        self._slow = methods.slow()
        self._turn = asyncio.Lock()

    async def answer(self, content: bytes) -> JsonValue:
        """Answer one request body; ``None`` when it holds notifications only."""
        try:
            request = parse_json(content)
        except (ValueError, RecursionError):
            return _error(None, RpcError(-32700, "parse error: not JSON", "请求不是合法的 JSON"))
        if not isinstance(request, list):
            return await self._answer_one(request)
        if not 0 < len(request) <= MOST_CALLS_IN_A_BATCH:
            return _error(None, _bad_request(f"a batch holds 1 to {MOST_CALLS_IN_A_BATCH} calls"))
        answers = []
        for position, single in enumerate(request):
            answers.append(await self._answer_one(single))
            if position % _BREATHE_EVERY == 0:
                await asyncio.sleep(0)  # let other clients in between
        return [answer for answer in answers if answer is not None] or None

    async def _answer_one(self, request: JsonValue) -> JsonValue:
        if not isinstance(request, Mapping):
            return _error(None, _bad_request("a call must be an object"))
        name, params, call_id = request.get("method"), request.get("params"), request.get("id")
        params = [] if params is None else params
        if request.get("jsonrpc") != "2.0" or not isinstance(name, str) or not isinstance(params, list):
            return _error(call_id, _bad_request("jsonrpc 2.0, method and an array of params are needed"))
        try:
            result = await self._run(name, params)
        except RpcError as problem:
            answer = _error(call_id, problem)
        except Exception:  # noqa: BLE001 - the one boundary: a fault of one call must not stop the chain
            _log.exception("call of %s failed", name)
            answer = _error(call_id, RpcError(-32603, "internal error", "内部错误，请查看节点日志"))
        else:
            answer = {"jsonrpc": "2.0", "id": call_id, "result": result}
        return answer if "id" in request else None

    async def _run(self, name: str, params: list[JsonValue]) -> JsonValue:
        method: Method | None = self._quick.get(name)
        if method is not None:
            return method(params)
        method = self._slow.get(name)
        if method is None:
            raise RpcError(-32601, f"the method {name} does not exist", f"没有 {name} 这个方法")
        async with self._turn:
            return await asyncio.to_thread(method, params)


def _error(call_id: JsonValue, problem: RpcError) -> JsonValue:
    error: dict[str, JsonValue] = {"code": problem.rpc_code, "message": problem.en}
    if problem.revert_data is not None:
        error["data"] = hex_bytes(problem.revert_data)
    return {"jsonrpc": "2.0", "id": call_id, "error": error}


def _bad_request(en: str) -> RpcError:
    return RpcError(-32600, f"invalid request: {en}", f"请求不合规范：{en}")
