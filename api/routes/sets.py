"""Pages of a set: progress, the reviewer's view, offers, links (WEB §2 /sets/{id}).

Everybody of the staff may look; the drafter pauses, goes on, tries again and cancels, the
reviewer approves what was shown or returns it, the supplier's desk offers, withdraws and hands
out links. A link is a secret: it is shown once, when it is made, and closes the one before it;
all of a set are one table, downloaded once.
"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from api.csv_sheet import csv_file
from api.routes.desk import AtDesk, Desk, OnDuty
from api.routes.pages import PageRoute, page
from api.staff import Duty, Person
from contracts_chain.workflows.group_errors import UnknownGroupError
from contracts_chain.workflows.group_halt import cancel_set, return_set, submit_again, withdraw_set
from contracts_chain.workflows.group_import import the_account
from contracts_chain.workflows.group_links import hand_out_links
from contracts_chain.workflows.group_ports import SetFile, SetRow, SetState
from contracts_chain.workflows.group_set import (
    approve_set,
    offer_set,
    pause,
    progress_of,
    resume,
    retry,
    the_set,
)
from contracts_chain.workflows.group_view import differences, sample_rows
from contracts_chain.workflows.offer import renew_link

__all__ = ["router"]

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_SHOWN: Final = 50
_WORD: Final = {
    SetState.DRAFTING: "已起草",
    SetState.APPROVING: "已审批",
    SetState.OFFERING: "已发送",
    SetState.RETURNING: "已退回",
    SetState.CANCELLING: "已办理撤回",
}
_LINK_HEAD: Final = ("名称", "户号", "合同编号", "身份", "签署链接")

Anybody = Annotated[Person, Depends(OnDuty(*Duty))]
Drafter = Annotated[Person, Depends(OnDuty(Duty.DRAFTER, Duty.SUPPLIER_DESK))]
Reviewer = Annotated[Person, Depends(OnDuty(Duty.REVIEWER))]
SupplierDesk = Annotated[Person, Depends(OnDuty(Duty.SUPPLIER_DESK))]
Reason = Annotated[str, Form(max_length=500)]


@router.get("/sets/{set_id}")
def show(request: Request, desk: AtDesk, person: Anybody, set_id: str, at: int = 0) -> Response:
    """Progress while the worker is at it; what is next when it is not."""
    return _set_page(request, desk, person, set_id, max(at, 0))


@router.get("/sets/{set_id}/progress")
def progress(desk: AtDesk, person: Anybody, set_id: str) -> JSONResponse:
    """What the page's script asks for."""
    del person
    made = the_set(desk.office, set_id)
    done, total = _done(desk, made)
    return JSONResponse(
        {"state": made.state.value, "paused": made.paused, "done": done, "total": total}
        | {"failed": progress_of(desk.office, set_id).failed}
    )


@router.get("/sets/{set_id}/digests.csv")
def digests(desk: AtDesk, person: Anybody, set_id: str) -> Response:
    """Row, number and SHA-256 of every draft: from these anybody recomputes the root."""
    del person
    the_set(desk.office, set_id)
    with desk.office.work() as work:
        rows = [(row, number, digest.hex()) for row, number, digest in work.groups.digests(set_id)]
    return csv_file(f"set-{set_id}.csv", ("行", "合同编号", "SHA-256"), rows)


@router.get("/sets/{set_id}/rows/{row}/contract.pdf")
def contract(desk: AtDesk, person: Anybody, set_id: str, row: int) -> Response:
    """The draft as it stands under the set's root."""
    del person
    found = _row(desk, set_id, row)
    if found.document_sha256 is None:
        raise UnknownGroupError(f"{set_id}/{row}")
    headers = {"Content-Disposition": f'inline; filename="{found.number}.pdf"'}
    content = desk.office.blobs.get(found.document_sha256)
    return Response(content, media_type="application/pdf", headers=headers)


@router.post("/sets/{set_id}/pause")
def post_pause(desk: AtDesk, person: Drafter, set_id: str) -> Response:
    """Rest after the portion under way."""
    del person
    pause(desk.office, set_id)
    return _back(set_id)


@router.post("/sets/{set_id}/resume")
def post_resume(desk: AtDesk, person: Drafter, set_id: str) -> Response:
    """Go on."""
    del person
    resume(desk.office, set_id)
    return _back(set_id)


@router.post("/sets/{set_id}/retry")
def post_retry(desk: AtDesk, person: Drafter, set_id: str) -> Response:
    """Try failed rows again; read revised drafts anew."""
    del person
    retry(desk.office, set_id)
    return _back(set_id)


@router.post("/sets/{set_id}/approve")
def post_approve(desk: AtDesk, person: Reviewer, set_id: str, root: Annotated[str, Form()]) -> Response:
    """Approve what was shown: the form carries its root."""
    approve_set(desk.office, set_id, reviewer=person.id, seen_root=root)
    return _back(set_id)


@router.post("/sets/{set_id}/offer")
def post_offer(desk: AtDesk, person: SupplierDesk, set_id: str) -> Response:
    """Offer every contract of the set."""
    offer_set(desk.office, set_id, by=person.id)
    return _back(set_id)


@router.post("/sets/{set_id}/return")
def post_return(desk: AtDesk, person: Reviewer, set_id: str, reason: Reason) -> Response:
    """Give the set back to its drafter; every approval is void."""
    return_set(desk.office, set_id, reviewer=person.id, reason=reason)
    return _back(set_id)


@router.post("/sets/{set_id}/submit")
def post_submit(desk: AtDesk, person: Drafter, set_id: str) -> Response:
    """Hand a returned set in again."""
    del person
    submit_again(desk.office, set_id)
    return _back(set_id)


@router.post("/sets/{set_id}/cancel")
def post_cancel(desk: AtDesk, person: Drafter, set_id: str, reason: Reason) -> Response:
    """Take back a set that is not offered."""
    cancel_set(desk.office, set_id, by=person.id, reason=reason)
    return _back(set_id)


@router.post("/sets/{set_id}/withdraw")
def post_withdraw(desk: AtDesk, person: SupplierDesk, set_id: str, reason: Reason) -> Response:
    """Withdraw what nobody has signed of an offered set."""
    withdraw_set(desk.office, set_id, by=person.id, reason=reason)
    return _back(set_id)


@router.post("/sets/{set_id}/links.csv")
def post_links(desk: AtDesk, person: SupplierDesk, set_id: str) -> Response:
    """Every link of the set as one table, once."""
    base = desk.house.settings.public_url.rstrip("/")
    links = hand_out_links(desk.office, set_id, by=person.id)
    rows = [(one.party, one.cust_no, one.number, one.role, f"{base}/s/{one.token}") for one in links]
    answer = csv_file(f"links-{set_id}.csv", _LINK_HEAD, rows)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@router.post("/sets/{set_id}/rows/{row}/links/{role}")
def post_link(
    request: Request, desk: AtDesk, person: SupplierDesk, set_id: str, row: int, role: str
) -> Response:
    """A new signing link of one party, shown once."""
    found = _row(desk, set_id, row)
    token = renew_link(desk.office, found.number or "", role, by=person.id)
    base = desk.house.settings.public_url.rstrip("/")
    return page(request, "set_link.html", set_id=set_id, row=found, role=role, link=f"{base}/s/{token}")


def _back(set_id: str) -> Response:
    return RedirectResponse(f"/sets/{set_id}", status_code=303)


def _row(desk: Desk, set_id: str, row: int) -> SetRow:
    with desk.office.work() as work:
        found = work.groups.find_row(set_id, row)
    if found is None or found.number is None:
        raise UnknownGroupError(f"{set_id}/{row}")
    return found


def _done(desk: Desk, made: SetFile) -> tuple[int, int]:
    """Rows that are through the present stage, and all."""
    counted = progress_of(desk.office, made.id)
    stage = {
        SetState.DRAFTING: counted.drafted,
        SetState.APPROVING: counted.approved,
        SetState.OFFERING: counted.offered,
        SetState.RETURNING: counted.returned,
        SetState.CANCELLING: counted.closed,
    }
    return stage.get(made.state, counted.total), counted.total


def _set_page(request: Request, desk: Desk, person: Person, set_id: str, at: int) -> Response:
    made = the_set(desk.office, set_id)
    done, total = _done(desk, made)
    reviewing = made.state is SetState.DRAFTED
    with desk.office.work() as work:
        rows = work.groups.rows(set_id, offset=at, limit=_SHOWN + 1)
        failed = work.groups.failed_rows(set_id)
    return page(
        request,
        "set.html",
        made=made,
        account=the_account(desk.office, made.group_no),
        duty=person.duty.value,
        is_drafter=person.id == made.created_by,
        done=done,
        total=total,
        word=_WORD.get(made.state, ""),
        failed=failed[:_SHOWN],
        failures=len(failed),
        rows=rows[:_SHOWN],
        before=max(at - _SHOWN, 0) if at else None,
        after=at + _SHOWN if len(rows) > _SHOWN else None,
        samples=sample_rows(desk.office, made) if reviewing else (),
        differences=differences(desk.office, made) if reviewing else (),
    )
