"""``ready_to_energise`` over HTTP: one question, one answer, and the facts that lead to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Path

from api.routes.desk import AtDesk, OnDuty, RawBody
from api.routes.drafts import body_as
from api.staff import Duty, Person
from contracts_chain.agreements.readiness import OrderFactKind
from contracts_chain.agreements.terms_json import TermsUnreadableError
from contracts_chain.agreements.typed_json import Problem
from contracts_chain.workflows.readiness import Readiness, readiness, record_fact
from kernel.clock import utc_text
from kernel.sized_bytes import Bytes32

__all__ = ["digest_of", "readiness_json", "router"]

router = APIRouter(prefix="/api/v1/orders")

OrderNo = Annotated[str, Path(pattern=r"^[\w.()（）\-]{1,64}$")]
_RECORDS = (Duty.DRAFTER, Duty.SUPPLIER_DESK)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFact:
    """Body of a fact: its kind, the number of its paper, the digest of its file if there is one."""

    kind: OrderFactKind
    reference: str
    document_sha256: str | None = None


@router.get("/{order_no}/readiness", summary="May this order be energised, and what is missing (any staff)")
def get_readiness(
    desk: AtDesk, person: Annotated[Person, Depends(OnDuty(*Duty))], order_no: OrderNo
) -> dict[str, object]:
    """Asked of the store anew each time; the event ``ready_to_energise`` goes out once."""
    del person
    return readiness_json(readiness(desk.office, order_no))


@router.post("/{order_no}/facts", status_code=201, summary="Record a fact (duty: drafter, supplier-desk)")
def post_fact(
    desk: AtDesk,
    person: Annotated[Person, Depends(OnDuty(*_RECORDS))],
    order_no: OrderNo,
    body: RawBody,
) -> dict[str, object]:
    """A newer paper of the same kind takes the place of the older one; answers with the readiness."""
    sent = body_as(SentFact, body)
    digest = None if sent.document_sha256 is None else digest_of(sent.document_sha256, "document_sha256")
    made = record_fact(
        desk.office, order_no, sent.kind, reference=sent.reference, document_sha256=digest, by=person.id
    )
    return readiness_json(made)


def digest_of(text: str, path: str) -> Bytes32:
    """A SHA-256 as people send it: 64 hex digits.

    Raises:
        TermsUnreadableError: Anything else; names the field.
    """
    try:
        return Bytes32.from_hex(text)
    except ValueError as problem:
        fault = Problem(
            path=path,
            code="word",
            en=f"{path}: write 64 hexadecimal digits",
            zh=f"{path} 应为 64 位十六进制字符",
        )
        raise TermsUnreadableError((fault,)) from problem


def readiness_json(answer: Readiness) -> dict[str, object]:
    """The answer, with what each missing thing needs."""
    return {
        "order_no": answer.order_no,
        "ready": answer.ready,
        "as_of": utc_text(answer.as_of),
        "announced_utc": None if answer.announced_utc is None else utc_text(answer.announced_utc),
        "missing": [
            {
                "code": one.code,
                "subject": one.subject,
                "zh": one.zh,
                "en": one.en,
                "to_do_zh": one.to_do_zh,
                "to_do_en": one.to_do_en,
            }
            for one in answer.missing
        ],
    }
