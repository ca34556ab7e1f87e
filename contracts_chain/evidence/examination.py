"""One file under examination: every fact worked out once, every failure remembered.

Decides what a step may rely on. A fact that another step has to prove is taken with
``need``: if that step failed, the asking step is undecided, not refuted a second time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from contracts_chain.evidence.evidence_json import Evidence
from contracts_chain.evidence.package import AgreementContents, OpenedPackage
from contracts_chain.evidence.trail import Trail
from contracts_chain.evidence.trust_bundle import TrustBundle
from contracts_chain.ledger.anchor_proof import StatusProof
from contracts_chain.ledger.verify_anchor import AnchoredCheckpoint, SealedBlock
from kernel.errors import ContractsChainError, RefutedError, RejectedError, UndecidedError
from kernel.verdict import Check, Verdict
from signing.model import PdfFindings, SignatureTrust

__all__ = [
    "DependsOnStepError",
    "Examination",
    "NotApplicableError",
    "Outcome",
    "PdfInspector",
    "check_of_error",
    "proven",
]

Fact = TypeVar("Fact")


class PdfInspector(Protocol):
    """Something that tells what a PDF's signatures are worth, as ``signing.inspection.inspect_pdf``."""

    def __call__(self, pdf: bytes, trust: SignatureTrust, *, skew: timedelta) -> PdfFindings:
        """Inspect; raise a ``RejectedError`` where the PDF cannot be read."""
        ...


class DependsOnStepError(UndecidedError):
    """This step cannot be decided because another one is not proven."""

    code = "depends_on_step"

    def __init__(self, step: int) -> None:
        """Keep the step that is missing."""
        super().__init__(
            f"not decided, because step {step} is not proven; see that step",
            f"因第 {step} 步未获证实，本步不能判定",
        )
        self.step = step


class NotApplicableError(UndecidedError):
    """The step has no meaning for this kind of file and no say in its verdict."""

    code = "not_applicable"

    def __init__(self) -> None:
        """Say so."""
        super().__init__(
            "does not apply to this kind of file; nothing to do", "本步不适用于此类文件，无需处理"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(Generic[Fact]):
    """A fact, or the error that stands in its place."""

    value: Fact | None
    error: Exception | None

    @classmethod
    def of(cls, work: Callable[[], Fact]) -> Outcome[Fact]:
        """Do the work and keep what comes of it."""
        try:
            return cls(value=work(), error=None)
        except Exception as error:  # noqa: BLE001 - the one verification boundary: whatever a library
            # throws over hostile bytes must end as a finding, never as "proven" and never as a crash
            return cls(value=None, error=error)

    def get(self) -> Fact:
        """The fact, or its error raised again."""
        if self.error is not None:
            raise self.error
        if self.value is None:
            raise TypeError("an outcome without error holds a fact")
        return self.value

    def need(self, step: int) -> Fact:
        """The fact, or undecided because ``step`` did not prove it.

        Raises:
            DependsOnStepError: There is no fact.
        """
        if self.value is None:
            raise DependsOnStepError(step) from self.error
        return self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """Everything the twelve steps look at.

    Attributes:
        opened: The package, or why it cannot be opened.
        evidence: ``evidence.json``.
        findings: What the agreement's signatures tell.
        trail: Events of an unbroken trail.
        anchored: Checkpoint as the chain holds it (step 8).
        sealed: Anchor block as the trusted validators sealed it (step 9).
        status: Status proof to judge: a fresher one given by the caller, or the package's own.
        trust: The verifier's bundle.
        at: Moment of verification.
    """

    opened: Outcome[OpenedPackage]
    evidence: Outcome[Evidence]
    findings: Outcome[PdfFindings]
    trail: Outcome[Trail]
    anchored: Outcome[AnchoredCheckpoint]
    sealed: Outcome[SealedBlock]
    status: StatusProof | None
    trust: TrustBundle
    at: datetime

    def agreement(self) -> AgreementContents:
        """The agreement's files.

        Raises:
            NotApplicableError: The package is an invoice's.
        """
        contents = self.opened.need(0).contents
        if not isinstance(contents, AgreementContents):
            raise NotApplicableError
        return contents


def proven(step: int, en: str, zh: str, *, code: str = "ok") -> Check:
    """A step that holds."""
    return Check(step=step, code=code, verdict=Verdict.PROVEN, en=en, zh=zh)


def check_of_error(step: int, error: Exception) -> Check:
    """A step that does not hold, with the verdict its error family calls for."""
    if not isinstance(error, ContractsChainError):
        return Check(
            step=step,
            code="unexpected_content",
            verdict=Verdict.UNREADABLE,
            en=f"the content cannot be examined ({type(error).__name__}); ask for an undamaged copy",
            zh=f"内容无法检验（{type(error).__name__}）；请索取完好副本",
        )
    return Check(
        step=step,
        code=error.code,
        verdict=_verdict(error),
        en=error.en,
        zh=error.zh,
        expected=_compared(error, "expected", "anchored"),
        actual=_compared(error, "actual", "computed"),
    )


def _verdict(error: ContractsChainError) -> Verdict:
    if isinstance(error, RefutedError):
        return Verdict.REFUTED
    return Verdict.UNREADABLE if isinstance(error, RejectedError) else Verdict.UNDECIDED


def _compared(error: ContractsChainError, *names: str) -> str | None:
    for name in names:
        value: object = getattr(error, name, None)
        if value is not None:
            return value.hex() if isinstance(value, bytes) else str(value)
    return None
