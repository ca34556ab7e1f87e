"""What the worker does for sets of a group: goes on with each until it is done or told to stop.

Any number of workers may try at once; the rows say what is due. The renderers are kept
between two turns and end with the worker.
"""

from __future__ import annotations

from collections.abc import Callable

from api.routes.desk import Desk
from contracts_chain.workflows.group_ports import Drawers
from contracts_chain.workflows.group_set import carry_on

__all__ = ["carry_sets_on"]


def carry_sets_on(desk: Desk, drawers: Drawers, go_on: Callable[[], bool]) -> None:
    """One turn: every set at work, the oldest first.

    Raises:
        ChainUnavailableError: No final block can be named now; the next turn tries again.
        DrawersLostError: The renderers died; the next turn starts others.
    """
    with desk.office.work() as work:
        at_work = work.groups.sets_at_work()
    for set_id in at_work:
        if go_on():
            carry_on(desk.office, drawers, set_id, go_on=go_on)
