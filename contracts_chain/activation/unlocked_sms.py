"""Lets go of the desk's lock while a message is on its way: a slow gateway keeps nobody else waiting.

Whoever sends has kept all that it decided before it sends, and reads nothing old afterwards. Must
never be asked by a thread that does not hold the lock, or holds it twice.
"""

from __future__ import annotations

import threading

from contracts_chain.activation.sms_gateway import SmsGateway

__all__ = ["UnlockedSms"]


class UnlockedSms:
    """Implements ``SmsGateway``."""

    def __init__(self, sms: SmsGateway, lock: threading.Lock) -> None:
        """Take the way to a phone, and the lock that its callers hold."""
        self._sms, self._lock = sms, lock

    def send(self, phone: str, text: str) -> None:
        """See ``SmsGateway``; the lock is held again on return, whatever became of the message."""
        self._lock.release()
        try:
            self._sms.send(phone, text)
        finally:
            self._lock.acquire()
