"""Pages of a group's CSV: 上传 → 对列 → 预览 → 确认; duty: drafter (WEB §2 /imports/{id}).

Nothing is imported before every row is right. All of it works without script; the small
script only lets a file be dropped and the progress of a set move by itself.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Annotated, Final

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from api.csv_sheet import csv_file
from api.routes.desk import AtDesk, Desk, OnDuty
from api.routes.pages import PageRoute, page
from api.staff import Duty, Person
from contracts_chain.agreements.group_columns import IGNORED, columns_for
from contracts_chain.agreements.group_csv import GREATEST_BYTES, MOST_ROWS, CsvEncoding
from contracts_chain.workflows.group_import import (
    check_file,
    choose_columns,
    column_problems,
    confirm,
    open_group,
    receive_file,
    the_account,
    the_import,
)
from contracts_chain.workflows.group_ports import ImportFile

__all__ = ["router"]

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_SCRIPT: Final = (files("api") / "static" / "group.js").read_bytes()
_SHOWN: Final = 50
_DELIMITERS: Final = {",": "逗号", ";": "分号", "\t": "制表符"}
_GREATEST_DEFAULTS: Final = 1_000_000
_ERROR_HEAD: Final = ("行", "户号", "列", "规则", "级别", "说明", "Message")

Drafter = Annotated[Person, Depends(OnDuty(Duty.DRAFTER))]


@router.get("/static/group.js")
def script() -> Response:
    """Dropping a file, and progress that moves by itself."""
    return Response(_SCRIPT, media_type="text/javascript", headers={"Cache-Control": "public, max-age=86400"})


@router.get("/imports")
def start(request: Request, desk: AtDesk, person: Drafter, group: str = "") -> Response:
    """Open a group, or upload a file for one."""
    del person
    with desk.office.work() as work:
        accounts, sets = work.groups.accounts(), work.groups.sets()
    return page(
        request,
        "import_start.html",
        accounts=accounts,
        chosen=group,
        sets=sets[:_SHOWN],
        limit_mb=GREATEST_BYTES // 1_000_000,
        most_rows=MOST_ROWS,
    )


@router.post("/imports/groups")
def post_group(
    desk: AtDesk,
    person: Drafter,
    group_no: Annotated[str, Form()],
    name: Annotated[str, Form()],
    defaults: Annotated[UploadFile, File()],
) -> Response:
    """Open a group account with its common terms."""
    content = defaults.file.read(_GREATEST_DEFAULTS)
    account = open_group(desk.office, group_no.strip(), name.strip(), content, by=person.id)
    return RedirectResponse(f"/imports?group={account.group_no}", status_code=303)


@router.post("/imports")
def post_file(
    desk: AtDesk, person: Drafter, group_no: Annotated[str, Form()], file: Annotated[UploadFile, File()]
) -> Response:
    """Take a CSV in."""
    received = receive_file(desk.office, group_no, file.filename or "", file.file, by=person.id)
    return RedirectResponse(f"/imports/{received.id}", status_code=303)


@router.get("/imports/sheet.csv")
def blank_sheet(desk: AtDesk, person: Drafter, group: str) -> Response:
    """A sheet with the columns of the group's class and nothing below them."""
    del person
    columns = columns_for(the_account(desk.office, group).agreement_class.terms)
    return csv_file(f"{group}.csv", [column.zh for column in columns], [])


@router.get("/imports/{import_id}")
def show(
    request: Request, desk: AtDesk, person: Drafter, import_id: str, step: str = "", at: int = 0
) -> Response:
    """The step the file is at; ``step=columns`` goes back to the columns."""
    del person
    file = the_import(desk.office, import_id)
    if file.set_id is not None:
        return RedirectResponse(f"/sets/{file.set_id}", status_code=303)
    if file.state == "uploaded" or step == "columns":
        return _columns_page(request, desk, file)
    return _preview_page(request, desk, file, max(at, 0))


@router.post("/imports/{import_id}/columns")
def post_columns(
    request: Request,
    desk: AtDesk,
    person: Drafter,
    import_id: str,
    column: Annotated[list[str], Form()],
) -> Response:
    """Keep the choice, one value a header in the order of the file; if complete, look at every row."""
    del person
    file = choose_columns(desk.office, import_id, [each or None for each in column])
    if column_problems(desk.office, import_id):
        return _columns_page(request, desk, file, status=422)
    check_file(desk.office, import_id)
    return RedirectResponse(f"/imports/{import_id}", status_code=303)


@router.get("/imports/{import_id}/findings.csv")
def findings_csv(desk: AtDesk, person: Drafter, import_id: str) -> Response:
    """Every finding: row, 户号, column, rule, gravity, message."""
    del person
    file = the_import(desk.office, import_id)
    with desk.office.work() as work:
        found = work.groups.findings(import_id)
    grave = {"E": "错误", "W": "提醒", "I": "提示"}
    rows = [(f.row, f.cust_no, f.column, f.rule, grave[f.severity], f.zh, f.en) for f in found]
    return csv_file(f"findings-{file.id}.csv", _ERROR_HEAD, rows)


@router.post("/imports/{import_id}/confirm")
def post_confirm(desk: AtDesk, person: Drafter, import_id: str) -> Response:
    """Make the set; drafting begins at once."""
    made = confirm(desk.office, import_id, by=person.id)
    return RedirectResponse(f"/sets/{made.id}", status_code=303)


def _columns_page(request: Request, desk: Desk, file: ImportFile, *, status: int = 200) -> Response:
    account = the_account(desk.office, file.group_no)
    problems = column_problems(desk.office, file.id)
    return page(
        request,
        "import_columns.html",
        status=status,
        file=file,
        account=account,
        columns=columns_for(account.agreement_class.terms),
        ignored=IGNORED,
        problems=problems,
        told=status != 200,
        encoding=next(each.zh for each in CsvEncoding if each.value == file.encoding),
        delimiter=_DELIMITERS[file.delimiter],
    )


def _preview_page(request: Request, desk: Desk, file: ImportFile, at: int) -> Response:
    with desk.office.work() as work:
        found = work.groups.findings(file.id, offset=at, limit=_SHOWN + 1)
        counts = work.groups.finding_counts(file.id)
    return page(
        request,
        "import_preview.html",
        file=file,
        account=the_account(desk.office, file.group_no),
        found=found[:_SHOWN],
        counts=counts,
        total=sum(one.count for one in counts),
        errors=sum(one.count for one in counts if one.severity == "E"),
        at=at,
        before=max(at - _SHOWN, 0) if at else None,
        after=at + _SHOWN if len(found) > _SHOWN else None,
    )
