"""What happens between offer and signature, as events for the trail (DESIGN §4 step 3).

Decides whether a signer has been shown everything: every page of the very bytes, every
conspicuous clause one by one, every question answered, consent given to that document
(民法典 art. 496; 合同编通则解释 art. 10: a tick box alone proves nothing). Must never
sign, and never count a page of another document.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contracts_chain.agreements.signing_code import (
    SigningCode,
    code_message,
    draw_code,
    fingerprint,
    issue_code,
    redeem_code,
)
from kernel.canonical_json import JsonObject
from kernel.clock import utc_text
from kernel.errors import RejectedError
from kernel.sized_bytes import Bytes32
from pdfgen.document import Clause, Document

__all__ = [
    "CeremonyEvent",
    "CeremonyIncompleteError",
    "EventKind",
    "SigningCode",
    "code_message",
    "consent_text",
    "draw_code",
    "fingerprint",
    "issue_code",
    "key_clauses",
    "redeem_code",
    "verify_complete",
]


class EventKind(StrEnum):
    """What can happen in a ceremony; the stable words of the trail."""

    OPENED = "opened"
    IDENTIFIED = "identified"
    PAGE_SERVED = "page_served"
    CLAUSE_ACKNOWLEDGED = "clause_acknowledged"
    QUESTION_ASKED = "question_asked"
    QUESTION_ANSWERED = "question_answered"
    CONSENT_GIVEN = "consent_given"
    CODE_ISSUED = "code_issued"
    CODE_REDEEMED = "code_redeemed"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class CeremonyEvent:
    """One event of one signer's ceremony.

    Attributes:
        kind: What happened.
        at_utc: When, by the server's clock.
        document_sha256: Digest of the document it concerns.
        subject: Page number, clause number (``第三条``), question id, or how identity was
            proven; empty where the kind says it all.
        text: Words that belong to it: question, answer, consent.
    """

    kind: EventKind
    at_utc: datetime
    document_sha256: Bytes32
    subject: str = ""
    text: str = ""

    def as_json(self) -> JsonObject:
        """The form the trail keeps."""
        return {
            "kind": self.kind.value,
            "at": utc_text(self.at_utc),
            "document_sha256": self.document_sha256.hex(),
            "subject": self.subject,
            "text": self.text,
        }


class CeremonyIncompleteError(RejectedError):
    """Something was not shown, acknowledged, answered or agreed yet.

    Attributes:
        pages: Pages never served.
        clauses: Conspicuous clauses not acknowledged.
        questions: Question ids without an answer.
        steps: Missing steps: ``identified``, ``consent_given``.
    """

    code = "ceremony_incomplete"

    def __init__(
        self,
        *,
        pages: tuple[int, ...],
        clauses: tuple[str, ...],
        questions: tuple[str, ...],
        steps: tuple[str, ...],
    ) -> None:
        """Keep all that is missing."""
        super().__init__(
            f"{len(clauses)} key clauses and {len(pages)} pages left to read, {len(questions)} questions "
            f"open, steps missing: {', '.join(steps) or 'none'}; finish them before signing",
            f"还有 {len(clauses)} 条重点、{len(pages)} 页没读，{len(questions)} 个问题未答复"
            + ("，身份或者同意尚未确认" if steps else "")
            + "；完成后再签署",
        )
        self.pages = pages
        self.clauses = clauses
        self.questions = questions
        self.steps = steps


def key_clauses(document: Document) -> tuple[Clause, ...]:
    """The conspicuous clauses, each to be acknowledged on its own."""
    return tuple(block for block in document.blocks if isinstance(block, Clause) and block.conspicuous)


def consent_text(*, key_clause_count: int, evidence_article: str) -> str:
    """The words the signer agrees to (WEB.md S7).

    Args:
        key_clause_count: How many conspicuous clauses were shown.
        evidence_article: Number of the evidence clause as printed, ``第八十一条``.
    """
    return f"我已读全文和 {key_clause_count} 条重点条款，同意电子签署，按{evidence_article}存证"


def verify_complete(
    events: Iterable[CeremonyEvent], *, document_sha256: Bytes32, pages: int, clauses: Iterable[str]
) -> None:
    """Prove that the ceremony allows a signature on this document.

    Args:
        events: Events of one signer; those of other documents count for nothing.
        document_sha256: Digest of the document about to be signed.
        pages: How many pages it has; each must have been served.
        clauses: Numbers of its conspicuous clauses as printed.

    Raises:
        CeremonyIncompleteError: With everything that is missing.
    """
    own = [event for event in events if event.document_sha256 == document_sha256]
    served = _subjects(own, EventKind.PAGE_SERVED)
    acknowledged = _subjects(own, EventKind.CLAUSE_ACKNOWLEDGED)
    answered = _subjects(own, EventKind.QUESTION_ANSWERED)
    done = {event.kind for event in own}
    missing_pages = tuple(page for page in range(1, pages + 1) if str(page) not in served)
    missing_clauses = tuple(clause for clause in clauses if clause not in acknowledged)
    open_questions = tuple(sorted(_subjects(own, EventKind.QUESTION_ASKED) - answered))
    steps = tuple(kind.value for kind in (EventKind.IDENTIFIED, EventKind.CONSENT_GIVEN) if kind not in done)
    if missing_pages or missing_clauses or open_questions or steps:
        raise CeremonyIncompleteError(
            pages=missing_pages, clauses=missing_clauses, questions=open_questions, steps=steps
        )


def _subjects(events: Iterable[CeremonyEvent], kind: EventKind) -> set[str]:
    return {event.subject for event in events if event.kind is kind}
