"""Several time-stamping authorities as one: the first that gives a sound token, in the given order.

One that fails or lies is set aside for a while, so that an outage is paid for once and not at every
signature; when all are set aside, all are asked again rather than none. Never gives a time of its
own: no token from anybody is an outage.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from kernel.digests import sha256
from kernel.sized_bytes import Bytes32
from signing.model import TimestampAuthority
from signing.rfc3161_authority import TimestampUnavailableError
from signing.token_check import check_token

__all__ = ["SET_ASIDE_SECONDS", "FailoverAuthority", "NamedAuthority"]

SET_ASIDE_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedAuthority:
    """One authority, under the name that reasons of an outage mention."""

    name: str
    authority: TimestampAuthority


class FailoverAuthority:
    """Implements ``TimestampAuthority`` over others; may be used from several threads."""

    def __init__(
        self,
        authorities: Sequence[NamedAuthority],
        *,
        policies: Collection[str] = (),
        set_aside: float = SET_ASIDE_SECONDS,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the authorities, best first.

        Args:
            authorities: At least one.
            policies: Accepted timestamp policies, dotted; empty accepts any.
            set_aside: Seconds during which a failed authority is asked last.
            seconds: A clock that only goes forward.
        """
        self._authorities = tuple(authorities)
        self._policies = tuple(policies)
        self._set_aside = set_aside
        self._seconds = seconds
        self._until: dict[str, float] = {}
        self._lock = threading.Lock()

    def token(self, message: bytes) -> bytes:
        """A DER TimeStampToken over SHA-256 of ``message``.

        Raises:
            TimestampUnavailableError: No authority gave a sound token; the reason names each.
        """
        return self.token_over(sha256(message))

    def token_over(self, digest: Bytes32) -> bytes:
        """A DER TimeStampToken over a SHA-256 digest.

        Raises:
            TimestampUnavailableError: No authority gave a sound token; the reason names each.
        """
        reasons: list[str] = []
        for one in self._in_order():
            try:
                token = one.authority.token_over(digest)
                check_token(token, digest, policies=self._policies)
            except TimestampUnavailableError as outage:
                reasons.append(f"{one.name}: {outage.reason}")
                self._put_aside(one)
            else:
                return token
        raise TimestampUnavailableError("; ".join(reasons), retry_after=self._set_aside)

    def _in_order(self) -> list[NamedAuthority]:
        """Those in good standing first; the others are still asked, last, before giving up."""
        now = self._seconds()
        with self._lock:
            aside = {name for name, until in self._until.items() if until > now}
        return sorted(self._authorities, key=lambda one: one.name in aside)

    def _put_aside(self, failed: NamedAuthority) -> None:
        with self._lock:
            self._until[failed.name] = self._seconds() + self._set_aside
