"""A text-message gateway for trials: messages go to a file, never to a phone.

Every line says ``sandbox`` so that nobody takes it for a delivery. The file holds phone
numbers and live codes: mode 0600, in the installation's own directory.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Final

from kernel.atomic_file import UnwritableError
from kernel.clock import Clock, SystemClock, utc_text

__all__ = ["SandboxSms"]

_CODE: Final = re.compile(r"签署码(\d{6})")


class SandboxSms:
    """Implements ``workflows.deliver.SmsGateway``; one JSON object a line in ``sms.jsonl``."""

    def __init__(self, directory: Path, clock: Clock | None = None) -> None:
        """Take the directory, made at the first message."""
        self.path = directory / "sms.jsonl"
        self._clock = clock or SystemClock()

    def newest_code(self) -> str:
        """The signing code of the last message, for trials that play the signer.

        Raises:
            LookupError: No message, or the last one holds no code.
        """
        lines = self.path.read_text("utf-8").splitlines() if self.path.exists() else []
        found = _CODE.search(json.loads(lines[-1])["text"]) if lines else None
        if found is None:
            raise LookupError("no signing code is waiting in the sandbox")
        return found[1]

    def send(self, phone: str, text: str) -> None:
        """Append one message durably.

        Raises:
            UnwritableError: The file cannot be written; the message stays in the outbox.
        """
        message = {
            "gateway": "sandbox 沙箱：未发送到手机",
            "written_utc": utc_text(self._clock.now()),
            "phone": phone,
            "text": text,
        }
        line = json.dumps(message, ensure_ascii=False) + "\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "a", encoding="utf-8") as stream:
                stream.write(line)
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as problem:
            raise UnwritableError(
                f"cannot write {self.path} ({problem.strerror}); check the folder and its permissions",
                f"无法写入 {self.path}（{problem.strerror}）；请检查目录和权限",
            ) from problem
