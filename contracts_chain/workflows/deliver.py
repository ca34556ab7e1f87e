"""Delivers the text messages of the outbox, after the change they tell of is committed.

Delivery is at least once: a message is marked only after the gateway took it, so a
crash in between sends it twice and loses none. Receivers know the message by its id.
"""

from __future__ import annotations

from typing import Final, Protocol

from contracts_chain.evidence.strict_fields import parse_object
from contracts_chain.workflows.office import Office
from kernel.errors import FaultError

__all__ = ["SMS", "SmsGateway", "deliver_outbox"]

SMS: Final = "sms"
"""The one topic of the outbox: what goes to other systems is a process event."""
_BATCH = 100
_MOST_REFUSALS = 3
"""After so many the gateway itself is taken to be down; the rest waits for the next turn."""


class SmsGateway(Protocol):
    """Something that brings a short message to a phone."""

    def send(self, phone: str, text: str) -> None:
        """Hand over one message.

        Raises:
            FaultError: It was not taken; it stays in the outbox.
        """
        ...


def deliver_outbox(office: Office, sms: SmsGateway) -> int:
    """Deliver up to a hundred waiting messages and return how many were taken.

    One that is not taken neither holds up the others nor has what was taken sent again.

    Raises:
        FaultError: The first that was not taken; all of those stay in the outbox.
    """
    taken = 0
    refused: list[FaultError] = []
    with office.work() as work:
        for message in work.outbox.waiting(_BATCH):
            content = parse_object(message.payload, "outbox.payload")
            try:
                sms.send(str(content["phone"]), str(content["text"]))
            except FaultError as problem:
                refused.append(problem)
                if len(refused) == _MOST_REFUSALS:
                    break
                continue
            work.outbox.mark_delivered(message.id)
            taken += 1
        work.commit()
    if refused:
        raise refused[0]
    return taken
