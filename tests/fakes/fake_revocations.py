"""In-memory revocations of letters; the first of a letter stands."""

from __future__ import annotations

from dataclasses import dataclass

from contracts_chain.workflows.authority_ports import LetterRevocation
from kernel.sized_bytes import Bytes32


@dataclass
class FakeRevocations:
    rows: dict[Bytes32, LetterRevocation]

    def add(self, revocation: LetterRevocation) -> LetterRevocation:
        return self.rows.setdefault(revocation.letter_sha256, revocation)

    def find(self, letter_sha256: Bytes32) -> LetterRevocation | None:
        return self.rows.get(letter_sha256)
