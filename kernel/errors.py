"""One root for every error, and four families by what the reader should do.

* ``RejectedError``  – the request is wrong: correct it.
* ``RefutedError``   – the evidence is false: do not retry.
* ``UndecidedError`` – nobody knows yet: retry, after ``retry_after`` seconds if given.
* ``FaultError``     – the surroundings fail (disk full, port taken): mend them. STYLE.md
  names three families; this fourth keeps a broken machine from looking like a bad request.

Each class has a stable ``code``. Every message to a person exists in Chinese and
English and says what to do next.
"""

from __future__ import annotations

from typing import ClassVar

__all__ = ["ContractsChainError", "FaultError", "RefutedError", "RejectedError", "UndecidedError"]


class ContractsChainError(Exception):
    """The root. Only subclasses of the four families are raised."""

    code: ClassVar[str] = "error"

    def __init__(self, en: str, zh: str) -> None:
        """Keep both languages; ``str()`` gives the English sentence."""
        super().__init__(en)
        self.en = en
        self.zh = zh


class RejectedError(ContractsChainError):
    """The request is wrong and nothing was stored."""

    code = "rejected"


class RefutedError(ContractsChainError):
    """The evidence contradicts the claim."""

    code = "refuted"


class UndecidedError(ContractsChainError):
    """Neither proven nor refuted, for want of something that may come."""

    code = "undecided"

    def __init__(self, en: str, zh: str, *, retry_after: float | None = None) -> None:
        """Keep when to try again, in seconds, if that is known."""
        super().__init__(en, zh)
        self.retry_after = retry_after


class FaultError(ContractsChainError):
    """The machine or a server fails; what was promised is still kept."""

    code = "fault"
