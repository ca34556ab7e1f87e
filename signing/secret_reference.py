"""A setting that names a secret and is none itself: ``file:PATH`` or ``env:NAME``.

Decides how such a setting is written and read. The secret is read at each use and never kept, so that
a changed file counts at once; it never stands in a setting, an error or a log.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from kernel.errors import FaultError

__all__ = ["SecretUnreadableError", "is_secret_reference", "load_secret"]

_WRITTEN: Final = re.compile(r"file:.+|env:[A-Za-z_][A-Za-z0-9_]*")


class SecretUnreadableError(FaultError):
    """The file or variable that a setting names holds no secret."""

    code = "secret_unreadable"

    def __init__(self, reference: str, *, empty: bool) -> None:
        """Keep the reference, which is no secret."""
        self.reason = f"{reference} is empty" if empty else f"cannot read {reference}"
        super().__init__(
            f"{self.reason}; put the secret there, then try again",
            f"{reference} {'内容为空' if empty else '无法读取'}；请在该处写入密钥后重试",
        )


def is_secret_reference(setting: str) -> bool:
    """Whether a setting names a secret and is none itself."""
    return _WRITTEN.fullmatch(setting) is not None


def load_secret(reference: str) -> str:
    """The secret, without white space around it.

    Raises:
        SecretUnreadableError: The file or variable is not there, or is empty.
    """
    kind, _, rest = reference.partition(":")
    try:
        found = Path(rest).read_text("utf-8") if kind == "file" else os.environ.get(rest, "")
    except (OSError, UnicodeDecodeError) as problem:
        raise SecretUnreadableError(reference, empty=False) from problem
    if not found.strip():
        raise SecretUnreadableError(reference, empty=True)
    return found.strip()
