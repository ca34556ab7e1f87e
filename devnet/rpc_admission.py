"""Who may ask: the host name, the origin and the bearer token of a request.

Decides before a body is read. No web page may reach the chain: a request that names an origin is
refused, and so is a host name not known here (DNS rebinding needs a name; an address cannot be
rebound). The token, where one is set, is asked of HTTP and of WebSocket alike.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus

__all__ = ["Admission", "RefusedRequestError"]


class RefusedRequestError(Exception):
    """The request is not answered; the status says why."""

    def __init__(self, status: HTTPStatus) -> None:
        """Keep the status."""
        super().__init__(status.phrase)
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """The rules of one server.

    Attributes:
        token: Bearer token to ask for, or ``None``.
        host_names: Names beside ``localhost`` that clients may call this node by.
    """

    token: str | None = None
    host_names: frozenset[str] = frozenset()

    def verify(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Admit a request by its headers, names in lower case.

        Raises:
            RefusedRequestError: 403 for a foreign host or any origin, 401 without the token.
        """
        given = dict(headers)
        if b"origin" in given or not self._is_known(given.get(b"host", b"").decode("latin-1")):
            raise RefusedRequestError(HTTPStatus.FORBIDDEN)
        presented = given.get(b"authorization", b"")
        if self.token is not None and not hmac.compare_digest(presented, f"Bearer {self.token}".encode()):
            raise RefusedRequestError(HTTPStatus.UNAUTHORIZED)

    def _is_known(self, host: str) -> bool:
        name = (
            host[: host.rindex("]") + 1] if host.startswith("[") and "]" in host else host.partition(":")[0]
        )
        return name == "localhost" or name.lower() in self.host_names or _is_address(name.strip("[]"))


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
