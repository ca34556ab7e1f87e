"""In-memory sessions of the staff's browsers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from contracts_chain.workflows.session_ports import StaffSession
from kernel.sized_bytes import Bytes32


@dataclass
class FakeSessions:
    rows: dict[Bytes32, StaffSession]

    def add(self, session: StaffSession) -> None:
        self.rows[session.token_sha256] = session

    def find(self, token_sha256: Bytes32) -> StaffSession | None:
        return self.rows.get(token_sha256)

    def touch(self, token_sha256: Bytes32, seen_utc: datetime) -> None:
        found = self.rows.get(token_sha256)
        if found is not None:
            self.rows[token_sha256] = replace(found, seen_utc=max(found.seen_utc, seen_utc))

    def remove(self, token_sha256: Bytes32) -> None:
        self.rows.pop(token_sha256, None)

    def remove_stale(self, *, began_before: datetime, seen_before: datetime) -> int:
        over = [
            key
            for key, one in self.rows.items()
            if one.began_utc < began_before or one.seen_utc < seen_before
        ]
        for key in over:
            del self.rows[key]
        return len(over)
