"""Proven, refuted, undecided, unreadable: four words that are never mixed up.

The order of ``overall`` is DESIGN §5: refuted if any step is, else unreadable, else
undecided if any is, else proven. No checks at all is never proven.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

__all__ = ["Check", "CheckLine", "Verdict", "overall"]


class Verdict(Enum):
    """What is known about one claim."""

    PROVEN = "proven"
    REFUTED = "refuted"
    UNDECIDED = "undecided"
    UNREADABLE = "unreadable"

    @property
    def exit_code(self) -> int:
        """Exit code of ``contracts-chain verify`` (DESIGN §6)."""
        return {Verdict.PROVEN: 0, Verdict.REFUTED: 10, Verdict.UNDECIDED: 20, Verdict.UNREADABLE: 30}[self]

    @property
    def zh(self) -> str:
        """The word on Chinese screens and reports (WEB.md §4)."""
        return {
            Verdict.PROVEN: "已证实",
            Verdict.REFUTED: "已证伪",
            Verdict.UNDECIDED: "尚不能判定",
            Verdict.UNREADABLE: "无法读取",
        }[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLine:
    """One answer among several that make up a step, shown below it.

    Attributes:
        subject: What it is about, e.g. a signature field.
        number: Its place in the list of that subject, from 1; 0 is what binds the subject to the record.
        name_en: What is asked.
        name_zh: The same in Chinese.
        code: Stable word; ``ok`` where proven.
        verdict: What is known.
        en: One sentence in English.
        zh: The same in Chinese.
    """

    subject: str
    number: int
    name_en: str
    name_zh: str
    code: str
    verdict: Verdict
    en: str
    zh: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One step of a verification, with its own verdict.

    Attributes:
        step: 0–11 as numbered in DESIGN §5.
        code: Stable word for machines, e.g. ``root_mismatch`` or ``ok``.
        verdict: What is known.
        en: One sentence in English.
        zh: The same in Chinese.
        expected: What should have been found, as text, where two values were compared.
        actual: What was found.
        lines: Answers that make up this one, if the step shows them singly.
    """

    step: int
    code: str
    verdict: Verdict
    en: str
    zh: str
    expected: str | None = None
    actual: str | None = None
    lines: tuple[CheckLine, ...] = ()


def overall(verdicts: Iterable[Verdict]) -> Verdict:
    """Join the verdicts of all steps or files."""
    seen = set(verdicts)
    for verdict in (Verdict.REFUTED, Verdict.UNREADABLE, Verdict.UNDECIDED):
        if verdict in seen:
            return verdict
    return Verdict.PROVEN if seen else Verdict.UNDECIDED
