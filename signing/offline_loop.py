"""Run pyHanko's coroutines from plain functions.

They never wait for anything here (keys, lists and roots are in memory), so a loop of
their own costs microseconds. A caller who is inside a loop already gets a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["run_offline"]

Result = TypeVar("Result")


def run_offline(work: Coroutine[object, object, Result]) -> Result:
    """Run to the end and return the result; errors pass through unchanged."""
    if not _inside_a_loop():
        return asyncio.run(work)
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, work).result()


def _inside_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
