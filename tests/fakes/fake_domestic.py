"""In-memory places of the domestic track's seal signatures."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.sized_bytes import Bytes32


@dataclass
class FakeDomesticSeals:
    """Rows: (number, field) → (digest, stamped)."""

    rows: dict[tuple[str, str], tuple[Bytes32, bool]]

    def keep(self, number: str, field: str, ses_sha256: Bytes32, *, stamped: bool) -> None:
        self.rows[number, field] = (ses_sha256, stamped)

    def of_agreement(self, number: str) -> tuple[tuple[str, Bytes32], ...]:
        return tuple(
            (field, digest) for (owner, field), (digest, _) in sorted(self.rows.items()) if owner == number
        )

    def unstamped(self) -> tuple[str, ...]:
        return tuple(sorted({owner for (owner, _), (_, stamped) in self.rows.items() if not stamped}))

    def unstamped_of(self, number: str) -> tuple[str, ...]:
        return tuple(
            field
            for (owner, field), (_, stamped) in sorted(self.rows.items())
            if owner == number and not stamped
        )

    def digests(self) -> tuple[Bytes32, ...]:
        return tuple(digest for _, (digest, _) in sorted(self.rows.items()))
