"""JSON-RPC 2.0 envelopes: single calls and batches, answers and errors.

Decides codes for malformed requests and unknown methods, how many calls may wait for the one
that executes, and never lets ``result`` and ``error`` stand together. An unexpected fault of one
call is answered with −32603 and no detail; it must not take the chain down with it.

Floats occur in requests only as percentiles of ``eth_feeHistory`` (alloy sends ``[20.0]``); they
are read as their decimal text and never computed with.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping

from devnet.rpc_announcer import Announcer
from devnet.rpc_methods import Methods
from devnet.rpc_params import LIMIT_EXCEEDED, Method, RpcError, hex_bytes
from kernel.canonical_json import JsonValue, parse_json

__all__ = ["Dispatcher"]

MOST_CALLS_IN_A_BATCH = 1_000
MOST_SLOW_CALLS_WAITING = 128
_BREATHE_EVERY = 20
_log = logging.getLogger("devnet.rpc")
_STRING_OR_NUMBER = re.compile(rb'"(?:[^"\\]|\\.)*+"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?', re.DOTALL)


class Dispatcher:
    """Answers request bodies."""

    def __init__(self, methods: Methods) -> None:
        """Dispatch to these methods; one slow call runs at a time."""
        self._quick = methods.quick()
        self._slow = methods.slow()
        self._patient = methods.patient()
        self._turn = asyncio.Lock()
        self._waiting = 0
        self.announcer: Announcer = methods.announcer

    async def answer(self, content: bytes, own: Mapping[str, Method] | None = None) -> JsonValue:
        """Answer one request body; ``None`` when it holds notifications only.

        Args:
            content: The body, UTF-8 JSON.
            own: Methods of this connection alone, such as its subscriptions.
        """
        try:
            request = _parsed(content)
        except (ValueError, RecursionError):
            return _error(None, RpcError(-32700, "parse error: not JSON", "请求不是合法的 JSON"))
        if not isinstance(request, list):
            return await self._answer_one(request, own or {})
        if not 0 < len(request) <= MOST_CALLS_IN_A_BATCH:
            return _error(None, _bad_request(f"a batch holds 1 to {MOST_CALLS_IN_A_BATCH} calls"))
        answers = []
        for position, single in enumerate(request):
            answers.append(await self._answer_one(single, own or {}))
            if position % _BREATHE_EVERY == 0:
                await asyncio.sleep(0)  # let other clients in between
        return [answer for answer in answers if answer is not None] or None

    async def _answer_one(self, request: JsonValue, own: Mapping[str, Method]) -> JsonValue:
        if not isinstance(request, Mapping):
            return _error(None, _bad_request("a call must be an object"))
        name, params, call_id = request.get("method"), request.get("params"), request.get("id")
        params = [] if params is None else params
        if request.get("jsonrpc") != "2.0" or not isinstance(name, str) or not isinstance(params, list):
            return _error(call_id, _bad_request("jsonrpc 2.0, method and an array of params are needed"))
        try:
            result = await self._run(name, params, own)
        except RpcError as problem:
            answer = _error(call_id, problem)
        except Exception:  # noqa: BLE001 - the one boundary: a fault of one call must not stop the chain
            _log.exception("call of %s failed", name)
            answer = _error(call_id, RpcError(-32603, "internal error", "内部错误，请查看节点日志"))
        else:
            answer = {"jsonrpc": "2.0", "id": call_id, "result": result}
        return answer if "id" in request else None

    async def _run(self, name: str, params: list[JsonValue], own: Mapping[str, Method]) -> JsonValue:
        if patient := self._patient.get(name):
            return await patient(params)
        if quick := own.get(name) or self._quick.get(name):
            return quick(params)
        if slow := self._slow.get(name):
            return await self._in_turn(slow, params)
        if name in {"eth_subscribe", "eth_unsubscribe"}:
            raise RpcError(-32601, f"{name} needs a WebSocket connection", f"{name} 须经 WebSocket 连接调用")
        raise RpcError(-32601, f"the method {name} does not exist", f"没有 {name} 这个方法")

    async def _in_turn(self, method: Method, params: list[JsonValue]) -> JsonValue:
        if self._waiting >= MOST_SLOW_CALLS_WAITING:
            raise RpcError(
                LIMIT_EXCEEDED, "too many calls wait; send again later", "等待的调用过多，请稍后重发"
            )
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(method, params)
        finally:
            self._waiting -= 1


def _parsed(content: bytes) -> JsonValue:
    try:
        return parse_json(content)
    except ValueError:
        return parse_json(_STRING_OR_NUMBER.sub(_float_as_text, content))


def _float_as_text(token: re.Match[bytes]) -> bytes:
    found = token.group()
    is_float = found[:1] != b'"' and not found.removeprefix(b"-").isdigit()
    return b'"' + found + b'"' if is_float else found


def _error(call_id: JsonValue, problem: RpcError) -> JsonValue:
    error: dict[str, JsonValue] = {"code": problem.rpc_code, "message": problem.en}
    if problem.revert_data is not None:
        error["data"] = hex_bytes(problem.revert_data)
    return {"jsonrpc": "2.0", "id": call_id, "error": error}


def _bad_request(en: str) -> RpcError:
    return RpcError(-32600, f"invalid request: {en}", f"请求不合规范：{en}")
