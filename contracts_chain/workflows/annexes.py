"""Annexes as files: taken in by content, kept under their digest, found again for every agreement.

A paper's kind is judged by its bytes, never by its name, and a file cut off on its way is
refused. An agreement may name papers that are kept elsewhere: their digest is part of it all the
same. What was uploaded is never lost unnoticed: its bytes are read and hashed again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.terms import Terms
from contracts_chain.agreements.terms.commercial import Annex
from contracts_chain.workflows.annex_ports import AnnexFile
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from kernel.errors import RejectedError
from kernel.sized_bytes import Bytes32

__all__ = [
    "EXTENSIONS",
    "GREATEST_ANNEX",
    "AnnexKindError",
    "AnnexTooLargeError",
    "AnnexUnknownError",
    "AnnexesElsewhereError",
    "KeptAnnexes",
    "annexes_of",
    "keep_annex",
    "read_annex",
    "stored_annexes",
]

GREATEST_ANNEX: Final = 20_000_000
"""Bytes of one annex."""
EXTENSIONS: Final[Mapping[str, str]] = MappingProxyType(
    {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}
)
_TAIL: Final = 2_048


class AnnexKindError(RejectedError):
    """The bytes are none of the kinds that annexes may have, or not all of them arrived."""

    code = "annex_kind"

    def __init__(self) -> None:
        """Name the kinds."""
        super().__init__(
            "this is no whole PDF, PNG or JPEG file; save the paper as one of these and upload it again",
            "文件不是完整的 PDF、PNG 或者 JPEG；请另存为其中一种格式后重新上传",
        )


class AnnexTooLargeError(RejectedError):
    """More bytes than an annex may have."""

    code = "annex_too_large"

    def __init__(self) -> None:
        """Name the limit."""
        most = GREATEST_ANNEX // 1_000_000
        super().__init__(
            f"an annex has at most {most} MB; scan at a lower resolution, or divide the paper",
            f"附件不得超过 {most} MB；请降低扫描分辨率，或者分成几个文件上传",
        )


class AnnexUnknownError(RejectedError):
    """Nothing was uploaded under this digest."""

    code = "annex_unknown"

    def __init__(self, digest: Bytes32) -> None:
        """Keep the digest asked for."""
        super().__init__(
            f"no annex {digest.hex()} was uploaded; check the digest, or upload the paper",
            f"没有上传过摘要为 {digest.hex()} 的附件；请核对摘要，或者上传该文件",
        )
        self.digest = digest


class AnnexesElsewhereError(RejectedError):
    """Papers that the agreement names are not in this store; a remark, signing goes on."""

    code = "annexes_elsewhere"

    def __init__(self, kept: KeptAnnexes) -> None:
        """List both."""
        here = "、".join(_named(one) for one, _ in kept.here) or "无"
        elsewhere = "、".join(_named(one) for one in kept.elsewhere)
        super().__init__(
            f"kept elsewhere: {elsewhere} (here: {here}); upload them, or see that they are kept",
            f"另处保存的附件：{elsewhere}（本系统已存：{here}）；请上传，或者确认保管处确有原件",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnnexes:
    """Annexes of one agreement: those uploaded, and those that only their digest stands for."""

    here: tuple[tuple[Annex, AnnexFile], ...]
    elsewhere: tuple[Annex, ...]


def keep_annex(office: Office, content: bytes, *, by: str) -> AnnexFile:
    """Store a paper; the same bytes again give the same answer.

    Raises:
        AnnexTooLargeError: Over 20 MB.
        AnnexKindError: No whole PDF, PNG or JPEG.
    """
    if len(content) > GREATEST_ANNEX:
        raise AnnexTooLargeError
    media_type = _media_type(content)
    digest = office.blobs.put(content)
    with office.work() as work:
        standing = work.annexes.add(
            AnnexFile(
                sha256=digest,
                media_type=media_type,
                length=len(content),
                uploaded_by=by,
                uploaded_utc=office.clock.now().replace(microsecond=0),
            )
        )
        work.commit()
    return standing


def read_annex(office: Office, digest: Bytes32) -> tuple[AnnexFile, bytes]:
    """An uploaded annex and its bytes, hashed again.

    Raises:
        AnnexUnknownError: It was never uploaded.
        BlobCorruptError: The stored bytes have another digest.
        BlobMissingError: The bytes are gone.
    """
    with office.work() as work:
        found = work.annexes.find(digest)
    if found is None:
        raise AnnexUnknownError(digest)
    return found, office.blobs.get(digest)


def annexes_of(work: UnitOfWork, terms: Terms) -> KeptAnnexes:
    """Which annexes of the terms were uploaded."""
    found = [(annex, _found(work, annex)) for annex in terms.annexes]
    return KeptAnnexes(
        here=tuple((annex, file) for annex, file in found if file is not None),
        elsewhere=tuple(annex for annex, file in found if file is None),
    )


def stored_annexes(office: Office, terms: Terms) -> dict[str, bytes]:
    """Bytes of the uploaded annexes by the name that an archive gives them, each once.

    Raises:
        BlobCorruptError: Stored bytes have another digest.
        BlobMissingError: Bytes are gone.
    """
    with office.work() as work:
        kept = annexes_of(work, terms)
    return {
        f"annexes/{file.sha256.hex()}.{EXTENSIONS[file.media_type]}": office.blobs.get(file.sha256)
        for _, file in kept.here
    }


def _found(work: UnitOfWork, annex: Annex) -> AnnexFile | None:
    try:
        return work.annexes.find(Bytes32.from_hex(annex.sha256))
    except ValueError:
        return None  # no digest at all: a draft that breaks rules may be saved


def _named(annex: Annex) -> str:
    return f"{annex.no}《{annex.title}》{annex.sha256[:8]}"


def _is_pdf(content: bytes) -> bool:
    return content.startswith(b"%PDF-") and b"%%EOF" in content[-_TAIL:]


def _is_png(content: bytes) -> bool:
    end = b"\x00\x00\x00\x00IEND\xaeB`\x82"
    return content.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR") and content.endswith(end)


def _is_jpeg(content: bytes) -> bool:
    return content.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in content[-_TAIL:]


_KINDS: Final[Mapping[str, Callable[[bytes], bool]]] = MappingProxyType(
    {"application/pdf": _is_pdf, "image/png": _is_png, "image/jpeg": _is_jpeg}
)


def _media_type(content: bytes) -> str:
    for media_type, is_so in _KINDS.items():
        if is_so(content):
            return media_type
    raise AnnexKindError
