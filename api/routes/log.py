"""The log for everybody: newest published checkpoint and tiles of hashes (C2SP tlog-tiles).

Nothing personal is here, and nothing that could be guessed: leaves commit to salted records
(DESIGN decision 12), and the records themselves are not published. What an auditor reads
here he compares with the chain; the service's word counts for nothing in that.
"""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response

from api.routes.desk import AtDesk, Desk
from contracts_chain.evidence.tile_path import NotPublishedError, TilePath
from contracts_chain.evidence.tree_hash import HASH_LENGTH, TreeName

__all__ = ["router"]

router = APIRouter(prefix="/log")

_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_NOT_LONG = {"Cache-Control": "public, max-age=1"}


@router.get("/checkpoint", summary="Newest checkpoint that the chain holds: a C2SP signed note")
def checkpoint(desk: AtDesk) -> PlainTextResponse:
    """The note with the log's signature and those of the witnesses."""
    with desk.office.work() as work:
        newest = work.checkpoints.newest_final()
    if newest is None:
        raise NotPublishedError("checkpoint")
    return PlainTextResponse(newest.note, headers=_NOT_LONG)


@router.get("/tile/{address:path}", summary="Tile of the SHA-256 tree: up to 256 joined hashes")
def tile(desk: AtDesk, address: str) -> Response:
    """C2SP address ``<level>/<number>[.p/<width>]``; a hash once given never changes."""
    return _tile(desk, "sha256", address)


@router.get("/sm3/tile/{address:path}", summary="Tile of the SM3 twin tree, under the same addresses")
def twin_tile(desk: AtDesk, address: str) -> Response:
    """As the SHA-256 tree; its root is anchored by renewals."""
    return _tile(desk, "sm3", address)


def _tile(desk: Desk, tree: TreeName, address: str) -> Response:
    wanted = TilePath.parse(f"tile/{address}")
    with desk.office.work() as work:
        hashes = work.log.tile(tree, wanted.level, wanted.number) or b""
    length = wanted.width * HASH_LENGTH
    if len(hashes) < length:
        raise NotPublishedError(str(wanted))
    return Response(hashes[:length], media_type="application/octet-stream", headers=_FOR_EVER)
