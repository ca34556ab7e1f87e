"""Step 10: not-before block ≤ signatures ≤ timestamps ≤ anchor block, in whole seconds.

Two honest clocks may differ by the bundle's skew; nothing else is forgiven. A signature whose record
says that its timestamp was pending is bounded by the record of that timestamp instead. The block named
in the offer record is the lower end only where its sealed header came along (DESIGN decision 11).
Cross-anchors are further upper ends: each place must hold a header that commits to our checkpoint, at
a time not before that header's. One the bundle cannot judge is counted as unjudged and changes nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from contracts_chain.evidence.cross_anchor import CrossAnchored, verify_cross_anchor
from contracts_chain.evidence.evidence_json import Evidence
from contracts_chain.evidence.examination import DependsOnStepError, Examination, proven
from contracts_chain.evidence.findings_error import EvidenceMismatchError, OrderError
from contracts_chain.evidence.package import AgreementContents
from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.evidence.steps.judged import signing_records
from contracts_chain.evidence.strict_fields import Fields
from contracts_chain.evidence.trust_bundle import TrustBundle
from contracts_chain.ledger.verify_anchor import verify_block_seals, verify_not_from_future
from kernel.clock import utc_text
from kernel.errors import UndecidedError
from kernel.sized_bytes import BlockHash
from kernel.verdict import Check, Verdict

__all__ = ["check"]


def check(examination: Examination) -> Check:
    """Compare every pair of neighbouring moments.

    Raises:
        OrderError: A later thing claims an earlier time.
        FutureBlockError: The anchor block is later than the moment of verification.
        RefutedError: A cross-anchor is about something else, impossible or forged.
        DependsOnStepError: A timestamp (4) or the seals (9) are not proven.
    """
    evidence, trust = examination.evidence.need(0), examination.trust
    block = examination.sealed.need(9).time_utc
    verify_not_from_future(block, at=examination.at, skew=trust.skew)
    _verify_records(evidence, block, trust.skew)
    bound = False
    if isinstance(examination.opened.need(0).contents, AgreementContents):
        first = _verify_signatures(examination, evidence, block)
        bound = _verify_lower_bound(evidence, trust, first)
    en, zh = _cross_anchored(examination, evidence)
    return proven(
        10,
        f"Signed before {utc_text(block)}"
        + (", and not before the block the draft names" if bound else "")
        + f"{en}.",
        f"签署不晚于 {utc_text(block)}" + ("，且不早于合同所载区块" if bound else "") + f"{zh}。",
    )


def _cross_anchored(examination: Examination, evidence: Evidence) -> tuple[str, str]:
    """What outside places add, in both languages; nothing where there is no cross-anchor."""
    if not evidence.cross_anchors:
        return "", ""
    checkpoint = examination.anchored.need(8)
    held: list[CrossAnchored] = []
    for one in evidence.cross_anchors:
        try:
            held.append(verify_cross_anchor(one, checkpoint, examination.trust))
        except UndecidedError:
            continue  # a place the bundle does not know is no evidence for either side
        verify_not_from_future(held[-1].time_utc, at=examination.at, skew=examination.trust.skew)
    unjudged = len(evidence.cross_anchors) - len(held)
    places = ", ".join(f"{one.place} at {utc_text(one.time_utc)}" for one in held)
    places_zh = "、".join(f"{one.place}（{utc_text(one.time_utc)}）" for one in held)
    return (
        (f"; cross-anchored: {places}" if held else "")
        + (f"; {unjudged} cross-anchors of places unknown to the bundle, not judged" if unjudged else ""),
        (f"；交叉锚定：{places_zh}" if held else "")
        + (f"；另有 {unjudged} 处交叉锚定因信任包未载其机构而未作判定" if unjudged else ""),
    )


def _verify_records(evidence: Evidence, block: datetime, skew: timedelta) -> None:
    """Records stand in the order they claim, and none is later than the block that anchors it."""
    times = [logged.record.occurred_utc for logged in evidence.records]
    for earlier, later in zip(times, [*times[1:], block], strict=True):
        _not_later("a record", earlier, "what follows it", later, skew)


def _verify_signatures(examination: Examination, evidence: Evidence, block: datetime) -> datetime:
    """Return the earliest timestamp of a signature."""
    skew = examination.trust.skew
    records = signing_records(evidence)
    stamps: list[datetime] = []
    for finding in examination.findings.need(2).signatures:
        record = records.get(finding.field)
        if finding.timestamp is not Verdict.PROVEN or finding.timestamp_utc is None or record is None:
            raise DependsOnStepError(4)
        _not_later(f"{finding.field}'s timestamp", finding.timestamp_utc, "the anchor block", block, skew)
        told = _timing_record(evidence, record)
        _not_later(
            f"{finding.field}'s timestamp", finding.timestamp_utc, "its record", told.occurred_utc, skew
        )
        stamps.append(finding.timestamp_utc)
    if not stamps:
        raise DependsOnStepError(2)
    offered = evidence.record_of(RecordKind.AGREEMENT_OFFERED).occurred_utc
    _not_later("the offer", offered, "the first signature", min(stamps), skew)
    return min(stamps)


def _timing_record(evidence: Evidence, signing: Record) -> Record:
    """The record no timestamp may be later than: of the signing, or of the upgrade it waited for.

    A signature made while no authority answered says so in its own anchored record; its time is then
    that of the first timestamp that was added afterwards.
    """
    if signing.details.get("timestamp_utc") != "":
        return signing
    records = [logged.record for logged in evidence.records]
    following = records[records.index(signing) + 1 :]
    added = (one for one in following if one.kind is RecordKind.TIMESTAMP_ADDED)
    return next(added, signing)


def _verify_lower_bound(evidence: Evidence, trust: TrustBundle, first: datetime) -> bool:
    """Tell whether a sealed block bounds the signatures from below."""
    details = evidence.record_of(RecordKind.AGREEMENT_OFFERED).details
    if evidence.not_before_header is None:
        return False
    sealed = verify_block_seals(evidence.not_before_header, trust.chain)
    named = Fields(details, "agreement.offered.details").object("not_before").text("hash")
    if named != sealed.hash.hex0x():
        raise EvidenceMismatchError(
            "the not-before header is not the block the offer names",
            "“不早于”区块头并非要约记录所载区块",
            expected=named,
            actual=BlockHash(sealed.hash).hex0x(),
        )
    _not_later("the not-before block", sealed.time_utc, "the first signature", first, trust.skew)
    return True


def _not_later(what: str, earlier: datetime, than: str, later: datetime, skew: timedelta) -> None:
    if earlier.replace(microsecond=0) > later.replace(microsecond=0) + skew:
        raise OrderError(
            f"{what} is later than {than}",
            f"时间顺序不成立（{what} 晚于 {than}）",
            expected=f"not after {utc_text(later + skew)}",
            actual=utc_text(earlier),
        )
