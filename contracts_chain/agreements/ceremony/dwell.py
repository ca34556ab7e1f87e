"""How long a conspicuous clause must stand before its reader, by the length of its text.

Decides whole seconds between the serving of a clause and its confirmation, both by the clock of
the service. The offer records them for each clause, so that a later setting changes nothing and
step 6 of the recipe holds the trail against what was recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

__all__ = ["ReadingRule", "begun_reading", "seconds_left"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingRule:
    """Seconds by characters, at least the floor and at most the cap.

    Attributes:
        floor_seconds: Shortest time for any clause.
        characters_per_second: How fast a quick reader reads Chinese; at least 1.
        cap_seconds: Longest time for any clause.
    """

    floor_seconds: int = 5
    characters_per_second: int = 12
    cap_seconds: int = 60

    def seconds(self, text: str) -> int:
        """Seconds due for a text; blanks are not counted."""
        characters = sum(not sign.isspace() for sign in text)
        read = -(-characters // self.characters_per_second)
        return min(self.cap_seconds, max(self.floor_seconds, read))


def begun_reading(served_utc: datetime, last_confirmed_utc: datetime | None) -> datetime:
    """When the reading of a clause began: one clause is read at a time.

    Clauses opened side by side share no time: the later one counts from the confirmation of
    the one before.
    """
    return served_utc if last_confirmed_utc is None else max(served_utc, last_confirmed_utc)


def seconds_left(begun_utc: datetime, due_seconds: int, now: datetime) -> int:
    """Whole seconds that are still to be read, rounded up; 0 when it is enough."""
    left = begun_utc + timedelta(seconds=due_seconds) - now
    return max(0, -(-left // timedelta(seconds=1)))
