"""What deeds about callbacks need of an office: its clock and its records.

An office is such a desk; so is a command that opens the database alone, beside a running service.
"""

from __future__ import annotations

from typing import Protocol

from contracts_chain.workflows.ports import UnitOfWorkFactory
from kernel.clock import Clock

__all__ = ["CallbackDesk"]


class CallbackDesk(Protocol):
    """A clock and records."""

    @property
    def clock(self) -> Clock:
        """The present moment."""
        ...

    @property
    def work(self) -> UnitOfWorkFactory:
        """Opens a transaction."""
        ...
