"""Seals, requests and ledger lines as machines read them, and the words of their pages."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import date
from typing import Final

from api.staff import Duty, Person
from contracts_chain.agreements.seals.imported import ImportedSeal
from contracts_chain.agreements.seals.life import (
    SealDeed,
    SealPartError,
    allowed_seal_deeds,
    verify_seal_part,
)
from contracts_chain.agreements.seals.seal import Seal
from contracts_chain.agreements.seals.use import UseRequest
from contracts_chain.agreements.terms.codes import AgreementKind
from contracts_chain.evidence.trail import TrailEvent
from contracts_chain.workflows.seal_ports import LedgerLine
from kernel.clock import beijing_text, utc_text
from kernel.digests import sha256

__all__ = [
    "SealDeedForm",
    "classes_zh",
    "day_words",
    "deed_forms",
    "imported_json",
    "ledger_json",
    "life_line",
    "request_json",
    "request_pem",
    "seal_json",
]

DEED_EN: Final = {
    SealDeed.APPROVE: "Approve",
    SealDeed.REFUSE: "Refuse",
    SealDeed.MAKE: "Make",
    SealDeed.FILE: "File",
    SealDeed.BEGIN_USE: "Put in use",
    SealDeed.SUSPEND: "Suspend",
    SealDeed.RESUME: "Resume",
    SealDeed.DESTROY: "Destroy",
}
_APPLY: Final = ("申请", "Applied for")
_REASONED: Final = frozenset({SealDeed.REFUSE, SealDeed.SUSPEND, SealDeed.RESUME, SealDeed.DESTROY})
_HINTS: Final = {
    SealDeed.MAKE: (
        "不填证书时，由测试 CA 为其密钥签发测试（TEST）证书。",
        "Without a certificate the TEST CA certifies its key.",
    ),
    SealDeed.SUSPEND: ("立即停用；恢复须由审核岗批准。", "At once; only the reviewer revives it."),
    SealDeed.DESTROY: ("注销后不能恢复，密钥同时销毁。", "For good; its key is destroyed with it."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SealDeedForm:
    """One step that the caller may take now."""

    id: str
    zh: str
    en: str
    hint_zh: str
    hint_en: str
    with_reason: bool
    with_filing: bool
    with_certificate: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SealLifeLine:
    """One step of a seal's life as a page tells it."""

    zh: str
    en: str
    when: str
    by: str
    words: str


def day_words(day: date) -> str:
    """``2026年11月25日``."""
    return f"{day.year}年{day.month}月{day.day}日"


def deed_forms(seal: Seal, person: Person) -> tuple[SealDeedForm, ...]:
    """The steps that this person may take in the seal's state."""
    if person.duty not in {Duty.SEAL_CUSTODIAN, Duty.REVIEWER}:
        return ()
    return tuple(_form(deed) for deed in allowed_seal_deeds(seal.state) if _may(seal, deed, person))


def classes_zh(seal: Seal) -> str:
    """The classes of agreements it may stand on, in words."""
    words = [kind.zh for kind in AgreementKind if kind.value in seal.classes]
    return "全部合同种类" if len(words) == len(AgreementKind) else "、".join(words)


def life_line(event: TrailEvent) -> SealLifeLine:
    """One line of a seal's trail in words."""
    word = str(event.details.get("deed", ""))
    known = next((deed for deed in SealDeed if deed.value == word), None)
    zh, en = (known.zh, DEED_EN[known]) if known else _APPLY
    words = [str(event.details[key]) for key in ("reason", "filing_no") if key in event.details]
    return SealLifeLine(
        zh=zh, en=en, when=beijing_text(event.occurred_utc), by=event.actor, words="，".join(words)
    )


def seal_json(seal: Seal) -> dict[str, object]:
    """A seal; its certificate by its digest."""
    return {
        "id": seal.id,
        "owner": seal.owner,
        "owner_id": seal.owner_id,
        "name": seal.name,
        "kind": seal.kind.value,
        "holder": seal.holder,
        "state": seal.state.value,
        "custodian": seal.custodian,
        "applicant": seal.applicant,
        "approver": seal.approver,
        "classes": list(seal.classes),
        "drawing_sha256": seal.drawing_sha256.hex(),
        "certificate_sha256": sha256(seal.chain[0]).hex() if seal.chain else None,
        "valid_from": seal.valid_from.isoformat(),
        "valid_to": seal.valid_to.isoformat(),
        "filing_no": seal.filing_no,
    }


def request_pem(request: bytes) -> str:
    """A PKCS#10 request (DER) as authorities take it."""
    return ssl.DER_cert_to_PEM_cert(request).replace(" CERTIFICATE-----", " CERTIFICATE REQUEST-----")


def imported_json(seal: ImportedSeal) -> dict[str, object]:
    """A party's own seal as it was judged when it was imported."""
    return {
        "id": seal.id,
        "seal_no": seal.seal_no,
        "name": seal.name,
        "owner": seal.owner,
        "owner_id": seal.owner_id,
        "valid_from_utc": utc_text(seal.valid_from_utc),
        "valid_to_utc": utc_text(seal.valid_to_utc),
        "der_sha256": seal.der_sha256.hex(),
        "verdict": seal.verdict.value,
        "code": seal.code,
        "imported_by": seal.imported_by,
        "imported_utc": utc_text(seal.imported_utc),
    }


def request_json(request: UseRequest) -> dict[str, object]:
    """A request to use a seal."""
    return {
        "id": request.id,
        "seal_id": request.seal_id,
        "numbers": list(request.numbers),
        "reason": request.reason,
        "asked_by": request.asked_by,
        "asked_utc": utc_text(request.asked_utc),
        "state": request.state.value,
        "decided_by": request.decided_by,
        "decided_utc": utc_text(request.decided_utc) if request.decided_utc else None,
        "expires_utc": utc_text(request.expires_utc) if request.expires_utc else None,
        "quota": request.quota,
        "used": request.used,
    }


def ledger_json(line: LedgerLine) -> dict[str, object]:
    """A line of the ledger."""
    use = line.use
    return {
        "use_no": use.use_no,
        "number": use.number,
        "field": use.field,
        "request_id": use.request_id,
        "taken_utc": utc_text(use.taken_utc),
        "noted_utc": utc_text(use.noted_utc) if use.noted_utc else None,
        "document_sha256": use.document_sha256.hex() if use.document_sha256 else None,
        "certificate_sha256": use.certificate_sha256.hex() if use.certificate_sha256 else None,
        "drawing_sha256": use.drawing_sha256.hex(),
        "leaf_hash": use.leaf_hash.hex() if use.leaf_hash else None,
        "leaf_index": line.leaf_index,
    }


def _may(seal: Seal, deed: SealDeed, person: Person) -> bool:
    try:
        verify_seal_part(deed, by=person.id, applicant=seal.applicant, custodian=seal.custodian)
    except SealPartError:
        return False
    return True


def _form(deed: SealDeed) -> SealDeedForm:
    hint_zh, hint_en = _HINTS.get(deed, ("", ""))
    return SealDeedForm(
        id=deed.value,
        zh=deed.zh,
        en=DEED_EN[deed],
        hint_zh=hint_zh,
        hint_en=hint_en,
        with_reason=deed in _REASONED,
        with_filing=deed is SealDeed.FILE,
        with_certificate=deed is SealDeed.MAKE,
    )
