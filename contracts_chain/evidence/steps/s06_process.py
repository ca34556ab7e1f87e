"""Step 6: the trail is unbroken, is the recorded one, and shows a whole ceremony.

电子签名法 art. 13(2) and 合同编通则解释 art. 10: control and consent are shown by events,
not by a tick. Records must also form one chain on their own. Lines after the execution are
changes of status; the newest status record names the last of them, so none can be added unseen.
"""

from __future__ import annotations

from contracts_chain.evidence.evidence_json import Evidence
from contracts_chain.evidence.examination import Examination, proven
from contracts_chain.evidence.findings_error import ProcessError
from contracts_chain.evidence.reading_plan import ReadingPlan
from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.evidence.steps.ceremony_check import CeremonyDue, verify_person
from contracts_chain.evidence.steps.judged import agreed_slots
from contracts_chain.evidence.strict_fields import Fields
from contracts_chain.evidence.trail import Trail, TrailEvent, TrailEventKind, final_hash
from kernel.sized_bytes import Bytes32
from kernel.verdict import Check
from signing.model import SoleControl

__all__ = ["check", "verify_record_chain"]

_OFFER = (TrailEventKind.APPROVED, TrailEventKind.OFFERED)
_NAMES_TRAIL = (
    RecordKind.AGREEMENT_EXECUTED,
    RecordKind.AGREEMENT_STATUS,
    RecordKind.EVIDENCE_ATTACHED,
    RecordKind.TIMESTAMP_ADDED,
)


def check(examination: Examination) -> Check:
    """Judge records, trail and ceremony.

    Raises:
        BrokenTrailError: The trail's own chain breaks.
        ProcessError: It is not the recorded trail, or an event is missing or out of order.
    """
    examination.agreement()
    evidence = examination.evidence.need(0)
    verify_record_chain(evidence)
    trail = examination.trail.get()
    ceremony = _verify_recorded(trail, evidence)
    lower_en, lower_zh = _lower_levels(_verify_ceremonies(examination, ceremony, evidence))
    return proven(
        6,
        f"The trail of {len(trail)} events is unbroken and complete{lower_en}.",
        f"过程记录 {len(trail)} 条，连续且完整{lower_zh}。",
    )


def _lower_levels(released: dict[str, SoleControl]) -> tuple[str, str]:
    """Wills released at the lower level whose certificates do not say so (step 3 tells the others)."""
    named = [(field, level) for field, level in released.items() if level.is_lower]
    if not named:
        return "", ""
    en = ", ".join(f"{field} by {level.value.replace('_', ' ')}" for field, level in named)
    zh = "、".join(f"{field}：{level.zh}" for field, level in named)
    return (
        f"; sole control at the lower level by the release, the certificate names none: {en}",
        f"；证书未载明、据签署授权属较低等级的有：{zh}",
    )


def _verify_recorded(trail: Trail, evidence: Evidence) -> Trail:
    """Return the lines up to execution; records name their last line and the trail's last line."""
    executed = _trail_of(evidence.record_of(RecordKind.AGREEMENT_EXECUTED))
    named = [_trail_of(logged.record) for logged in evidence.records if logged.record.kind in _NAMES_TRAIL]
    if final_hash(trail) != named[-1]:
        raise ProcessError(
            "the trail is not the one the newest record names",
            "过程记录并非最新存证记录所载者",
            expected=named[-1].hex(),
            actual=final_hash(trail).hex(),
        )
    reached = [event.hash() for event in trail]
    if any(digest not in reached for digest in named):
        raise ProcessError("the trail lacks a line that a record names", "过程记录缺少存证记录所载的一条")
    return trail[: reached.index(executed) + 1]


def _trail_of(record: Record) -> Bytes32:
    return Fields(record.details, f"{record.kind.value}.details").sized("trail", Bytes32)


def verify_record_chain(evidence: Evidence) -> None:
    """Prove that the records follow each other without a gap.

    Raises:
        ProcessError: A link, the subject or the order in the log does not hold.
    """
    last = None
    for logged in evidence.records:
        record = logged.record
        linked = record.previous == (None if last is None else last.record.leaf())
        later = last is None or last.index < logged.index
        if not linked or not later or record.subject != evidence.number:
            raise ProcessError(
                f"the {record.kind.value} record does not follow the one before it",
                f"存证记录（{record.kind.value}）未与上一条衔接",
            )
        last = logged


def _verify_ceremonies(examination: Examination, trail: Trail, evidence: Evidence) -> dict[str, SoleControl]:
    """Return the released level of each person's field whose certificate names none."""
    revised = [event.seq for event in trail if event.event is TrailEventKind.REVISED]
    offered = _in_order(trail, _OFFER, None, revised[-1] + 1 if revised else 0)
    offer = evidence.record_of(RecordKind.AGREEMENT_OFFERED)
    due = CeremonyDue(
        number=evidence.number,
        document_sha256=offer.document.sha256,
        plan=ReadingPlan.of_offer(offer.details, "agreement.offered.details"),
        activation_keys=examination.trust.activation_keys,
        skew=examination.trust.skew,
    )
    signers = {one.field: one.signer for one in examination.findings.need(2).signatures}
    released: dict[str, SoleControl] = {}
    for slot in agreed_slots(evidence):
        if slot.kind == "person":
            signer = signers.get(slot.field)
            level = verify_person(trail, offered, slot, signer, due)
            if signer is not None and signer.sole_control is None:
                released[slot.field] = level
        else:
            _in_order(trail, (TrailEventKind.SEALED,), ("field", slot.field), offered)
    return released


def _in_order(
    trail: Trail, kinds: tuple[TrailEventKind, ...], about: tuple[str, str] | None, start: int
) -> int:
    """Find the kinds one after the other from ``start``; return the position after the last."""
    at = start
    for kind in kinds:
        position = next(
            (event.seq for event in trail[at:] if event.event is kind and _is_about(event, about)), None
        )
        if position is None:
            whom = "" if about is None else f" for {about[1]}"
            raise ProcessError(
                f"the trail shows no '{kind.value}'{whom} where one is due",
                f"过程记录缺少“{kind.value}”{whom}",
                expected=kind.value,
            )
        at = position + 1
    return at


def _is_about(event: TrailEvent, about: tuple[str, str] | None) -> bool:
    return about is None or event.details.get(about[0]) == about[1]
