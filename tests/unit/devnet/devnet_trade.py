"""Names shared by the devnet's unit tests: a sender, a contract, call data."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from eth_account import Account

NOON = datetime(2026, 11, 20, 4, 0, 0, tzinfo=UTC)
SENDER = Account.from_key("0x" + "5a" * 32)
CONTRACT = json.loads((Path(__file__).parents[2] / "integration/devnet/Ledgerlet.json").read_text("utf-8"))
WRITE = bytes.fromhex("9c0e3f7a")
Sign = Callable[..., bytes]


def write_call(key: int, value: int) -> bytes:
    """Call data of ``write(key, value)`` of the test contract."""
    return WRITE + key.to_bytes(32) + value.to_bytes(32)
