"""Which lines of a trail other systems are told of, and what of their details.

The trail is evidence and names persons; a process event must not. So each kind of line names the
details that go out: codes, roles, digests, days. What is not named here stays inside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.process_event_kind import ProcessEventKind
from contracts_chain.evidence.trail import TrailEventKind
from kernel.canonical_json import JsonObject

__all__ = ["KEPT_INSIDE", "Telling", "change_of", "telling_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What other systems are told of a kind of line: its kind for them, and the details that go out."""

    kind: ProcessEventKind
    details: tuple[str, ...]
    step: str = ""


_T = TrailEventKind
_K = ProcessEventKind
_TEXT: Final = (
    "document_sha256",
    "draft_version",
    "profile",
    "rule_pack",
    "template",
    "template_sha256",
)
_SEAL: Final = ("field", "role", "certificate_sha256", "sole_control", "seal_id", "use_no")
_STANDING: Final = (
    "ended",
    "follower",
    "late",
    "main",
    "notice",
    "order_no",
    "party",
    "status",
    "successor",
    "trigger",
    "until",
)
_TOLD: Final[Mapping[TrailEventKind, Telling]] = MappingProxyType(
    {
        _T.REVIEWED: Telling(kind=_K.SUBMITTED, details=("draft_version",)),
        _T.RETURNED: Telling(kind=_K.RETURNED, details=("draft_version",)),
        _T.REVISED: Telling(kind=_K.REVISED, details=_TEXT),
        _T.APPROVED: Telling(kind=_K.APPROVED, details=("document_sha256",)),
        _T.OFFERED: Telling(kind=_K.SENT, details=("document_sha256", "link_renewed_for", "set_of", "until")),
        _T.IDENTIFIED: Telling(kind=_K.IDENTIFIED, details=("ceremony", "method", "role")),
        _T.DELEGATED: Telling(
            kind=_K.TRANSFERRED, details=("ceremony", "letter_sha256", "role", "valid_from", "valid_to")
        ),
        _T.REMINDED: Telling(kind=_K.REMINDED, details=("role",)),
        _T.CODE_REFUSED: Telling(kind=_K.WILL_FAILED, details=("attempts_left", "ceremony", "role")),
        _T.WILL_CONFIRMED: Telling(
            kind=_K.WILL_PASSED, details=("ceremony", "level", "role", "statement_sha256")
        ),
        _T.SIGNED: Telling(kind=_K.SIGNED, details=_SEAL),
        _T.SEALED: Telling(kind=_K.SEALING_STEP, details=_SEAL, step="used"),
        _T.SEAL_APPROVED: Telling(
            kind=_K.SEALING_STEP, details=("field", "request", "seal_id", "use_no"), step="numbered"
        ),
        _T.TIMESTAMPED: Telling(kind=_K.TIMESTAMPED, details=("field", "purpose", "timestamp_utc")),
        _T.PAPER_CHOSEN: Telling(kind=_K.PAPER_CHOSEN, details=("ceremony", "role", "way")),
        _T.REJECTED: Telling(kind=_K.REJECTED, details=("reason", "role")),
        _T.WITHDRAWN: Telling(kind=_K.CANCELLED, details=()),
        _T.LAPSED: Telling(kind=_K.EXPIRED, details=("offer_until",)),
        _T.STATUS_CHANGED: Telling(kind=_K.STATUS_CHANGED, details=_STANDING),
    }
)
KEPT_INSIDE: Final = frozenset(
    {
        _T.DRAFTED,  # told when the row is written; this line comes with its PDF
        _T.ATTACHED,
        _T.SHOWN,  # told page by page: ``viewed`` at the first, ``read_complete`` after the last
        _T.CLAUSE_SHOWN,
        _T.CLAUSE_CONFIRMED,
        _T.MARK_CHOSEN,
        _T.QUESTION_ASKED,
        _T.QUESTION_ANSWERED,
        _T.QUESTION_CLEARED,
        _T.CONSENTED,
        _T.CODE_SENT,
    }
)
"""Steps between two that other systems wait for."""


def telling_of(event: TrailEventKind) -> Telling | None:
    """What is told of a line of this kind, or ``None`` if it stays inside."""
    return _TOLD.get(event)


def change_of(telling: Telling, details: JsonObject) -> JsonObject:
    """The details that go out."""
    told = {name: details[name] for name in telling.details if name in details}
    return told | {"step": telling.step} if telling.step else told
