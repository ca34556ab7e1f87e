"""Attaches papers to an agreement as evidence: chat transcripts, inspection reports, approvals (C6, I9, I10).

Each is a blob under its digest, a line on the trail and a leaf that names both, so that none can be
added, changed or dropped unseen, before or after the contract is formed. The same bytes attached
again change nothing. Kind and size are judged by content; what a paper proves is for its reader.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from contracts_chain.agreements.terms.codes import Coded
from contracts_chain.evidence.record import RecordKind
from contracts_chain.evidence.trail import TrailEventKind, final_hash
from contracts_chain.workflows.annexes import EXTENSIONS, AnnexKindError, AnnexTooLargeError, keep_annex
from contracts_chain.workflows.chronicle import append_record, note_event
from contracts_chain.workflows.identity_files import AttachmentFile
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from contracts_chain.workflows.withdraw import hold_with_links
from kernel.canonical_json import JsonObject
from kernel.digests import digests_of
from kernel.errors import RejectedError
from kernel.sized_bytes import Bytes32

__all__ = [
    "ATTACHMENT_EXTENSIONS",
    "GREATEST_TEXT",
    "AttachmentKind",
    "AttachmentRefusedError",
    "AttachmentUnknownError",
    "attach_evidence",
    "attachments_of",
    "read_attachment",
]

GREATEST_TEXT: Final = 2_000_000
"""Bytes of a transcript as plain text."""
_LONGEST_DESCRIPTION: Final = 200
_TEXT: Final = "text/plain"
ATTACHMENT_EXTENSIONS: Final = {**EXTENSIONS, _TEXT: "txt"}


class AttachmentKind(Coded):
    """What is attached."""

    CHAT = ("chat", "聊天记录")
    INSPECTION = ("inspection", "检验检查报告")
    APPROVAL = ("approval", "审批文件")
    OTHER = ("other", "其他材料")

    @property
    def en(self) -> str:
        """The words on English screens."""
        return {
            AttachmentKind.CHAT: "Chat transcript",
            AttachmentKind.INSPECTION: "Inspection report",
            AttachmentKind.APPROVAL: "Approval",
            AttachmentKind.OTHER: "Other paper",
        }[self]


class AttachmentRefusedError(RejectedError):
    """The file or its description cannot be taken."""

    code = "attachment_refused"

    def __init__(self, en: str, zh: str) -> None:
        """Say what to change."""
        super().__init__(en, zh)


class AttachmentUnknownError(RejectedError):
    """Nothing of this digest is attached to the agreement."""

    code = "attachment_unknown"

    def __init__(self, number: str) -> None:
        """Name the agreement."""
        super().__init__(
            f"no such paper is attached to {number}; choose one of its list",
            f"合同 {number} 没有附入这份材料；请从列表中选择",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    sha256: Bytes32
    media_type: str


def attach_evidence(
    office: Office, number: str, content: bytes, *, kind: AttachmentKind, description: str, by: str
) -> AttachmentFile:
    """Attach a paper; the same bytes again give what stands.

    Args:
        office: Where blobs, records and time come from.
        number: The agreement, in any state.
        content: PDF, PNG or JPEG up to 20 MB, or plain UTF-8 text up to 2 MB.
        kind: What it is.
        description: In a few words, up to 200 characters; printed on reports.
        by: Account of the staff.

    Raises:
        UnknownNumberError: No such agreement.
        AttachmentRefusedError: Empty, of another kind, too large, or not described.
    """
    words = description.strip()
    if not words or len(words) > _LONGEST_DESCRIPTION or not words.isprintable():
        raise AttachmentRefusedError(
            f"describe the paper in 1 to {_LONGEST_DESCRIPTION} characters on one line",
            f"请用 1 至 {_LONGEST_DESCRIPTION} 个字说明材料内容，不要换行",
        )
    with office.work() as work:
        work.agreements.load(number)
    kept = _kept(office, content, by)
    with office.work() as work:
        hold_with_links(work, number)
        standing = work.attachments.find(number, kept.sha256)
        if standing is not None:
            return standing
        attached = AttachmentFile(
            number=number,
            sha256=kept.sha256,
            kind=str(kind.value),
            description=words,
            media_type=kept.media_type,
            length=len(content),
            attached_by=by,
            attached_utc=office.clock.now().replace(microsecond=0),
        )
        _record(work, attached, content)
        work.commit()
    return attached


def _record(work: UnitOfWork, attached: AttachmentFile, content: bytes) -> None:
    """Row, trail line and leaf, in the caller's transaction.

    The leaf names the line, so that none can be cut off after the contract is formed.
    """
    number, at, by = attached.number, attached.attached_utc, attached.attached_by
    details: JsonObject = {
        "description": attached.description,
        "kind": attached.kind,
        "media_type": attached.media_type,
        "sha256": attached.sha256.hex(),
    }
    trail = note_event(work, number, TrailEventKind.ATTACHED, at=at, actor=by, details=details)
    append_record(
        work,
        RecordKind.EVIDENCE_ATTACHED,
        subject=number,
        document=digests_of(content),
        at=at,
        actor=by,
        details={**details, "trail": final_hash(trail).hex()},
    )
    work.attachments.add(attached)


def attachments_of(office: Office, number: str) -> tuple[AttachmentFile, ...]:
    """All of an agreement, oldest first.

    Raises:
        UnknownNumberError: No such agreement.
    """
    with office.work() as work:
        work.agreements.load(number)
        return tuple(work.attachments.of_agreement(number))


def read_attachment(office: Office, number: str, sha256: Bytes32) -> tuple[AttachmentFile, bytes]:
    """One attached paper and its bytes, hashed again.

    Raises:
        UnknownNumberError: No such agreement.
        AttachmentUnknownError: It is not attached to this agreement.
        BlobCorruptError: The stored bytes have another digest.
        BlobMissingError: The bytes are gone.
    """
    with office.work() as work:
        work.agreements.load(number)
        found = work.attachments.find(number, sha256)
    if found is None:
        raise AttachmentUnknownError(number)
    return found, office.blobs.get(sha256)


def _kept(office: Office, content: bytes, by: str) -> _Kept:
    """Store the bytes under their digest, as a transcript or as a paper."""
    if _is_text(content):
        return _Kept(sha256=office.blobs.put(content), media_type=_TEXT)
    try:
        paper = keep_annex(office, content, by=by)
    except (AnnexKindError, AnnexTooLargeError) as problem:
        raise AttachmentRefusedError(
            "attach a whole PDF, PNG or JPEG of at most 20 MB, or UTF-8 text of at most 2 MB",
            "请附入完整的 PDF、PNG、JPEG（不超过 20 MB），或 UTF-8 文本（不超过 2 MB）",
        ) from problem
    return _Kept(sha256=paper.sha256, media_type=paper.media_type)


def _is_text(content: bytes) -> bool:
    """UTF-8 with nothing but printable characters, tabs and line ends, and not empty; no PDF."""
    if not 0 < len(content) <= GREATEST_TEXT or content.startswith(b"%PDF-"):
        return False
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return all(sign.isprintable() or sign in "\t\r\n\u3000" for sign in text) and bool(text.strip())
