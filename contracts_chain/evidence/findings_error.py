"""Errors of the steps that judge documents, parties, process, order and status.

Each keeps both compared values. Codes are stable words for API, report and screen.
"""

from __future__ import annotations

from kernel.errors import RefutedError, UndecidedError

__all__ = [
    "DigestDistrustedError",
    "DocumentMismatchError",
    "EvidenceMismatchError",
    "OrderError",
    "PartyMismatchError",
    "ProcessError",
    "SignatureRefutedError",
    "SignatureUndecidedError",
    "StatusMissingError",
    "StatusTooOldError",
]


class _ComparedError(RefutedError):
    """Two values that should be equal are not."""

    def __init__(self, en: str, zh: str, *, expected: object = None, actual: object = None) -> None:
        super().__init__(f"{en}; do not rely on this file", f"{zh}；请勿采信本文件")
        self.expected = expected
        self.actual = actual


class DocumentMismatchError(_ComparedError):
    """The document is not the one that was recorded."""

    code = "document_mismatch"


class EvidenceMismatchError(_ComparedError):
    """Two places of the evidence contradict each other."""

    code = "evidence_mismatch"


class PartyMismatchError(_ComparedError):
    """A signer is not the party that was recorded."""

    code = "party_mismatch"


class ProcessError(_ComparedError):
    """The trail does not show a complete ceremony, or is not the recorded one."""

    code = "process_incomplete"


class OrderError(_ComparedError):
    """Two events stand in an impossible order of time."""

    code = "order_violated"


class SignatureRefutedError(_ComparedError):
    """A signature, certificate or timestamp is false or missing; ``code`` is the finding's."""

    def __init__(self, code: str, en: str, zh: str) -> None:
        """Take over the finding's own code."""
        super().__init__(en, zh)
        self.code = code  # type: ignore[misc]  # the signing room's word for what is wrong


class SignatureUndecidedError(UndecidedError):
    """A signature, certificate or timestamp cannot be judged with what is at hand."""

    def __init__(self, code: str, en: str, zh: str) -> None:
        """Take over the finding's own code."""
        super().__init__(en, zh)
        self.code = code  # type: ignore[misc]  # the signing room's word for what is missing


class DigestDistrustedError(UndecidedError):
    """The bundle trusts the digest no more, and no renewal was anchored in time."""

    code = "digest_distrusted"

    def __init__(self, digest: str, since: str) -> None:
        """Name the digest and since when."""
        super().__init__(
            f"{digest} alone proves nothing since {since}; fetch a package renewed before that moment",
            f"自 {since} 起不再单凭 {digest} 认定；请取得此前已作算法续期的证据包",
        )


class StatusMissingError(UndecidedError):
    """No status proof is at hand."""

    code = "status_missing"


class StatusTooOldError(UndecidedError):
    """The status proof is older than the bundle allows."""

    code = "status_too_old"
