"""Pages of clerks and reviewers, without script: ``/drafts/{no}`` and ``/reviews/{no}`` (WEB.md §5).

A form that cannot be saved comes back as it was typed, with every problem at its field and in
a summary above. A draft that somebody changed meanwhile comes back with both values side by
side; nothing is lost and nobody is overwritten.
"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from api.draft_form import DraftForm, form_of
from api.posted_form import PostedForm
from api.problems import form_rule
from api.routes.desk import AtDesk, Desk, OnDuty, RawBody
from api.routes.drafts import version_pdf
from api.routes.pages import PageRoute, page
from api.staff import Duty, Person
from contracts_chain.agreements.lifecycle import Deed
from contracts_chain.agreements.rules.finding import RulesViolatedError, Severity
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.agreements.typed_json import Problem, typed_from, value_json
from contracts_chain.workflows.draft_changes import parse_path, taken
from contracts_chain.workflows.draft_errors import DraftUndrawnError, StaleDraftError
from contracts_chain.workflows.draft_ports import Remark, ReviewNote
from contracts_chain.workflows.draft_view import (
    DraftView,
    FieldFinding,
    draft_view,
    find_version,
    label_at,
)
from contracts_chain.workflows.review import approve, return_to_draft, submit_for_review
from contracts_chain.workflows.revise import revise
from kernel.canonical_json import JsonValue
from kernel.errors import RejectedError
from kernel.sized_bytes import Bytes32

__all__ = ["pages"]

pages = APIRouter(route_class=PageRoute, include_in_schema=False)

_THEIRS: Final = "theirs"
Drafter = Annotated[Person, Depends(OnDuty(Duty.DRAFTER))]
Reviewer = Annotated[Person, Depends(OnDuty(Duty.REVIEWER))]
Reader = Annotated[Person, Depends(OnDuty(Duty.DRAFTER, Duty.REVIEWER, Duty.SUPPLIER_DESK))]


@pages.get("/drafts/{number}")
def get_draft_page(request: Request, desk: AtDesk, person: Drafter, number: str, done: str = "") -> Response:
    """The form over the draft as it stands; not to be edited: the same, read-only."""
    del person
    view = draft_view(desk.office, number)
    form = form_of(type(view.terms), value_json(view.terms), (*_remarks(view), *view.findings))
    return _draft_page(request, view, form, findings=view.findings, done=done)


@pages.post("/drafts/{number}")
def post_draft_page(request: Request, desk: AtDesk, person: Drafter, number: str, body: RawBody) -> Response:
    """Save, save and submit, or add and take out an item of a list without saving."""
    posted = PostedForm(body)
    view = draft_view(desk.office, number)
    kind = type(view.terms)
    value = _with_choices(desk, view, posted, posted.terms(kind))
    if posted.text("act").startswith(("add:", "drop:")):
        return _draft_page(request, view, form_of(kind, value), findings=(), value=value)
    problems: list[Problem] = []
    terms = typed_from(kind, value, "", problems)
    if terms is None:
        found = tuple(_of_form(kind, problem) for problem in problems)
        form = form_of(kind, value, found)
        return _draft_page(request, view, form, findings=found, value=value, status=422)
    try:
        revise(desk.office, number, terms, by=person.id, base_version=posted.number("base_version"))
    except StaleDraftError as stale:
        form = form_of(kind, value)
        return _draft_page(request, view, form, findings=(), value=value, stale=stale, status=409)
    if posted.text("act") != "submit":
        return RedirectResponse(f"/drafts/{number}?done=saved", status_code=303)
    return _submitted(request, desk, number, person)


@pages.get("/drafts/{number}/{version}.pdf")
def get_draft_pdf(desk: AtDesk, person: Reader, number: str, version: int) -> Response:
    """The PDF of one version."""
    del person
    return version_pdf(desk, number, version)


@pages.get("/reviews/{number}")
def get_review_page(
    request: Request, desk: AtDesk, person: Reviewer, number: str, done: str = ""
) -> Response:
    """What a reviewer needs before passing or returning."""
    del person
    return _review_page(request, draft_view(desk.office, number), done=done)


@pages.post("/reviews/{number}/approve")
def post_approval(desk: AtDesk, person: Reviewer, number: str, body: RawBody) -> Response:
    """Pass the document whose digest the page showed."""
    seen = Bytes32.from_hex(PostedForm(body).text("seen"))
    approve(desk.office, number, reviewer=person.id, seen_sha256=seen)
    return RedirectResponse(f"/reviews/{number}?done=approved", status_code=303)


@pages.post("/reviews/{number}/return")
def post_return(request: Request, desk: AtDesk, person: Reviewer, number: str, body: RawBody) -> Response:
    """Return with the reason, and the findings that were ticked."""
    posted, view = PostedForm(body), draft_view(desk.office, number)
    ticked = {int(word) for word in posted.words("finding") if word.isdecimal()}
    remarks = [
        Remark(path=finding.path, text=finding.zh) for at, finding in enumerate(view.findings) if at in ticked
    ]
    try:
        reason = posted.text("reason")
        return_to_draft(desk.office, number, reviewer=person.id, reason=reason, remarks=remarks)
    except RejectedError as problem:
        return _review_page(request, view, problem=problem, status=422)
    return RedirectResponse(f"/reviews/{number}?done=returned", status_code=303)


def _submitted(request: Request, desk: Desk, number: str, person: Person) -> Response:
    """Hand the saved draft in, or show why it stays a draft."""
    try:
        submit_for_review(desk.office, number, by=person.id)
    except (RulesViolatedError, DraftUndrawnError):
        view = draft_view(desk.office, number)
        form = form_of(type(view.terms), value_json(view.terms), view.findings)
        return _draft_page(request, view, form, findings=view.findings, done="kept", status=422)
    return RedirectResponse(f"/drafts/{number}?done=submitted", status_code=303)


def _with_choices(desk: Desk, view: DraftView, posted: PostedForm, value: JsonValue) -> JsonValue:
    """The posted terms with theirs where the clerk chose theirs, as the page showed them."""
    chosen = [path for path, choice in posted.starting("take:") if choice == _THEIRS]
    if not chosen:
        return value
    shown = find_version(desk.office, view.dossier.number, posted.number("base_version"))
    theirs = value_json(load_terms(shown.terms))
    try:
        return taken(value, theirs, [parse_path(path) for path in chosen])
    except (KeyError, ValueError, IndexError):
        return value  # the list changed under the choice: the next comparison shows it again


def _draft_page(
    request: Request,
    view: DraftView,
    form: DraftForm,
    *,
    findings: tuple[FieldFinding, ...],
    value: JsonValue | None = None,
    stale: StaleDraftError | None = None,
    done: str = "",
    status: int = 200,
) -> Response:
    """``value`` is given when the form shows what is not saved."""
    placed = form.paths()
    counts = _counts(findings)
    return page(
        request,
        "draft.html",
        status=status,
        view=view,
        form=form,
        findings=findings,
        placed=placed,
        counts=counts,
        errors=counts["ERROR"],
        stale=stale,
        unsaved=value is not None,
        editable=Deed.REVISE in view.allowed,
        done=done,
        title=view.terms.KIND.zh,
    )


def _review_page(
    request: Request,
    view: DraftView,
    *,
    problem: RejectedError | None = None,
    done: str = "",
    status: int = 200,
) -> Response:
    seen = view.dossier.current_sha256
    return page(
        request,
        "review.html",
        status=status,
        view=view,
        counts=_counts(view.findings),
        problem=problem,
        done=done,
        seen=seen.hex() if seen else "",
        reviewable=Deed.APPROVE in view.allowed,
        title=view.terms.KIND.zh,
    )


def _counts(findings: tuple[FieldFinding, ...]) -> dict[str, int]:
    """How many findings of each gravity, by its name."""
    return {gravity.name: sum(one.severity is gravity for one in findings) for gravity in Severity}


def _remarks(view: DraftView) -> tuple[FieldFinding, ...]:
    """What the reviewer remarked on fields, shown at them like findings until the next review."""
    note: ReviewNote | None = view.returned
    if note is None:
        return ()
    return tuple(
        FieldFinding(
            rule="审核意见",
            severity=Severity.WARNING,
            path=remark.path,
            label="",
            en="",
            zh=remark.text,
        )
        for remark in note.remarks
    )


def _of_form(kind: type[object], problem: Problem) -> FieldFinding:
    """What is wrong with the form of a value, as a finding at its field."""
    label = label_at(kind, problem.path)
    own = label.rpartition(" · ")[2]
    return FieldFinding(
        rule=form_rule(problem),
        severity=Severity.ERROR,
        path=problem.path,
        label=label,
        en=problem.en.removeprefix(f"{problem.path}: "),
        zh=problem.zh.removeprefix(f"{own}："),
    )
