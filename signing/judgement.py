"""One answer to one question about a signature, with the word and sentence that explain it."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.verdict import Verdict

__all__ = ["SOUND", "Judgement", "pass_exhaustion", "refuted", "undecided"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A verdict, its stable code and one English sentence."""

    verdict: Verdict
    code: str
    detail: str


SOUND = Judgement(verdict=Verdict.PROVEN, code="ok", detail="sound")


def pass_exhaustion(problem: Exception) -> None:
    """Raise a ``MemoryError`` again: memory that ran out says nothing on the file.

    Raises:
        MemoryError: As given.
    """
    if isinstance(problem, MemoryError):
        raise problem


def refuted(code: str, detail: str) -> Judgement:
    """The evidence contradicts the claim."""
    return Judgement(verdict=Verdict.REFUTED, code=code, detail=detail)


def undecided(code: str, detail: str) -> Judgement:
    """Something is wanting that could settle the question."""
    return Judgement(verdict=Verdict.UNDECIDED, code=code, detail=detail)
