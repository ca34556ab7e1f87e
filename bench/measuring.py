"""How every row is measured and written: in turns, by the median, in the form of DESIGN §6."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence

__all__ = ["Row", "Work", "median_ms", "row", "spent"]

Row = dict[str, object]
Work = Callable[[], object]


def spent(work: Work) -> float:
    """Seconds of one run."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def median_ms(works: Sequence[Work], turns: int) -> list[float]:
    """Median milliseconds of each work; after a warm-up they take turns, since machines are noisy."""
    for work in works:
        work()
    times: list[list[float]] = [[] for _ in works]
    for _ in range(turns):
        for mine, work in zip(times, works, strict=True):
            mine.append(1000 * spent(work))
    return [statistics.median(mine) for mine in times]


def row(
    name: str,
    work: str,
    unit: str,
    ours: float,
    bare: float,
    *,
    goal: float,
    met: bool,
    peers: Mapping[str, float] | None = None,
) -> Row:
    """One row of latest.json: what it is, our figure, the bare cost, the peers', the goal."""
    beside = {peer: round(figure, 3) for peer, figure in (peers or {}).items()}
    figures = {"ours": round(ours, 3), "bare": round(bare, 3), "peers": beside}
    return {"name": name, "work": work, "unit": unit, **figures, "goal": goal, "met": met}
