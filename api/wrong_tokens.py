"""How often an address may offer a wrong staff token on the login page before it has to wait.

A token has 256 random bits and cannot be searched for; the limit keeps noise out and shows it.
Counted in memory: a restart forgets, and nobody is locked out for good.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from threading import Lock
from typing import Final

from kernel.clock import Clock

__all__ = ["MOST_WRONG", "WINDOW", "WrongTokens"]

MOST_WRONG: Final = 10
WINDOW: Final = timedelta(minutes=15)
_MOST_ADDRESSES: Final = 10_000
_SITE_BITS: Final = 64


class WrongTokens:
    """Wrong tokens of the last quarter of an hour, by address; the address seen longest ago goes first."""

    def __init__(self, clock: Clock) -> None:
        """Know of none yet."""
        self._clock = clock
        self._lock = Lock()
        self._seen: OrderedDict[str, tuple[datetime, ...]] = OrderedDict()

    def wait_seconds(self, address: str) -> int:
        """Seconds until this address may try again; 0 if it may now."""
        with self._lock:
            recent = self._recent(_site(address))
        if len(recent) < MOST_WRONG:
            return 0
        return max(ceil((recent[-MOST_WRONG] + WINDOW - self._clock.now()).total_seconds()), 1)

    def note(self, address: str) -> None:
        """Count one more wrong token."""
        site = _site(address)
        with self._lock:
            self._seen[site] = (*self._recent(site), self._clock.now())[-MOST_WRONG:]
            self._seen.move_to_end(site)
            while len(self._seen) > _MOST_ADDRESSES:
                self._seen.popitem(last=False)

    def _recent(self, site: str) -> tuple[datetime, ...]:
        now = self._clock.now()
        return tuple(moment for moment in self._seen.get(site, ()) if now - moment < WINDOW)


def _site(address: str) -> str:
    """An IPv4 address itself; of IPv6 the network of 64 bits, which is one subscriber."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if isinstance(known, IPv6Address):
        return str(ip_network((known, _SITE_BITS), strict=False))
    return str(known)
