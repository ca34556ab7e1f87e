"""Live progress of the demo: one line a stage, milliseconds each, the current one spinning."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Self

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from kernel.errors import UndecidedError

__all__ = ["Stages", "TookTooLongError"]


class TookTooLongError(UndecidedError):
    """A stage did not end in its time; everything done before it is kept."""

    code = "took_too_long"


class Stages:
    """Times named stages; stages of the same name add up."""

    def __init__(self, console: Console) -> None:
        """Show nothing before the block is entered."""
        self.timings_ms: dict[str, int] = {}
        self._progress = Progress(
            SpinnerColumn(finished_text="[green]✓"),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=console,
        )

    def __enter__(self) -> Self:
        """Start the display."""
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the finished lines standing."""
        self._progress.stop()

    @contextmanager
    def stage(self, name: str, words: str) -> Iterator[None]:
        """Show a stage while its block runs."""
        task = self._progress.add_task(words, total=1)
        started = time.perf_counter()
        yield
        spent = round((time.perf_counter() - started) * 1000)
        self.timings_ms[name] = self.timings_ms.get(name, 0) + spent
        self._progress.update(task, completed=1, description=f"{words} [dim]{spent} ms")

    @staticmethod
    def wait_until(condition: Callable[[], bool], *, patience_seconds: float) -> None:
        """Ask again every 50 ms until the condition holds.

        Raises:
            TookTooLongError: It never did.
        """
        deadline = time.monotonic() + patience_seconds
        while not condition():
            if time.monotonic() > deadline:
                raise TookTooLongError(
                    f"not final after {patience_seconds:.0f} s; run the command again, nothing is lost",
                    f"{patience_seconds:.0f} 秒内未最终确认；请再次运行，已完成的部分不会丢失",
                )
            time.sleep(0.05)
