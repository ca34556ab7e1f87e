"""The staff's API on how a contract stands: terminate, supersede, suspend, resume."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from api.routes.desk import AtDesk, OnDuty, RawBody
from api.routes.orders import dossier_json
from api.staff import Duty, Person
from api.status_command import StatusRequestError, deed_of, stated_reason
from contracts_chain.evidence.strict_fields import Fields, MalformedEvidenceError, parse_object
from contracts_chain.workflows.status import change_status
from kernel.canonical_json import JsonObject
from kernel.clock import utc_text

__all__ = ["router"]

router = APIRouter(prefix="/api")


@router.post(
    "/agreements/{number}/status", summary="Change how a formed contract stands (duty: supplier-desk)"
)
def post_status(
    desk: AtDesk, person: Annotated[Person, Depends(OnDuty(Duty.SUPPLIER_DESK))], number: str, body: RawBody
) -> dict[str, object]:
    """Body: ``{"status": "terminated", "reason": "…"}``.

    With ``"successor": NUMBER`` for ``superseded``, and ``"notice": NUMBER`` of the notice served
    on paper where supply is suspended.
    """
    status, reason, successor, notice = _read(body)
    changed = change_status(
        desk.office,
        number,
        deed_of(status),
        reason=reason,
        by=person.id,
        successor=successor,
        notice=notice,
    )
    return dossier_json(changed)


@router.get("/agreements/{number}/status", summary="How a contract stands, here and on the chain (any staff)")
def get_status(
    desk: AtDesk, person: Annotated[Person, Depends(OnDuty(*Duty))], number: str
) -> dict[str, object]:
    """The state, and every word asked for, with how far it has come."""
    del person
    with desk.office.work() as work:
        dossier = work.agreements.load(number)
        words = work.status_changes.of_agreement(number)
    return dossier_json(dossier) | {
        "words": [
            {"status": word.status.name.lower(), "asked_utc": utc_text(word.asked_utc), "state": word.state}
            for word in words
        ]
    }


def _read(body: bytes) -> tuple[str, str, str | None, str | None]:
    try:
        whole: JsonObject = parse_object(body, "status")
        fields = Fields(whole, "status")
        status, reason = fields.text("status"), fields.text("reason")
        successor = fields.text("successor") if "successor" in whole else None
        notice = fields.text("notice") if "notice" in whole else None
        fields.finish()
    except MalformedEvidenceError as problem:
        raise StatusRequestError(
            f"{problem.problem} at {problem.place}; send status, reason and, where due, successor or notice",
            f"请求格式不符（{problem.place}）；"
            "请提供 status、reason，取代时另提供 successor，中止供电时另提供 notice",
        ) from problem
    return status, stated_reason(reason), successor, notice
