"""A small network of this machine's own: one namespace per operator, joined by a bridge.

Decides addresses and names, unique per process so that two runs never meet. A partition moves the
cut-off operators to a second bridge: they still reach each other, and nobody else reaches them.
Needs root and iproute2. Everything made is removed, also when making it failed half-way.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Self

__all__ = ["Network"]


class Network:
    """The bridge, its namespaces and the second bridge for partitions."""

    def __init__(self, operators: Sequence[str]) -> None:
        """Name everything; nothing is made yet."""
        process = os.getpid()
        self._mark = f"{process % 100_000}"
        self._net = f"10.{200 + process % 50}.{process // 50 % 250}"
        self._bridge, self._island = f"dvb{self._mark}", f"dvi{self._mark}"
        self._place = {operator: position for position, operator in enumerate(operators)}

    def __enter__(self) -> Self:
        """Make bridges, namespaces and the wires between them."""
        try:
            for bridge in (self._bridge, self._island):
                _ip("link", "add", bridge, "type", "bridge")
                _ip("link", "set", bridge, "up")
            _ip("addr", "add", f"{self._net}.1/24", "dev", self._bridge)
            for operator in self._place:
                self._join(operator)
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove everything."""
        self._remove()

    def host(self, operator: str) -> str:
        """The operator's address."""
        return f"{self._net}.{11 + self._place[operator]}"

    def inside(self, operator: str) -> list[str]:
        """Words to put before a command that is to run in the operator's namespace."""
        return ["ip", "netns", "exec", self._space(operator)]

    def cut(self, operators: Iterable[str]) -> None:
        """Part these from the rest and from the clients; they still see each other."""
        for operator in operators:
            _ip("link", "set", self._wire(operator), "master", self._island)

    def unplug(self, operator: str) -> None:
        """Take one operator's wire down: it sees nobody."""
        _ip("link", "set", self._wire(operator), "down")

    def heal(self) -> None:
        """Join all again."""
        for operator in self._place:
            _ip("link", "set", self._wire(operator), "master", self._bridge)
            _ip("link", "set", self._wire(operator), "up")

    def _join(self, operator: str) -> None:
        space, wire = self._space(operator), self._wire(operator)
        _ip("netns", "add", space)
        _ip("link", "add", wire, "type", "veth", "peer", "name", "eth0", "netns", space)
        _ip("link", "set", wire, "master", self._bridge)
        _ip("link", "set", wire, "up")
        _ip("-n", space, "addr", "add", f"{self.host(operator)}/24", "dev", "eth0")
        _ip("-n", space, "link", "set", "eth0", "up")
        _ip("-n", space, "link", "set", "lo", "up")

    def _remove(self) -> None:
        for operator in self._place:
            _ip("netns", "del", self._space(operator), check=False)
            _ip("link", "del", self._wire(operator), check=False)
        for bridge in (self._bridge, self._island):
            _ip("link", "del", bridge, check=False)

    def _space(self, operator: str) -> str:
        return f"dv{self._mark}-{operator}"

    def _wire(self, operator: str) -> str:
        return f"dvw{self._mark}-{self._place[operator]}"


def _ip(*words: str, check: bool = True) -> None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if check and done.returncode != 0:
        raise RuntimeError(
            f"ip {' '.join(words)}: {done.stderr.strip()}; root and network namespaces are needed"
        )
