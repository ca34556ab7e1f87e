"""The trail of an agreement: events in order, each naming the hash of the line before it.

Decides the bytes of ``trail.jsonl`` (docs/formats/record.md) and whether a trail is unbroken.
One canonical JSON object a line; the hash of a line is SHA-256 over its bytes without the
newline. The last hash stands in the execution record, so the whole trail hangs on the chain.
Lines are never changed and never removed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from contracts_chain.evidence.strict_fields import Fields, MalformedEvidenceError, parse_object
from kernel.canonical_json import JsonObject, JsonValue, canonical_bytes
from kernel.clock import utc_text
from kernel.errors import RefutedError
from kernel.sized_bytes import Bytes32

__all__ = [
    "BrokenTrailError",
    "Trail",
    "TrailEvent",
    "TrailEventKind",
    "TrailLine",
    "append",
    "final_hash",
    "read_line",
    "read_trail",
    "verify_chain",
    "verify_trail",
    "write_trail",
]


class TrailEventKind(Enum):
    """What can happen on the way to a contract.

    ``shown``, ``consented`` and ``will_confirmed`` carry ``details.role``; ``signed`` and
    ``sealed`` carry ``details.field``. Step 6 of the recipe relies on both. ``status_changed``
    comes after execution; an ``agreement.status`` record names the hash of its line.
    """

    DRAFTED = "drafted"
    REVIEWED = "reviewed"
    RETURNED = "returned"
    REVISED = "revised"
    APPROVED = "approved"
    OFFERED = "offered"
    IDENTIFIED = "identified"
    DELEGATED = "delegated"
    REMINDED = "reminded"
    ATTACHED = "attached"
    SHOWN = "shown"
    CLAUSE_SHOWN = "clause_shown"
    CLAUSE_CONFIRMED = "clause_confirmed"
    MARK_CHOSEN = "mark_chosen"
    QUESTION_ASKED = "question_asked"
    QUESTION_ANSWERED = "question_answered"
    QUESTION_CLEARED = "question_cleared"
    CONSENTED = "consented"
    CODE_SENT = "code_sent"
    CODE_REFUSED = "code_refused"
    WILL_CONFIRMED = "will_confirmed"
    SIGNED = "signed"
    SEALED = "sealed"
    SEAL_APPROVED = "seal_approved"
    TIMESTAMPED = "timestamped"
    PAPER_CHOSEN = "paper_chosen"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    STATUS_CHANGED = "status_changed"

    @property
    def zh(self) -> str:
        """The word on reports and screens."""
        return _ZH[self]


_ZH = {
    TrailEventKind.DRAFTED: "起草",
    TrailEventKind.REVIEWED: "审核",
    TrailEventKind.RETURNED: "退回",
    TrailEventKind.REVISED: "修改",
    TrailEventKind.APPROVED: "批准",
    TrailEventKind.OFFERED: "发出要约",
    TrailEventKind.IDENTIFIED: "身份核验",
    TrailEventKind.DELEGATED: "委托他人签署",
    TrailEventKind.REMINDED: "催办",
    TrailEventKind.ATTACHED: "附入证据材料",
    TrailEventKind.SHOWN: "出示文件",
    TrailEventKind.CLAUSE_SHOWN: "出示重要条款",
    TrailEventKind.CLAUSE_CONFIRMED: "确认重要条款",
    TrailEventKind.MARK_CHOSEN: "确定签名样式",
    TrailEventKind.QUESTION_ASKED: "提问",
    TrailEventKind.QUESTION_ANSWERED: "答复",
    TrailEventKind.QUESTION_CLEARED: "确认答复清楚",
    TrailEventKind.CONSENTED: "确认签署意愿",
    TrailEventKind.CODE_SENT: "发送验证码",
    TrailEventKind.CODE_REFUSED: "验证码不符",
    TrailEventKind.WILL_CONFIRMED: "签署意愿核验通过",
    TrailEventKind.SIGNED: "签名",
    TrailEventKind.SEALED: "用印",
    TrailEventKind.SEAL_APPROVED: "批准用印",
    TrailEventKind.TIMESTAMPED: "补加时间戳",
    TrailEventKind.PAPER_CHOSEN: "改用纸质合同",
    TrailEventKind.REJECTED: "拒签",
    TrailEventKind.WITHDRAWN: "撤回",
    TrailEventKind.LAPSED: "逾期失效",
    TrailEventKind.STATUS_CHANGED: "状态变更",
}


class BrokenTrailError(RefutedError):
    """A line was removed, added, changed or moved."""

    code = "trail_broken"

    def __init__(self, line: int, reason: str) -> None:
        """Keep the 1-based line and the reason."""
        super().__init__(
            f"the trail breaks at line {line}: {reason}; do not rely on it",
            f"过程记录在第 {line} 行断裂（{reason}）；请勿采信",
        )
        self.line = line


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailEvent:
    """One line.

    Attributes:
        seq: Position from 0.
        previous: Hash of the line before, ``None`` for the first.
        event: What happened.
        occurred_utc: When, whole seconds.
        actor: Who, as an id of the service.
        details: Facts proper to the event.
    """

    seq: int
    previous: Bytes32 | None
    event: TrailEventKind
    occurred_utc: datetime
    actor: str
    details: JsonObject

    def line(self) -> bytes:
        """Canonical bytes without newline."""
        value: dict[str, JsonValue] = {
            "seq": self.seq,
            "previous": None if self.previous is None else self.previous.hex(),
            "event": self.event.value,
            "occurred_utc": utc_text(self.occurred_utc),
            "actor": self.actor,
            "details": self.details,
        }
        return canonical_bytes(value)

    def hash(self) -> Bytes32:
        """SHA-256 of the line."""
        return Bytes32(hashlib.sha256(self.line()).digest())


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailLine:
    """One line as it was read: its event, and the SHA-256 of its bytes, which are the event's own."""

    event: TrailEvent
    hash: Bytes32


Trail = tuple[TrailEvent, ...]


def append(
    trail: Sequence[TrailEvent],
    event: TrailEventKind,
    *,
    occurred_utc: datetime,
    actor: str,
    details: JsonObject,
) -> Trail:
    """The trail with one more event, chained to the last."""
    last = trail[-1] if trail else None
    added = TrailEvent(
        seq=len(trail),
        previous=None if last is None else last.hash(),
        event=event,
        occurred_utc=occurred_utc,
        actor=actor,
        details=details,
    )
    return (*trail, added)


def write_trail(trail: Sequence[TrailEvent]) -> bytes:
    """The bytes of ``trail.jsonl``: one line an event, each ended by a newline."""
    return b"".join(event.line() + b"\n" for event in trail)


def final_hash(trail: Sequence[TrailEvent]) -> Bytes32:
    """What the execution record must hold in ``details.trail``.

    Raises:
        ValueError: The trail is empty; a fault of the caller.
    """
    if not trail:
        raise ValueError("an empty trail has no final hash")
    return trail[-1].hash()


def read_trail(content: bytes) -> Trail:
    """Read ``trail.jsonl`` and prove that its chain is unbroken.

    Raises:
        MalformedEvidenceError: Not lines of canonical JSON.
        BrokenTrailError: A line does not follow from the one before.
    """
    if not content.endswith(b"\n"):
        raise MalformedEvidenceError("trail.jsonl", "the last line is not complete")
    return verify_trail(content[:-1].split(b"\n"))


def verify_trail(lines: Sequence[bytes]) -> Trail:
    """Prove that lines form one unbroken trail, and return its events.

    Raises:
        MalformedEvidenceError: A line is not a canonical event.
        BrokenTrailError: Sequence, link or time order does not hold.
    """
    return verify_chain(read_line(line, number) for number, line in enumerate(lines, start=1))


def verify_chain(lines: Iterable[TrailLine]) -> Trail:
    """Prove that lines which were read one by one follow from each other, and return their events.

    Raises:
        BrokenTrailError: Sequence, link or time order does not hold.
    """
    events: list[TrailEvent] = []
    last: TrailLine | None = None
    for number, line in enumerate(lines, start=1):
        _follows(last, line.event, number)
        events.append(line.event)
        last = line
    return tuple(events)


def _follows(last: TrailLine | None, event: TrailEvent, number: int) -> None:
    if event.seq != number - 1:
        raise BrokenTrailError(number, f"its sequence is {event.seq}, due is {number - 1}")
    if event.previous != (None if last is None else last.hash):
        raise BrokenTrailError(number, "it does not name the hash of the line before")
    if last is not None and event.occurred_utc < last.event.occurred_utc:
        raise BrokenTrailError(number, "it is older than the line before")


def read_line(line: bytes, number: int) -> TrailLine:
    """Read one line; says nothing yet about the lines beside it.

    Args:
        line: Its bytes without newline.
        number: From 1, for the message.

    Raises:
        MalformedEvidenceError: It is not a canonical event.
    """
    event = _event(line, f"trail.jsonl line {number}")
    return TrailLine(event=event, hash=Bytes32(hashlib.sha256(line).digest()))


def _event(line: bytes, place: str) -> TrailEvent:
    fields = Fields(parse_object(line, place), place)
    previous = fields.take("previous")
    word = fields.text("event")
    try:
        kind = TrailEventKind(word)
    except ValueError as problem:
        raise MalformedEvidenceError(f"{place}.event", f"{word!r} is not an event") from problem
    event = TrailEvent(
        seq=fields.natural("seq"),
        previous=None if previous is None else Fields.hex_value(previous, Bytes32, f"{place}.previous"),
        event=kind,
        occurred_utc=fields.utc("occurred_utc"),
        actor=fields.text("actor"),
        details=fields.object("details").rest(),
    )
    fields.finish()
    if event.line() != line:
        raise MalformedEvidenceError(place, "not in canonical form (RFC 8785)")
    return event
