"""Whether the trail shows a whole ceremony of one person for one field (step 6).

电子签名法 art. 13(2) and 合同编通则解释 art. 10: control, prompting and consent are shown by events of
the service with its own times, not by a tick. All events must be of the very ceremony whose will
released the signature; what had to be read, and how long, stands in the offer record, which was
logged before anybody read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts_chain.evidence.evidence_json import EvidenceSlot
from contracts_chain.evidence.findings_error import ProcessError
from contracts_chain.evidence.own_key_will import verify_own_key
from contracts_chain.evidence.reading_plan import ReadingPlan
from contracts_chain.evidence.strict_fields import Fields
from contracts_chain.evidence.trail import Trail, TrailEvent, TrailEventKind
from contracts_chain.evidence.will import ConfirmedWill, WillRefutedError, verify_release
from kernel.clock import utc_text
from kernel.errors import UndecidedError
from kernel.sized_bytes import Bytes32
from signing.model import SignerIdentity, SoleControl

__all__ = ["CeremonyDue", "WillUndecidedError", "verify_person"]


class WillUndecidedError(UndecidedError):
    """The bundle names no activation process, so nobody can say whose release this is."""

    code = "will_undecided"

    def __init__(self) -> None:
        """Say what is missing."""
        super().__init__(
            "the trust bundle names no activation process; add its key and verify again",
            "信任包未列明签署激活服务的公钥，签署意愿尚不能判定；请补充后重新核验",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CeremonyDue:
    """What a ceremony is held against.

    Attributes:
        number: The agreement.
        document_sha256: The approved bytes.
        plan: What the offer record demands of the reader.
        activation_keys: From the trust bundle.
        skew: Between the activation process's clock and the service's, from the trust bundle.
    """

    number: str
    document_sha256: Bytes32
    plan: ReadingPlan
    activation_keys: tuple[Bytes32, ...]
    skew: timedelta


def verify_person(
    trail: Trail, offered: int, slot: EvidenceSlot, signer: SignerIdentity | None, due: CeremonyDue
) -> SoleControl:
    """Prove from the trail that one person was identified, read, consented and confirmed.

    Args:
        trail: Lines up to the execution.
        offered: Position after the offer.
        slot: The person's field.
        signer: What the certificate says of the person and its sole control; ``None`` if it cannot be read.
        due: What the ceremony must show.

    Returns:
        How the person's will was released, by the proven release; a certificate of an authority
        elsewhere names no level, and none is read into it.

    Raises:
        ProcessError: An event is missing, too early, or of another ceremony or document.
        WillRefutedError: The release is forged, or of something else.
        WillUndecidedError: The bundle names no activation process.
    """
    signed = _first(trail[offered:], TrailEventKind.SIGNED, slot, ("field", slot.field))
    before = [event for event in trail[offered : signed.seq] if event.details.get("role") == slot.role]
    confirmed = _last(before, TrailEventKind.WILL_CONFIRMED, slot)
    ceremony = confirmed.details.get("ceremony")
    own = [event for event in before if event.details.get("ceremony") == ceremony]
    identified = _first(before, TrailEventKind.IDENTIFIED, slot)
    consented = _last([event for event in own if event.seq < confirmed.seq], TrailEventKind.CONSENTED, slot)
    read = [event for event in own if identified.seq < event.seq < consented.seq]
    _verify_document(_first(read, TrailEventKind.SHOWN, slot), due, slot)
    _verify_document(consented, due, slot)
    _verify_clauses(read, due.plan, slot)
    _verify_questions([event for event in before if event.seq < confirmed.seq], slot)
    will = _proven_will(confirmed, signer, due)
    _verify_will(will, confirmed, slot, signer, due)
    _verify_moment(will, consented, confirmed, due.skew)
    attested = ("attestation_sha256", will.attestation_sha256.hex())
    _first(
        [event for event in before if event.seq < confirmed.seq], TrailEventKind.IDENTIFIED, slot, attested
    )
    return will.level


def _verify_document(event: TrailEvent, due: CeremonyDue, slot: EvidenceSlot) -> None:
    shown = event.details.get("document_sha256")
    if shown != due.document_sha256.hex():
        raise ProcessError(
            f"'{event.event.value}' for {slot.role} is of another document",
            f"“{event.event.zh}”（{slot.role}）所指并非本合同文件",
            expected=due.document_sha256.hex(),
            actual=shown,
        )


def _verify_clauses(read: list[TrailEvent], plan: ReadingPlan, slot: EvidenceSlot) -> None:
    """Every clause was served and confirmed, one at a time, after the seconds that were recorded."""
    for clause in plan.clauses:
        about = ("clause_sha256", clause.sha256.hex())
        served = _first(read, TrailEventKind.CLAUSE_SHOWN, slot, about)
        later = [event for event in read if event.seq > served.seq]
        confirmed = _first(later, TrailEventKind.CLAUSE_CONFIRMED, slot, about)
        others = [
            event.occurred_utc
            for event in read
            if event.event is TrailEventKind.CLAUSE_CONFIRMED and event.seq < confirmed.seq
        ]
        begun: datetime = max([served.occurred_utc, *others])
        if confirmed.occurred_utc - begun < timedelta(seconds=clause.seconds):
            raise ProcessError(
                f"{clause.clause} stood before its reader for less than the {clause.seconds} s of the offer",
                f"重点条款“{clause.clause}”的阅读时间少于要约所载的 {clause.seconds} 秒",
                expected=clause.seconds,
                actual=int((confirmed.occurred_utc - begun).total_seconds()),
            )


def _verify_questions(before: list[TrailEvent], slot: EvidenceSlot) -> None:
    asked = _questions(before, TrailEventKind.QUESTION_ASKED)
    answered = _questions(before, TrailEventKind.QUESTION_ANSWERED)
    cleared = _questions(before, TrailEventKind.QUESTION_CLEARED)
    still = asked - (answered & cleared)
    if still:
        raise ProcessError(
            f"{len(still)} questions of {slot.role} were open when it signed",
            f"{slot.role} 签署时尚有 {len(still)} 个问题未答复或未确认清楚",
        )


def _questions(events: Iterable[TrailEvent], kind: TrailEventKind) -> set[str]:
    return {str(event.details.get("question")) for event in events if event.event is kind}


def _verify_will(
    will: ConfirmedWill,
    confirmed: TrailEvent,
    slot: EvidenceSlot,
    signer: SignerIdentity | None,
    due: CeremonyDue,
) -> None:
    level = None if signer is None else signer.sole_control
    document = will.document(due.number)
    fields = {field.field for field in document.fields}
    pairs: tuple[tuple[str, object, object], ...] = (
        ("document", due.document_sha256.hex(), document.document_sha256.hex()),
        ("role", slot.role, document.role),
        ("signer", will.signer, None if signer is None else signer.common_name),
        ("level", will.level.value, confirmed.details.get("level")),
        ("level of the certificate", will.level.value, will.level.value if level is None else level.value),
    )
    for what, expected, actual in pairs:
        if expected != actual:
            raise WillRefutedError(f"{slot.field}: another {what}, {expected} against {actual}")
    if slot.field not in fields:
        raise WillRefutedError(f"{slot.field} is not among the agreed fields")


def _verify_moment(
    will: ConfirmedWill, consented: TrailEvent, confirmed: TrailEvent, skew: timedelta
) -> None:
    """A release of an earlier ceremony is no will of this one, though document and person be the same."""
    if not consented.occurred_utc - skew <= will.released_utc <= confirmed.occurred_utc + skew:
        raise WillRefutedError(
            f"released at {utc_text(will.released_utc)}, not between consent and confirmation"
        )


def _proven_will(confirmed: TrailEvent, signer: SignerIdentity | None, due: CeremonyDue) -> ConfirmedWill:
    evidence = Fields(confirmed.details, "trail.will_confirmed").object("release").rest()
    if confirmed.details.get("level") == SoleControl.OWN_KEY.value:
        return verify_own_key(evidence, signer)
    if not due.activation_keys:
        raise WillUndecidedError
    trusted = [key for key in due.activation_keys if key.hex() == evidence.get("activation_key")]
    if not trusted:
        raise WillRefutedError("not released by an activation process of the trust bundle")
    return verify_release(evidence, trusted[0])


def _first(
    events: Iterable[TrailEvent],
    kind: TrailEventKind,
    slot: EvidenceSlot,
    about: tuple[str, str] | None = None,
) -> TrailEvent:
    for event in events:
        if event.event is kind and (about is None or event.details.get(about[0]) == about[1]):
            return event
    raise _missing(kind, slot)


def _last(events: list[TrailEvent], kind: TrailEventKind, slot: EvidenceSlot) -> TrailEvent:
    return _first(reversed(events), kind, slot)


def _missing(kind: TrailEventKind, slot: EvidenceSlot) -> ProcessError:
    return ProcessError(
        f"the trail shows no '{kind.value}' for {slot.role} where one is due",
        f"过程记录缺少“{kind.zh}”（{slot.role}）",
        expected=kind.value,
    )
