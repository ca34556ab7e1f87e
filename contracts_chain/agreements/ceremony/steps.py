"""The five steps of a ceremony, and which one is next.

Decides from facts alone; what was served, read and answered is for ``workflows`` to know. A later
step is never open while an earlier one is not done. The order is WEB.md §3: identity, summary,
reading, mark, confirmation.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

__all__ = ["CeremonyProgress", "Step"]


class Step(IntEnum):
    """A step as the header counts it: 「第 3 步，共 5 步：阅读」."""

    IDENTITY = 1
    SUMMARY = 2
    READ = 3
    MARK = 4
    CONFIRM = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class CeremonyProgress:
    """How far one party has come.

    Attributes:
        identified: A provider or two clerks vouched for the person.
        pages_due: 1-based pages that were not served; empty once the whole text was.
        clauses_due: Positions of conspicuous clauses that were not confirmed.
        unanswered: Positions of clauses with a question that nobody has answered.
        unclear: Positions of clauses whose answer the signer has not called clear.
        has_mark: The signature's look is chosen.
        consented: The consent stands, over what stands now.
    """

    identified: bool
    pages_due: tuple[int, ...]
    clauses_due: tuple[int, ...]
    unanswered: tuple[int, ...] = ()
    unclear: tuple[int, ...] = ()
    has_mark: bool = False
    consented: bool = False

    @property
    def has_read(self) -> bool:
        """Everything was served, every conspicuous clause confirmed, and no question is open."""
        return self.is_read_through and not (self.unanswered or self.unclear)

    @property
    def is_read_through(self) -> bool:
        """Everything was served and every conspicuous clause confirmed; questions may be open."""
        return not (self.pages_due or self.clauses_due)

    @property
    def next_step(self) -> Step:
        """The first step that is not done; confirmation is never done here, but by signing."""
        if not self.identified:
            return Step.IDENTITY
        if not self.has_read:
            return Step.READ
        return Step.CONFIRM if self.has_mark else Step.MARK
