"""Renderers in processes of their own: contracts drawn side by side on all cores.

A child gets a task and answers with bytes; it reaches no database, chain or key. Tasks are
taken only as somebody is free for them, so memory does not grow with their number. A child
whose parent was killed ends by itself. One bad contract is an answer like any other.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from types import TracebackType
from typing import Self

from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.workflows.draft import draw_up
from contracts_chain.workflows.group_errors import DrawersLostError
from contracts_chain.workflows.group_ports import DrawFailure, DrawnTask, DrawTask
from kernel.errors import ContractsChainError

__all__ = ["ProcessDrawers"]

_LOG = logging.getLogger("contracts_chain.drawers")
_AHEAD = 12
"""Tasks handed out for each process, so that none is idle while the parent keeps what is drawn."""


class ProcessDrawers:
    """Implements ``Drawers``; starts its processes with the first task."""

    def __init__(self, processes: int | None = None) -> None:
        """Take the number of processes; by default one for each core we may use."""
        self.processes = processes or len(os.sched_getaffinity(0))
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        """Start nothing yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """As ``close``."""
        self.close()

    def close(self) -> None:
        """End the processes after the contract each is drawing."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def draw(self, tasks: Iterable[DrawTask]) -> Iterator[DrawnTask]:
        """Draw all, a few at a time, answers in the order of the tasks.

        Raises:
            DrawersLostError: A process died; another call starts new ones.
        """
        under_way: deque[Future[DrawnTask]] = deque()
        try:
            for task in tasks:
                under_way.append(self._started().submit(drawn, task))
                if len(under_way) >= _AHEAD * self.processes:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        except BrokenProcessPool as problem:
            self.close()
            raise DrawersLostError from problem
        finally:
            for future in under_way:
                future.cancel()

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            context = multiprocessing.get_context("spawn")  # the parent has threads: never fork it
            self._pool = ProcessPoolExecutor(self.processes, mp_context=context, initializer=_begin)
        return self._pool


def drawn(task: DrawTask) -> DrawnTask:
    """Draw one contract; in whichever process, the same task gives the same bytes."""
    try:
        made = draw_up(
            load_terms(task.terms),
            number=task.number,
            not_before=task.not_before,
            created_utc=task.created_utc,
            mark=task.mark,
            verify_url=task.verify_url,
        )
    except ContractsChainError as problem:
        failure = DrawFailure(code=problem.code, en=problem.en, zh=problem.zh)
        return DrawnTask(row=task.row, failure=failure)
    except Exception:  # noqa: BLE001 - the boundary of a process: one contract must not stop the others
        _LOG.exception("row %s (%s) cannot be drawn", task.row, task.number)
        en = "the contract could not be drawn; report the number to the operator of this service"
        return DrawnTask(
            row=task.row,
            failure=DrawFailure(code="drawing_fault", en=en, zh="合同未能制作；请将合同编号告知系统运维人员"),
        )
    return DrawnTask(row=task.row, pages=made.pages, pdf=made.pdf)


def _begin() -> None:
    """End with the parent: kill -9 leaves it no time to say so."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent.sentinel,), daemon=True).start()


def _end_after(parent: int) -> None:
    wait([parent])
    os._exit(1)
