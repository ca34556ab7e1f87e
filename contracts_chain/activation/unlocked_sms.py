"""Lets go of the desk's lock while somebody outside is asked: a slow one keeps nobody else waiting.

Whoever asks has kept all that it decided before it asks, and reads nothing old afterwards. Must
never be asked by a thread that does not hold the lock, or holds it twice.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from contracts_chain.activation.sms_gateway import SmsGateway

__all__ = ["UnlockedSms", "unlocked"]


@contextmanager
def unlocked(lock: threading.Lock) -> Iterator[None]:
    """Others may have the lock meanwhile; it is held again on leaving, whatever came of it."""
    lock.release()
    try:
        yield
    finally:
        lock.acquire()


class UnlockedSms:
    """Implements ``SmsGateway``."""

    def __init__(self, sms: SmsGateway, lock: threading.Lock) -> None:
        """Take the way to a phone, and the lock that its callers hold."""
        self._sms, self._lock = sms, lock

    def send(self, phone: str, text: str) -> None:
        """See ``SmsGateway``."""
        with unlocked(self._lock):
            self._sms.send(phone, text)
