"""Revoked letters of authority."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from contracts_chain.storage.tables_authority import letter_revocations
from contracts_chain.workflows.authority_ports import LetterRevocation
from kernel.sized_bytes import Bytes32

__all__ = ["SqlRevocations"]


class SqlRevocations:
    """Implements ``RevocationRepository``."""

    def __init__(self, connection: Connection) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection

    def add(self, revocation: LetterRevocation) -> LetterRevocation:
        """Insert unless one stands; the first stays."""
        row = insert(letter_revocations).values(**asdict(revocation)).on_conflict_do_nothing()
        self._connection.execute(row)
        standing = self.find(revocation.letter_sha256)
        return revocation if standing is None else standing

    def find(self, letter_sha256: Bytes32) -> LetterRevocation | None:
        """By digest of the letter."""
        query = select(letter_revocations).where(letter_revocations.c.letter_sha256 == letter_sha256)
        row = self._connection.execute(query).mappings().first()
        if row is None:
            return None
        return LetterRevocation(**{**row, "letter_sha256": Bytes32(row["letter_sha256"])})
