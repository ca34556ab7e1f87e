"""When a callback that was not taken is tried again (reference/esigning-and-law.md §7.2 "Retry").

Fourteen steps as e签宝 has them, then every two hours until a day after the first attempt; after
that nobody tries but a person who asks for it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

__all__ = ["LONGEST", "STEPS_SECONDS", "next_try"]

STEPS_SECONDS: Final = (10, 10, 30, 60, 180, 360, 600, 1200, 1800, 3600, 7200, 7200, 7200, 7200)
LONGEST: Final = timedelta(hours=24)
_AFTER_THE_STEPS: Final = 7200


def next_try(first_tried: datetime, failed: int, now: datetime) -> datetime | None:
    """When to try again after a failure, or ``None`` if that would be more than a day after the first.

    Args:
        first_tried: When the first attempt of this round began.
        failed: Attempts of this round that were not taken, the last one included: from 1.
        now: When the last one ended.
    """
    wait = STEPS_SECONDS[failed - 1] if failed <= len(STEPS_SECONDS) else _AFTER_THE_STEPS
    due = now + timedelta(seconds=wait)
    return due if due <= first_tried + LONGEST else None
