"""Live progress of the demo: one line a stage, milliseconds each, the current one spinning."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Self

from rich.console import Console, RenderableType
from rich.progress import Progress, ProgressColumn, SpinnerColumn, Task
from rich.table import Column
from rich.text import Text

from kernel.errors import UndecidedError

__all__ = ["Stages", "TookTooLongError"]


class TookTooLongError(UndecidedError):
    """A stage did not end in its time; everything done before it is kept."""

    code = "took_too_long"


class _Mark(SpinnerColumn):
    """Spinning while it runs, ✓ when done, ✕ when it failed or was interrupted."""

    def render(self, task: Task) -> RenderableType:
        return Text("✕", "red") if task.fields.get("failed") else super().render(task)


class _Words(ProgressColumn):
    """What is being done; folded on narrow terminals, never cut off."""

    def __init__(self) -> None:
        super().__init__(Column(overflow="fold"))

    def render(self, task: Task) -> Text:
        return Text(task.description)


class _Milliseconds(ProgressColumn):
    """Time spent so far, or altogether."""

    def __init__(self) -> None:
        super().__init__(Column(justify="right", no_wrap=True))

    def render(self, task: Task) -> Text:
        seconds = task.finished_time if task.finished else task.elapsed
        return Text(f"{(seconds or 0) * 1000:,.0f} ms", "dim")


class Stages:
    """Times named stages; stages of the same name add up."""

    def __init__(self, console: Console) -> None:
        """Show nothing before the block is entered."""
        self.timings_ms: dict[str, int] = {}
        self._progress = Progress(
            _Mark(finished_text="[green]✓"), _Words(), _Milliseconds(), console=console, refresh_per_second=10
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
        """Show a stage while its block runs; a stage left by an exception is marked as failed."""
        task = self._progress.add_task(words, total=1)
        started = time.perf_counter()
        try:
            yield
        except BaseException:
            self._progress.update(task, failed=True)
            self._progress.stop_task(task)
            raise
        spent = round((time.perf_counter() - started) * 1000)
        self.timings_ms[name] = self.timings_ms.get(name, 0) + spent
        self._progress.update(task, completed=1)

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
