"""Signed results: kept before they are answered, told again to the same order, and in the end given up.

Decides that a result goes only after the service has confirmed that it stored it, and then a
configured time later; what stays tells when it was handed over, so that the same order is refused
and never signed a second time. Kept whole until then, a service that lost its answer gets it again.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from contracts_chain.activation.errors import HandedOverError
from contracts_chain.activation.port import SignatureOrder, SignedField
from contracts_chain.activation.vault import Book, Entry, Vault
from contracts_chain.evidence.strict_fields import Fields, parse_object
from kernel.canonical_json import JsonObject, canonical_bytes
from kernel.clock import utc_text
from kernel.digests import sha256
from kernel.sized_bytes import Bytes32

__all__ = ["Results"]

_HEAD: Final = "head"
_TAIL: Final = "tail"
_MOST_AT_ONCE: Final = 16
"""Each confirmation gives up at most so many contracts' results: more than it adds, and soon done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """The orders that were signed under one release on one contract."""

    orders: tuple[str, ...] = ()
    settled: bool = False


class Results:
    """What was signed, by order; the caller keeps two orders for one field apart."""

    def __init__(self, vault: Vault, lifetime: timedelta) -> None:
        """Take the store, and how long a result is kept after the service has stored it."""
        self._vault = vault
        self._lifetime = lifetime
        self._index = threading.Lock()

    def find(self, order: SignatureOrder) -> SignedField | None:
        """What was made of this order before: the base and the revision that was kept.

        Raises:
            HandedOverError: It was made, and given up since.
        """
        kept = self._vault.get(Book.MADE, _order_key(order))
        if kept is None:
            return None
        told, _, revision = kept.partition(b"\n")
        members = parse_object(told, "made")
        if "handed_over_utc" in members:
            raise HandedOverError(order.number, order.field, str(members["handed_over_utc"]))
        fields = Fields.of(members, "made")
        ses = fields.optional_text("ses")
        return SignedField(
            pdf=order.base + revision,
            pending=fields.take("pending") is True,
            ses=None if ses is None else bytes.fromhex(ses),
        )

    def is_made_here(self, pdf: bytes, agreed: Bytes32) -> bool:
        """Whether these very bytes are a revision that was signed here over that agreed document."""
        return self._vault.get(Book.MADE, _revision_key(pdf, agreed)) is not None

    def keep(self, order: SignatureOrder, agreed: Bytes32, signed: SignedField) -> None:
        """Keep a result; durable on return.

        Raises:
            VaultError: Nothing was kept.
        """
        ses = None if signed.ses is None else signed.ses.hex()
        told = canonical_bytes({"pending": signed.pending, "ses": ses})
        key, appended = _order_key(order), signed.pdf[len(order.base) :]
        with self._index:
            made = self._made(order.ceremony, order.number)
            self._vault.put(
                [
                    Entry(book=Book.MADE, key=key, value=told + b"\n" + appended),
                    Entry(book=Book.MADE, key=_revision_key(signed.pdf, agreed), value=b"made here"),
                    _index_entry(order.ceremony, order.number, _Made(orders=(*made.orders, key))),
                ]
            )

    def settle(self, ceremony: str, number: str, now: datetime) -> None:
        """Note that the service has stored what was signed under a release on one contract.

        A repeated call changes nothing; every call gives up what is due.

        Args:
            ceremony: Of the release.
            number: Of the contract.
            now: Aware moment.

        Raises:
            VaultError: The store fails; call again.
        """
        with self._index:
            made = self._made(ceremony, number)
            if made.orders and not made.settled:
                self._enqueue(ceremony, number, made, now)
            self._give_up(now)

    def _enqueue(self, ceremony: str, number: str, made: _Made, now: datetime) -> None:
        tail = self._count(_TAIL)
        waiting: JsonObject = {
            "ceremony": ceremony,
            "due_utc": utc_text(now + self._lifetime),
            "number": number,
            "settled_utc": utc_text(now),
        }
        self._vault.put(
            [
                Entry(book=Book.SETTLED, key=f"{tail}", value=canonical_bytes(waiting)),
                Entry(book=Book.SETTLED, key=_TAIL, value=f"{tail + 1}".encode()),
                _index_entry(ceremony, number, _Made(orders=made.orders, settled=True)),
            ]
        )

    def _give_up(self, now: datetime) -> None:
        """The oldest of the queue, as long as they are due; each with its place in one write."""
        for _ in range(_MOST_AT_ONCE):
            head = self._count(_HEAD)
            found = self._vault.get(Book.SETTLED, f"{head}")
            if found is None:
                return
            waiting = Fields.of(parse_object(found, "settled"), "settled")
            if waiting.utc("due_utc") > now:
                return
            told = canonical_bytes({"handed_over_utc": waiting.text("settled_utc")})
            made = self._made(waiting.text("ceremony"), waiting.text("number"))
            self._vault.put(
                [
                    *(Entry(book=Book.MADE, key=key, value=told) for key in made.orders),
                    Entry(book=Book.SETTLED, key=f"{head}", value=None),
                    Entry(book=Book.SETTLED, key=_HEAD, value=f"{head + 1}".encode()),
                ]
            )

    def _count(self, name: str) -> int:
        return int(self._vault.get(Book.SETTLED, name) or b"0")

    def _made(self, ceremony: str, number: str) -> _Made:
        kept = self._vault.get(Book.MADE, _index_key(ceremony, number))
        if kept is None:
            return _Made()
        fields = Fields.of(parse_object(kept, "index"), "index")
        return _Made(
            orders=tuple(str(one) for one in fields.members("orders")),
            settled=fields.take("settled") is True,
        )


def _index_entry(ceremony: str, number: str, made: _Made) -> Entry:
    told: JsonObject = {"orders": list(made.orders), "settled": made.settled}
    return Entry(book=Book.MADE, key=_index_key(ceremony, number), value=canonical_bytes(told))


def _index_key(ceremony: str, number: str) -> str:
    return f"orders:{_joined((ceremony, number))}"


def _order_key(order: SignatureOrder) -> str:
    """One signature for one field over one base; looks and words may differ after a crash."""
    return f"order:{_joined((order.ceremony, order.number, order.field, sha256(order.base).hex()))}"


def _revision_key(pdf: bytes, agreed: Bytes32) -> str:
    return f"revision:{sha256(pdf).hex()}:{agreed.hex()}"


def _joined(parts: Sequence[str]) -> str:
    return sha256("\n".join(parts).encode()).hex()
