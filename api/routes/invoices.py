"""Billing's API: one bill in, one e-invoice out; the key makes a repeated call harmless."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header
from fastapi.responses import Response

from api.routes.desk import AtDesk, OnDuty, RawBody
from api.staff import Duty, Person
from contracts_chain.agreements.terms_json import BillingOrder, TermsUnreadableError
from contracts_chain.agreements.typed_json import Problem, typed_from
from contracts_chain.workflows.dossier import InvoiceDossier
from contracts_chain.workflows.errors import UnknownNumberError
from contracts_chain.workflows.issue_invoice import issue_invoice
from kernel.canonical_json import parse_json
from kernel.clock import utc_text
from kernel.sized_bytes import Bytes32

__all__ = ["read_bill", "router"]

router = APIRouter(prefix="/api")

IdempotencyKey = Annotated[
    str, Header(alias="Idempotency-Key", min_length=8, max_length=128, pattern="^[!-~]+$")
]
_MEDIA = {"xml": "application/xml", "pdf": "application/pdf", "ofd": "application/ofd"}


@router.post(
    "/invoices", status_code=201, summary="Issue the invoice of one bill (duty: billing) 样张 SPECIMEN"
)
def post_invoice(
    desk: AtDesk,
    person: Annotated[Person, Depends(OnDuty(Duty.BILLING))],
    key: IdempotencyKey,
    body: RawBody,
) -> dict[str, object]:
    """Body: ``{"agreement_number": …, "billing": {…}}``; the same key gives the same invoice."""
    del person
    number, billing = read_bill(body)
    return invoice_json(issue_invoice(desk.office, number, billing, idempotency_key=key))


@router.get(
    "/invoices/{number}/{form}",
    summary="One file of an invoice: xml (the original), pdf, ofd (duty: billing)",
)
def get_invoice(
    desk: AtDesk,
    person: Annotated[Person, Depends(OnDuty(Duty.BILLING))],
    number: str,
    form: Literal["xml", "pdf", "ofd"],
) -> Response:
    """The stored bytes, re-hashed on the way out."""
    del person
    with desk.office.work() as work:
        invoice = work.invoices.find_by_number(number)
    files = {} if invoice is None else _files(invoice)
    digest = files.get(form)
    if digest is None:
        raise UnknownNumberError(number)
    disposition = {"Content-Disposition": f'attachment; filename="{number}.{form}"'}
    return Response(desk.office.blobs.get(digest), media_type=_MEDIA[form], headers=disposition)


def read_bill(content: bytes) -> tuple[str, BillingOrder]:
    """Agreement number and billing line of a request body.

    Raises:
        TermsUnreadableError: With every problem found.
    """
    problems: list[Problem] = []
    try:
        whole = parse_json(content)
    except (ValueError, RecursionError):
        whole = None
    if not isinstance(whole, dict) or set(whole) != {"agreement_number", "billing"}:
        raise TermsUnreadableError(
            (
                _problem(
                    "",
                    "write an object of agreement_number and billing",
                    "应为对象，含 agreement_number 和 billing",
                ),
            )
        )
    number = whole["agreement_number"]
    if not isinstance(number, str) or not number:
        problems.append(_problem("agreement_number", "agreement_number: write it", "请填写合同编号"))
    billing = typed_from(BillingOrder, whole["billing"], "billing", problems)
    if problems or billing is None or not isinstance(number, str):
        raise TermsUnreadableError(tuple(problems))
    return number, billing


def _problem(path: str, en: str, zh: str) -> Problem:
    return Problem(path=path, code="type", en=en, zh=zh)


def _files(invoice: InvoiceDossier) -> dict[str, Bytes32 | None]:
    return {"xml": invoice.xml_sha256, "pdf": invoice.pdf_sha256, "ofd": invoice.ofd_sha256}


def invoice_json(invoice: InvoiceDossier) -> dict[str, object]:
    """An invoice as billing's machines see it."""
    return {
        "number": invoice.number,
        "agreement_number": invoice.agreement_number,
        "issued_utc": utc_text(invoice.issued_utc) if invoice.issued_utc else None,
        "evidence_state": invoice.evidence_state.value,
        "xml_sha256": invoice.xml_sha256.hex() if invoice.xml_sha256 else None,
        "specimen": True,
    }
