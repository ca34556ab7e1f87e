"""Ending server processes that lost their owner.

A process belongs to a cluster if its working directory is the cluster's: that holds for
the postmaster, for its children, and for children that outlived a killed postmaster,
and it cannot be confused by a process id that somebody else got since.
"""

from __future__ import annotations

import time

from contracts_chain.storage.postgres_installation import Account, run_as
from kernel.errors import FaultError

__all__ = ["STOP_SECONDS", "LeftoverServerError", "end_servers"]

STOP_SECONDS = 30.0
# Runs as the server's account: another account, even root in a container, may not look at its processes.
_SIGNAL_SERVERS = """
for each in /proc/[0-9]*; do
  read -r name <"$each/comm" && [ "$name" = postgres ] || continue
  [ "$each/cwd" -ef "/proc/self/fd/$1" ] && echo "${each#/proc/}" && kill -s "$2" "${each#/proc/}"
done
exit 0
"""


class LeftoverServerError(FaultError):
    """A server without owner survives even a kill."""

    code = "leftover_server"


def end_servers(account: Account, descriptor: int) -> None:
    """End every server process over this cluster and return when none is left.

    We hold the directory's lock, so any such process has lost its owner. Fast shutdown
    first; then immediate; then kill: PostgreSQL recovers from its log after each.

    Args:
        account: Whose processes they are.
        descriptor: The open directory of the cluster, numbered as the child shall see it.

    Raises:
        LeftoverServerError: One survives even the last.
    """
    for word, patience in (("INT", STOP_SECONDS), ("QUIT", 10.0), ("KILL", 10.0)):
        if not _signal_servers(account, descriptor, word) or _are_gone(account, descriptor, patience):
            return
    raise LeftoverServerError(
        "an old database server cannot be ended, not even killed; restart the machine",
        "旧的数据库进程无法结束（强制结束亦无效）；请重启机器",
    )


def _are_gone(account: Account, descriptor: int, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while _signal_servers(account, descriptor, "0"):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _signal_servers(account: Account, descriptor: int, word: str) -> tuple[int, ...]:
    """Signal the cluster's processes and name them; the word ``0`` only asks."""
    arguments = ["/bin/sh", "-c", _SIGNAL_SERVERS, "sh", str(descriptor), word]
    return tuple(int(line) for line in run_as(account, arguments, descriptor=descriptor).split())
