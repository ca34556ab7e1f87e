"""A witness over HTTP, exactly as C2SP tlog-witness prescribes; docs/formats/checkpoint.md.

Decides which status each refusal has. Requests are answered one after the other on the event
loop: nothing else happens between reading what was cosigned last and storing what comes next.
"""

from __future__ import annotations

import base64
import logging

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from contracts_chain.evidence.checkpoint import CheckpointSignatureError, read_checkpoint
from contracts_chain.evidence.signed_note import KeyKind, key_id
from contracts_chain.evidence.witness import Witness
from contracts_chain.evidence.witness_errors import (
    CheckpointForkError,
    InconsistentCheckpointError,
    MalformedSubmissionError,
    OldSizeError,
    UnknownLogError,
)
from contracts_chain.evidence.witness_submission import Submission
from kernel.errors import ContractsChainError, FaultError

__all__ = ["GREATEST_BODY", "create_witness_app", "verifier_key"]

_LOG = logging.getLogger("contracts_chain.witness")
GREATEST_BODY = 64 * 1024
_STATUS: dict[type[ContractsChainError], int] = {
    MalformedSubmissionError: 400,
    CheckpointSignatureError: 403,
    UnknownLogError: 404,
    CheckpointForkError: 409,
    InconsistentCheckpointError: 422,
}


def verifier_key(witness: Witness) -> str:
    """The public key in C2SP vkey form: name, key id, kind and key."""
    kind = KeyKind.COSIGNATURE_V1
    identity = key_id(witness.name, kind, witness.public_key).hex()
    return f"{witness.name}+{identity}+{base64.b64encode(kind.value + witness.public_key).decode()}"


def create_witness_app(witness: Witness) -> Starlette:
    """The ASGI application of one witness."""

    async def add_checkpoint(request: Request) -> Response:
        return _cosigned(witness, await _body(request))

    async def newest(request: Request) -> Response:
        return _newest(witness, request.query_params.get("origin", ""))

    async def key(request: Request) -> Response:
        del request
        return JSONResponse(_about(witness))

    return Starlette(
        routes=[
            Route("/add-checkpoint", add_checkpoint, methods=["POST"]),
            Route("/checkpoint", newest, methods=["GET"]),
            Route("/key", key, methods=["GET"]),
        ]
    )


async def _body(request: Request) -> bytes:
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > GREATEST_BODY:
            raise HTTPException(413, f"at most {GREATEST_BODY} bytes are taken")
    return bytes(content)


def _cosigned(witness: Witness, body: bytes) -> Response:
    try:
        return PlainTextResponse(witness.add_checkpoint(Submission.parse(body)))
    except OldSizeError as problem:
        # clients compare the whole value: no charset after it
        return Response(f"{problem.held}\n", 409, headers={"Content-Type": "text/x.tlog.size"})
    except ContractsChainError as problem:
        return _refusal(problem)


def _newest(witness: Witness, origin: str) -> Response:
    try:
        note = witness.held(origin)
    except ContractsChainError as problem:
        return _refusal(problem)
    return PlainTextResponse(note) if note else PlainTextResponse("nothing cosigned yet\n", 404)


def _refusal(problem: ContractsChainError) -> Response:
    if isinstance(problem, FaultError | CheckpointForkError):
        _LOG.error("%s: %s", problem.code, problem.en)
    return PlainTextResponse(f"{problem.en}\n{problem.zh}\n", _STATUS.get(type(problem), 500))


def _about(witness: Witness) -> dict[str, object]:
    sizes = {origin: witness.held(origin) for origin in witness.origins}
    logs = [
        {"origin": origin, "size": read_checkpoint(note).size if note else 0}
        for origin, note in sizes.items()
    ]
    return {
        "name": witness.name,
        "public_key": witness.public_key.hex(),
        "vkey": verifier_key(witness),
        "logs": logs,
    }
