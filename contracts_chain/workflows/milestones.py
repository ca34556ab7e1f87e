"""Records what happened to a connection order, under the server's time.

No back-dating (reference C7): the caller may say on which day the step was taken, and that
day is kept beside the server's; it decides no clock. Recording is idempotent by key, and a
milestone once recorded never changes. Contract events cannot be recorded here: the agreements
tell them (reference I8).
"""

from __future__ import annotations

from dataclasses import replace

from contracts_chain.agreements.process_steps import MILESTONES, ProcessStep
from contracts_chain.workflows.deadline_ports import MilestoneFile
from contracts_chain.workflows.office import Office
from kernel.clock import BEIJING
from kernel.errors import RejectedError

__all__ = ["MilestoneKeyTakenError", "NoMilestoneError", "StatedDayAheadError", "record_milestone"]


class NoMilestoneError(RejectedError):
    """A step that the agreements tell themselves was sent as a milestone."""

    code = "no_milestone"

    def __init__(self, step: ProcessStep) -> None:
        """Name the step."""
        super().__init__(
            f"{step.value} comes from the agreement itself; draft, offer or sign the agreement instead",
            f"“{step.zh}”由合同办理过程自动产生，不能单独登记；请在合同中办理",
        )
        self.step = step


class StatedDayAheadError(RejectedError):
    """The stated day is in the future."""

    code = "stated_day_ahead"

    def __init__(self, stated: str, today: str) -> None:
        """Keep both days."""
        super().__init__(
            f"the stated day {stated} is after today, {today}; record a step when it has been taken",
            f"所填发生日期 {stated} 晚于今天 {today}；请在环节完成后再登记",
        )
        self.stated = stated
        self.today = today


class MilestoneKeyTakenError(RejectedError):
    """The key stands for another milestone of this order."""

    code = "milestone_key_taken"

    def __init__(self, order_no: str, key: str) -> None:
        """Keep order and key."""
        super().__init__(
            f"the key {key} already stands for another milestone of order {order_no}; use a new key",
            f"业务单 {order_no} 的幂等键 {key} 已用于另一条环节记录；请换用新键",
        )
        self.order_no = order_no
        self.key = key


def record_milestone(office: Office, sent: MilestoneFile) -> MilestoneFile:
    """Record a step now; the same key with the same content gives the standing record.

    Args:
        office: Clock and storage.
        sent: The step; its ``recorded_utc`` is replaced by the server's time, in whole seconds.

    Raises:
        NoMilestoneError: The agreements tell this step themselves.
        StatedDayAheadError: The stated day is after today in Beijing.
        MilestoneKeyTakenError: The key stands for another milestone.
    """
    if sent.kind not in MILESTONES:
        raise NoMilestoneError(sent.kind)
    now = office.clock.now().replace(microsecond=0)
    today = now.astimezone(BEIJING).date()
    if sent.happened_on is not None and sent.happened_on > today:
        raise StatedDayAheadError(sent.happened_on.isoformat(), today.isoformat())
    with office.work() as work:
        standing = work.deadlines.add(replace(sent, recorded_utc=now))
        if replace(standing, recorded_utc=now) != replace(sent, recorded_utc=now):
            raise MilestoneKeyTakenError(sent.order_no, sent.key)
        work.commit()
    return standing
