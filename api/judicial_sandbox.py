"""``contracts-chain judicial-sandbox``: a stand-in for a judicial chain, labelled SANDBOX everywhere.

It takes header hashes over HTTP and gives a receipt signed with an Ed25519 key of its own; the
same hash gets the same receipt for ever. It shows the interface of docs/adr/0016 and proves
nothing to a court: every receipt says so.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from pathlib import Path

import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.keyring import secret_bytes
from api.listening import bound_socket, url_of
from api.stoppable_server import StoppableServer
from contracts_chain.evidence.strict_fields import Fields, MalformedEvidenceError, parse_object
from kernel.atomic_file import write_atomically
from kernel.canonical_json import JsonObject, canonical_bytes
from kernel.clock import Clock, SystemClock, utc_text
from kernel.sized_bytes import BlockHash

__all__ = ["PLACE", "JudicialSandbox", "create_judicial_sandbox", "judicial_sandbox_forever"]

PLACE = "司法链沙箱 SANDBOX"
_GREATEST_BODY = 4096


class JudicialSandbox:
    """Receipts in a directory, one file a header hash."""

    def __init__(self, directory: Path, clock: Clock) -> None:
        """Open or make the key.

        Raises:
            SecretUnreadableError: The key file is damaged.
        """
        self._directory, self._clock = directory, clock
        self._key = Ed25519PrivateKey.from_private_bytes(secret_bytes(directory, "key"))

    @property
    def public_key(self) -> bytes:
        """32 bytes, for trust bundles."""
        return self._key.public_key().public_bytes_raw()

    def receipt(self, header_number: int, header_hash: BlockHash) -> bytes:
        """The signed receipt, durable before it is given.

        Raises:
            DiskFullError: Nothing was stored; ask again.
            UnwritableError: The directory refuses.
        """
        path = self._directory / "receipts" / f"{header_hash.hex()}.json"
        if not path.exists():
            receipt: JsonObject = {
                "header_hash": header_hash.hex0x(),
                "header_number": header_number,
                "place": PLACE,
                "received_utc": utc_text(self._clock.now()),
                "sandbox": True,
            }
            signature = self._key.sign(canonical_bytes(receipt))
            signed: JsonObject = {
                "receipt": receipt,
                "signature": base64.b64encode(signature).decode(),
            }
            write_atomically(path, canonical_bytes(signed))
        return path.read_bytes()


def create_judicial_sandbox(sandbox: JudicialSandbox) -> Starlette:
    """The ASGI application."""

    async def deposit(request: Request) -> Response:
        number, block = _asked(await _body(request))
        return Response(sandbox.receipt(number, block), media_type="application/json")

    async def about(request: Request) -> Response:
        del request
        return JSONResponse({"place": PLACE, "public_key": sandbox.public_key.hex(), "sandbox": True})

    return Starlette(
        routes=[Route("/deposits", deposit, methods=["POST"]), Route("/", about, methods=["GET"])]
    )


async def _body(request: Request) -> bytes:
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > _GREATEST_BODY:
            raise HTTPException(413, f"at most {_GREATEST_BODY} bytes are taken")
    return bytes(content)


def _asked(body: bytes) -> tuple[int, BlockHash]:
    try:
        fields = Fields(parse_object(body, "deposit"), "deposit")
        number, text = fields.natural("header_number"), fields.text("header_hash")
        fields.finish()
        return number, Fields.hex_value(text.removeprefix("0x"), BlockHash, "deposit.header_hash")
    except MalformedEvidenceError as problem:
        raise HTTPException(422, problem.en) from problem


def judicial_sandbox_forever(directory: Path, host: str, port: int) -> int:
    """Serve until SIGTERM or SIGINT; prints one JSON line first.

    Raises:
        PortInUseError: Another program listens there.
        FaultError: Directory or key cannot be used.
    """
    sandbox = JudicialSandbox(directory, SystemClock())
    with bound_socket(host, port) as listening:
        told = {
            "url": url_of(listening),
            "place": PLACE,
            "public_key": sandbox.public_key.hex(),
            "pid": os.getpid(),
        }
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
        sys.stdout.flush()
        config = uvicorn.Config(create_judicial_sandbox(sandbox), log_level="warning", access_log=False)
        StoppableServer(config).run(sockets=[listening])
    return 0
