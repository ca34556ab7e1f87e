"""Turn a finding of the signing room into the error of a step, and slots out of a record.

A finding that is not proven always raises: refuted first, then undecided.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import assert_never

from contracts_chain.evidence.evidence_json import Evidence, EvidenceSlot
from contracts_chain.evidence.findings_error import (
    EvidenceMismatchError,
    SignatureRefutedError,
    SignatureUndecidedError,
)
from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.evidence.strict_fields import Fields
from kernel.canonical_json import JsonValue
from kernel.verdict import Verdict

__all__ = ["Judged", "agreed_slots", "offer_slots", "signing_records", "verify_all", "verify_word"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One answer about one signature."""

    name: str
    verdict: Verdict
    code: str


def verify_all(judged: Iterable[Judged], en: str, zh: str) -> None:
    """Return only if every answer is proven; the gravest decides.

    Raises:
        SignatureRefutedError: One is refuted.
        SignatureUndecidedError: One is undecided or unreadable.
    """
    gravest = [Verdict.REFUTED, Verdict.UNREADABLE, Verdict.UNDECIDED]
    wrong = sorted(
        (answer for answer in judged if answer.verdict is not Verdict.PROVEN),
        key=lambda answer: gravest.index(answer.verdict),
    )
    for answer in wrong:
        if answer.code in _REASONS:
            _raise_reason(answer)
        verify_word(answer.verdict, answer.code, f"{answer.name}: {en}", f"{answer.name}：{zh}")


_REASONS = {
    "weak_algorithm": (
        "its algorithm is broken (SHA-1, MD5 or a short key); ask for a file signed with SHA-256",
        "所用算法已不安全（SHA-1、MD5 或密钥过短），不能证明内容未改；请索取以 SHA-256 签名的文件",
    ),
    "signature_not_der": (
        "its encoding is not the one of ISO 32000-2, and programs differ on it; ask for a file signed anew",
        "签名编码不符合 PDF 标准（ISO 32000-2），各家软件判断不一，尚不能判定；请索取重新签署的文件",
    ),
    "content_inside": (
        "it carries content beside the PDF, which ISO 32000-2 forbids; ask for a file signed anew",
        "签名内夹带了 PDF 以外的内容，不符合 PDF 标准（ISO 32000-2），尚不能判定；请索取重新签署的文件",
    ),
    "no_timestamp": (
        "no timestamp covers the signature, so its time is not proven; ask the signer when it was made",
        "签名未加盖时间戳，签署时间尚不能判定；请向签署人核实签署时间",
    ),
}
"""What is wrong and what to do next, where the code alone would tell a citizen nothing."""


def _raise_reason(answer: Judged) -> None:
    en, zh = _REASONS[answer.code]
    sentences = f"{answer.name}: {en}", f"{answer.name}：{zh}"
    if answer.verdict is Verdict.REFUTED:
        raise SignatureRefutedError(answer.code, *sentences)
    raise SignatureUndecidedError(answer.code, *sentences)


def verify_word(verdict: Verdict, code: str, en: str, zh: str) -> None:
    """Return only on ``PROVEN``.

    Raises:
        SignatureRefutedError: Refuted.
        SignatureUndecidedError: Undecided or unreadable.
    """
    match verdict:
        case Verdict.PROVEN:
            return
        case Verdict.REFUTED:
            raise SignatureRefutedError(code, f"{en} ({code})", f"{zh}（{code}）")
        case Verdict.UNDECIDED | Verdict.UNREADABLE:
            raise SignatureUndecidedError(
                code,
                f"{en} cannot be judged ({code}); supply what is missing and verify again",
                f"{zh}：尚不能判定（{code}）；请补充资料后重新核验",
            )
        case _:
            assert_never(verdict)


def offer_slots(evidence: Evidence) -> tuple[JsonValue, ...]:
    """``details.slots`` of the offer record: who was to sign where, as anchored before anyone signed.

    Raises:
        MalformedEvidenceError: No offer record, or none with slots.
    """
    offer = evidence.record_of(RecordKind.AGREEMENT_OFFERED)
    return tuple(Fields(offer.details, "agreement.offered.details").members("slots"))


def agreed_slots(evidence: Evidence) -> tuple[EvidenceSlot, ...]:
    """The slots of evidence.json, proven equal to those of the offer record.

    Raises:
        EvidenceMismatchError: They differ, or there are none.
    """
    offered = list(offer_slots(evidence))
    claimed = [slot.identity_json() for slot in evidence.slots]
    if offered != claimed or not claimed:
        raise EvidenceMismatchError(
            "the signature slots are not those of the offer",
            "签名位与要约记录不一致",
            expected=offered,
            actual=claimed,
        )
    return evidence.slots


def signing_records(evidence: Evidence) -> dict[str, Record]:
    """The signed or sealed record of each field, by ``details.field``.

    Raises:
        MalformedEvidenceError: A record names no field.
        EvidenceMismatchError: Two records name the same.
    """
    found: dict[str, Record] = {}
    for logged in evidence.records:
        if logged.record.kind in {RecordKind.AGREEMENT_SIGNED, RecordKind.AGREEMENT_SEALED}:
            field = Fields(logged.record.details, f"{logged.record.kind.value}.details").text("field")
            if field in found:
                raise EvidenceMismatchError(f"{field} was recorded twice", f"{field} 被重复记录")
            found[field] = logged.record
    return found
