"""Whether the service can do its work now, for monitors: no names, no numbers of papers."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from api.routes.desk import AtDesk, Desk
from kernel.errors import ContractsChainError

__all__ = ["router"]

router = APIRouter()


@router.get("/health", summary="Database, chain head, codes of standing alarms; 503 when something is down")
def health(desk: AtDesk) -> JSONResponse:
    """Ask the database and the chain one cheap question each; alarms are ``null`` when nobody can tell."""
    database, chain = _database(desk), _chain(desk)
    down = "error" in database or "error" in chain
    alarms = database.pop("alarms", None)
    body = {"status": "down" if down else "ok", "database": database, "chain": chain, "alarms": alarms}
    return JSONResponse(body, status_code=503 if down else 200)


def _database(desk: Desk) -> dict[str, object]:
    try:
        with desk.office.work() as work:
            unfinished = work.checkpoints.unfinished()
            alarms = work.alarms.all()
    except ContractsChainError as problem:
        return {"error": problem.code}
    codes = sorted({alarm.code for alarm in alarms})
    return {"unfinished_checkpoints": len(unfinished), "alarms": codes}


def _chain(desk: Desk) -> dict[str, object]:
    try:
        head = desk.office.chain.latest_block()
    except ContractsChainError as problem:
        return {"error": problem.code}
    return {"head_block": head.number, "head_hash": head.hash.hex0x()}
