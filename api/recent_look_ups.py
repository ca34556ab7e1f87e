"""Public look-ups answered from memory for half a minute, since each one proves a whole package anew.

Kept only while the agreement's newest revision is the same and only where the answer was
decided: an undecided one may become proven within seconds.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

from contracts_chain.workflows.lookup import PublicFacts, look_up
from contracts_chain.workflows.office import Office
from kernel.verdict import Verdict

__all__ = ["RecentLookUps"]

_KEPT: Final = timedelta(seconds=30)
_MOST: Final = 1000


class RecentLookUps:
    """Answers by number, the oldest forgotten first."""

    def __init__(self, office: Office) -> None:
        """Know nothing yet."""
        self._office = office
        self._known: OrderedDict[str, tuple[datetime, PublicFacts]] = OrderedDict()

    def of(self, number: str) -> PublicFacts:
        """The public facts of a formed agreement, at most half a minute old.

        Raises:
            UnknownNumberError: No such agreement, or it is not formed yet.
        """
        now = self._office.clock.now()
        known = self._known.get(number)
        if known is not None and now - known[0] < _KEPT and self._newest(number) == known[1].sha256:
            return known[1]
        facts = look_up(self._office, number)
        if facts.verdict in {Verdict.PROVEN, Verdict.REFUTED}:
            self._known[number] = (now, facts)
            while len(self._known) > _MOST:
                self._known.popitem(last=False)
        return facts

    def _newest(self, number: str) -> str | None:
        with self._office.work() as work:
            digest = work.agreements.load(number).current_sha256
        return None if digest is None else digest.hex()
