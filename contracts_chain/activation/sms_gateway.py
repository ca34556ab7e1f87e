"""The way from the activation process to a phone; nobody else ever holds a code."""

from __future__ import annotations

from typing import Protocol

__all__ = ["SmsGateway"]


class SmsGateway(Protocol):
    """Something that brings a short message to a phone."""

    def send(self, phone: str, text: str) -> None:
        """Hand over one message.

        Raises:
            MessageNotSentError: It was not taken.
        """
        ...
