"""HTTP to the activation process over its Unix socket: a few kept connections, asked again after a death.

Every method of the process may be repeated, so a connection that breaks is opened again, after the
process was begun again if it died.
"""

from __future__ import annotations

import http.client
import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from api.activation_errors import error_from
from contracts_chain.activation.errors import ActivationFaultError, ActivationUnavailableError
from contracts_chain.activation.will_wire import bytes_from
from contracts_chain.evidence.strict_fields import Fields, parse_object
from kernel.canonical_json import JsonObject, JsonValue, canonical_bytes, parse_json

__all__ = ["ActivationChannel"]

_SECONDS: Final = 120.0
"""A signature waits for timestamp authorities one after the other."""
_KEPT: Final = 8
_REVIVING_SECONDS: Final = 2.0
"""Within this a question that met a closed door is asked again."""
_TURN_SECONDS: Final = 0.02


def _no_revival() -> None:
    """Somebody else runs the process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    status: int
    content: bytes


class _UnixConnection(http.client.HTTPConnection):
    """One connection; closed whenever anything goes wrong."""

    def __init__(self, path: str) -> None:
        super().__init__("activation", timeout=_SECONDS)
        self._path = path

    def connect(self) -> None:
        stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            stream.settimeout(self.timeout)
            stream.connect(self._path)
        except OSError:
            stream.close()
            raise
        self.sock = stream

    def ask(self, method: str, path: str, content: bytes) -> _Answer:
        self.request(method, path, body=content, headers={"Content-Type": "application/json"})
        answer = self.getresponse()
        return _Answer(status=answer.status, content=answer.read())


class ActivationChannel:
    """One socket, and what the process says of itself; safe to use from several threads."""

    def __init__(self, socket: Path, revive: Callable[[], None] = _no_revival) -> None:
        """Ask nothing yet; the directory may not be there before the process is.

        Args:
            socket: ``ActivationProcess.socket``, or that of a process others run.
            revive: Begins a dead process again; raises if it does not come back.
        """
        self._socket = socket
        self._revive = revive
        self._directory: int | None = None
        self._kept: list[_UnixConnection] = []
        self._lock = threading.Lock()
        self._about: JsonObject | None = None

    @property
    def directory(self) -> Path:
        """The process's directory."""
        return self._socket.parent

    def close(self) -> None:
        """Let go of the socket; safe to call twice."""
        with self._lock:
            kept, self._kept = self._kept, []
            directory, self._directory = self._directory, None
        for connection in kept:
            connection.close()
        if directory is not None:
            os.close(directory)

    def about(self) -> Fields:
        """Keys, roots and separation, as the process told when first asked.

        Raises:
            ActivationUnavailableError: It does not answer.
        """
        if self._about is None:
            self._about = parse_object(self._asked("GET", "/about", b"").content, "about")
        return Fields.of(self._about, "about")

    def ask(self, operation: str, body: JsonObject) -> JsonValue:
        """One method of the process.

        Raises:
            ActivationUnavailableError: It does not answer; whether it acted is unknown.
            ContractsChainError: What the method raises.
        """
        answer = self._asked("POST", f"/{operation}", canonical_bytes(body))
        try:
            content = parse_json(answer.content) if answer.status in {200, 422} else None
        except ValueError as problem:
            raise ActivationFaultError("unreadable answer") from problem
        if answer.status == 200:
            return content
        if answer.status == 422 and isinstance(content, dict):
            raise error_from(content)
        raise ActivationFaultError(f"status {answer.status}")

    def object(self, operation: str, body: JsonObject) -> Fields:
        """One method that answers an object."""
        return Fields.of(self.ask(operation, body), operation)

    def octets(self, operation: str, body: JsonObject) -> bytes:
        """One method that answers bytes."""
        return bytes_from(str(self.ask(operation, body)))

    def _asked(self, method: str, path: str, content: bytes) -> _Answer:
        deadline = time.monotonic() + _REVIVING_SECONDS
        while True:
            begun = time.monotonic()
            try:
                return self._once(method, path, content)
            except TimeoutError as problem:
                raise ActivationUnavailableError("no answer in time") from problem
            except (OSError, http.client.HTTPException) as problem:
                if begun >= deadline:
                    raise ActivationUnavailableError(type(problem).__name__) from problem
            self._forget()
            self._revive()
            time.sleep(_TURN_SECONDS)  # a killed process refuses a moment before it can be begun again

    def _once(self, method: str, path: str, content: bytes) -> _Answer:
        with self._lock:
            connection = self._kept.pop() if self._kept else _UnixConnection(self._path())
        try:
            answer = connection.ask(method, path, content)
        except (OSError, http.client.HTTPException):
            connection.close()
            raise
        with self._lock:
            if len(self._kept) < _KEPT and self._directory is not None:
                self._kept.append(connection)
                return answer
        connection.close()
        return answer

    def _forget(self) -> None:
        """Connections to a process that may be gone."""
        with self._lock:
            kept, self._kept = self._kept, []
        for connection in kept:
            connection.close()

    def _path(self) -> str:
        """By descriptor: the kernel allows a socket's path 107 bytes, a data directory may have more."""
        if self._directory is None:
            self._directory = os.open(self._socket.parent, os.O_PATH | os.O_DIRECTORY)
        return f"/proc/self/fd/{self._directory}/{self._socket.name}"
