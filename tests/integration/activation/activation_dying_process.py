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

__all__ = [
    "CODE_COUNTED",
    "CODE_SENT",
    "CODE_SPENT",
    "FACTOR_TOLD",
    "PASSKEY_KEPT",
    "POINT",
    "RELEASE_KEPT",
    "SIGNATURE_KEPT",
]

POINT = "ACTIVATION_DIES_AT"
CODE_COUNTED = "code counted, not sent"
CODE_SENT = "code sent, not answered"
CODE_SPENT = "enrolment code spent, not answered"
FACTOR_TOLD = "passkey told to the phone, not kept"
PASSKEY_KEPT = "passkey kept, not answered"
RELEASE_KEPT = "release kept, not answered"
SIGNATURE_KEPT = "signature kept, not answered"
_BOOKS = {CODE_COUNTED: Book.CEREMONIES, RELEASE_KEPT: Book.RELEASES, SIGNATURE_KEPT: Book.MADE}


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


_MESSAGES = {CODE_SENT: "码", FACTOR_TOLD: "您已登记通行密钥"}
"""Which message, by a word of it."""
_OF_A_PERSON = {CODE_SPENT: b'"wrong_tries":0', PASSKEY_KEPT: b'"credential_id"'}
"""Which state of a person, by a word of it; a try is counted before its code is spent."""


def _arm(point: str) -> None:
    if point in _MESSAGES:
        OutboxSms.send = _dying_after(OutboxSms.send, _MESSAGES[point])  # type: ignore[method-assign]
        return
    put = LmdbVault.put

    def put_and_die(self: LmdbVault, entries: Sequence[Entry]) -> None:
        put(self, entries)
        if any(_is_due(point, entry, len(entries)) for entry in entries):
            _die()

    LmdbVault.put = put_and_die  # type: ignore[method-assign]


def _is_due(point: str, entry: Entry, together: int) -> bool:
    """A person is kept alone; together with a count when a code is sent to it."""
    if point in _OF_A_PERSON:
        return entry.book is Book.PEOPLE and together == 1 and _OF_A_PERSON[point] in entry.value
    return entry.book is _BOOKS[point]


def _dying_after(
    send: Callable[[OutboxSms, str, str], None], word: str
) -> Callable[[OutboxSms, str, str], None]:
    def send_and_die(self: OutboxSms, phone: str, text: str) -> None:
        send(self, phone, text)
        if word in text:
            _die()

    return send_and_die


if __name__ == "__main__":
    _arm(os.environ[POINT])
    sys.exit(activation_process.main(sys.argv[1]))
