"""In-memory places of the domestic track's seal signatures."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.sized_bytes import Bytes32


@dataclass
class FakeDomesticSeals:
    rows: dict[tuple[str, str], Bytes32]

    def keep(self, number: str, field: str, ses_sha256: Bytes32) -> None:
        self.rows[number, field] = ses_sha256

    def of_agreement(self, number: str) -> tuple[tuple[str, Bytes32], ...]:
        return tuple(
            (field, digest) for (owner, field), digest in sorted(self.rows.items()) if owner == number
        )
