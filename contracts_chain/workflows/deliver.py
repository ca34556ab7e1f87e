"""Delivers what the outbox holds, after the change it tells of is committed.

Delivery is at least once: a message is marked only after the gateway took it, so a
crash in between sends it twice and loses none. Receivers know the message by its id.
"""

from __future__ import annotations

from typing import Protocol

from contracts_chain.workflows.office import Office
from kernel.canonical_json import parse_json

__all__ = ["SMS", "SmsGateway", "deliver_outbox"]

SMS = "sms"
_BATCH = 100


class SmsGateway(Protocol):
    """Something that brings a short message to a phone."""

    def send(self, phone: str, text: str) -> None:
        """Hand over one message.

        Raises:
            FaultError: It was not taken; it stays in the outbox.
        """
        ...


def deliver_outbox(office: Office, sms: SmsGateway) -> int:
    """Deliver up to a hundred waiting messages and return how many were taken."""
    taken = 0
    with office.work() as work:
        for message in work.outbox.waiting(_BATCH):
            if message.topic == SMS:
                content = parse_json(message.payload)
                if isinstance(content, dict):
                    sms.send(str(content["phone"]), str(content["text"]))
            work.outbox.mark_delivered(message.id)
            taken += 1
        work.commit()
    return taken
