"""The activation process itself, ended by SIGKILL once a named step is durable and before it is answered.

``POINT`` in the environment names the step; the arguments are those of ``api.activation_process``.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence

from api import activation_process
from api.activation_sms import OutboxSms
from contracts_chain.activation.lmdb_vault import LmdbVault
from contracts_chain.activation.vault import Book, Entry

__all__ = ["CODE_COUNTED", "CODE_SENT", "POINT", "RELEASE_KEPT", "SIGNATURE_KEPT"]

POINT = "ACTIVATION_DIES_AT"
CODE_COUNTED = "code counted, not sent"
CODE_SENT = "code sent, not answered"
RELEASE_KEPT = "release kept, not answered"
SIGNATURE_KEPT = "signature kept, not answered"
_BOOKS = {CODE_COUNTED: Book.CEREMONIES, RELEASE_KEPT: Book.RELEASES, SIGNATURE_KEPT: Book.MADE}


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _arm(point: str) -> None:
    if point == CODE_SENT:
        OutboxSms.send = _dying_after(OutboxSms.send)  # type: ignore[method-assign]
        return
    book, put = _BOOKS[point], LmdbVault.put

    def put_and_die(self: LmdbVault, entries: Sequence[Entry]) -> None:
        put(self, entries)
        if any(entry.book is book for entry in entries):
            _die()

    LmdbVault.put = put_and_die  # type: ignore[method-assign]


def _dying_after(send: Callable[[OutboxSms, str, str], None]) -> Callable[[OutboxSms, str, str], None]:
    def send_and_die(self: OutboxSms, phone: str, text: str) -> None:
        send(self, phone, text)
        _die()

    return send_and_die


if __name__ == "__main__":
    _arm(os.environ[POINT])
    sys.exit(activation_process.main(sys.argv[1]))
