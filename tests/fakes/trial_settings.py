"""Settings of a house on trial: clauses may be read at once, and one person signs for many."""

from __future__ import annotations

from pathlib import Path

from api.settings import Settings

__all__ = ["trial_settings"]


def trial_settings(data_dir: Path) -> Settings:
    """A house whose tests play the same two signers all day."""
    return Settings(
        data_dir=data_dir,
        block_period_seconds=0,
        dwell_floor_seconds=0,
        dwell_cap_seconds=0,
        codes_an_hour=1000,
    )
