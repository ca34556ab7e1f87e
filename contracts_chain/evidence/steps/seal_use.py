"""The part of step 5 that is about a seal of the registry: approved before it was used, and this use.

The record of the sealing names the seal, the number in its ledger and the drawing; the trail names
the same three where the use was approved, before the line that says it was sealed. The ledger itself
is another subject's and not in the package: what is decided here is what this agreement's papers say.
A seal of a party that keeps its own registry carries none of this, and then nothing is due.
"""

from __future__ import annotations

from contracts_chain.evidence.findings_error import PartyMismatchError
from contracts_chain.evidence.record import Record
from contracts_chain.evidence.strict_fields import Fields
from contracts_chain.evidence.trail import Trail, TrailEvent, TrailEventKind
from kernel.canonical_json import JsonObject, JsonValue
from kernel.sized_bytes import Bytes32

__all__ = ["names_seal_use", "verify_seal_use"]

_FACTS = ("seal_id", "use_no", "drawing_sha256")


def names_seal_use(record: Record) -> bool:
    """Whether a sealing's record speaks of a registry."""
    return any(fact in record.details for fact in _FACTS)


def verify_seal_use(field: str, record: Record, trail: Trail) -> None:
    """Prove that the use of a seal was approved as it is recorded, before the seal was used.

    Args:
        field: The signature field.
        record: The ``agreement.sealed`` record of this field.
        trail: The agreement's unbroken trail.

    Raises:
        MalformedEvidenceError: The record's facts are incomplete or of another form.
        PartyMismatchError: No such approval, another seal, number or drawing, or only after the sealing.
    """
    recorded = _facts(record.details, field)
    sealed = _first(trail, TrailEventKind.SEALED, field)
    approved = _first(trail, TrailEventKind.SEAL_APPROVED, field)
    shown = None if approved is None else [approved.details.get(fact) for fact in _FACTS]
    if approved is None or shown != recorded:
        raise PartyMismatchError(
            f"{field}: the trail does not show this use of the seal approved",
            f"{field}：过程记录中没有对应的用印批准",
            expected=_told(recorded),
            actual="no approval" if shown is None else _told(shown),
        )
    if sealed is None or sealed.seq < approved.seq:
        raise PartyMismatchError(
            f"{field}: the seal was used before its use was approved", f"{field}：用印早于用印批准"
        )


def _facts(details: JsonObject, field: str) -> list[JsonValue]:
    fields = Fields(details, f"{field} record")
    drawing = fields.sized("drawing_sha256", Bytes32).hex()
    return [fields.text("seal_id"), fields.natural("use_no"), drawing]


def _first(trail: Trail, kind: TrailEventKind, field: str) -> TrailEvent | None:
    found = (event for event in trail if event.event is kind and event.details.get("field") == field)
    return next(found, None)


def _told(facts: list[JsonValue]) -> str:
    return ", ".join(map(str, facts))
