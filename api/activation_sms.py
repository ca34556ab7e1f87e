"""Ways to a phone for the activation process: a gateway over HTTP, or a sandbox outbox of its own.

The service never holds a code; the outbox lies in the process's private directory. Whoever plays
the signer in a trial reads it there, as a phone would.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

from api.sandbox_sms import SandboxSms
from contracts_chain.activation.configuration import ActivationConfiguration
from contracts_chain.activation.errors import MessageNotSentError
from contracts_chain.activation.sms_gateway import SmsGateway
from kernel.clock import Clock
from kernel.errors import FaultError
from signing.http_exchange import NoHttpAnswerError, exchange

__all__ = ["HttpSmsGateway", "OutboxSms", "SandboxPhone", "gateway_of", "outbox_of"]

_CODE: Final = re.compile(r"(?:签署码|登记码)(\d{6})")


class OutboxSms:
    """Implements ``SmsGateway`` on ``sms.jsonl``; every line says ``sandbox``."""

    def __init__(self, directory: Path, clock: Clock) -> None:
        """Take the outbox directory, made at the first message."""
        self._outbox = SandboxSms(directory, clock)

    def send(self, phone: str, text: str) -> None:
        """See ``SmsGateway``."""
        try:
            self._outbox.send(phone, text)
        except FaultError as problem:
            raise MessageNotSentError(problem.en) from problem


class HttpSmsGateway:
    """Implements ``SmsGateway``: POST of ``{"phone", "text"}``; any status but 2xx is a refusal."""

    def __init__(self, url: str, seconds: float = 5.0) -> None:
        """Take the address from the process's own configuration, and the time that an answer may take."""
        self._url, self._seconds = url, seconds

    def send(self, phone: str, text: str) -> None:
        """See ``SmsGateway``."""
        body = json.dumps({"phone": phone, "text": text}, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json"}
        try:
            answer = exchange(
                "POST", self._url, seconds=self._seconds, greatest=0, content=body, headers=headers
            )
        except NoHttpAnswerError as problem:
            raise MessageNotSentError(problem.reason) from problem
        if not 200 <= answer.status < 300:
            raise MessageNotSentError(f"HTTP {answer.status}")


def outbox_of(activation_directory: Path) -> Path:
    """Where the codes of a trial installation lie; only the process's own user and root may look."""
    return activation_directory / "private" / "outbox" / "sms.jsonl"


class SandboxPhone:
    """Reads the outbox of a trial installation, as the signer's phone would."""

    def __init__(self, activation_directory: Path) -> None:
        """Take the directory that the process was started with."""
        self._path = outbox_of(activation_directory)

    def messages(self, phone: str) -> tuple[str, ...]:
        """Texts to one phone, oldest first."""
        if not self._path.exists():
            return ()
        lines = (json.loads(line) for line in self._path.read_text("utf-8").splitlines())
        return tuple(line["text"] for line in lines if line["phone"] == phone)

    def newest_code(self, phone: str) -> str:
        """Digits of the newest message to this phone that holds any.

        Raises:
            LookupError: None came.
        """
        for text in reversed(self.messages(phone)):
            found = _CODE.search(text)
            if found is not None:
                return found[1]
        raise LookupError(f"no code came to {phone}")


def gateway_of(configuration: ActivationConfiguration, outbox: Path, clock: Clock) -> SmsGateway:
    """The configured gateway, or the own outbox."""
    return HttpSmsGateway(configuration.sms_url) if configuration.sms_url else OutboxSms(outbox, clock)
