"""In-memory agreements by what their timestamps lack."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from contracts_chain.workflows.archive_ports import ArchiveFile
from contracts_chain.workflows.dossier import AgreementDossier


@dataclass
class FakeArchive:
    rows: dict[str, ArchiveFile]
    agreements: Mapping[str, AgreementDossier]

    def untimed(self) -> tuple[str, ...]:
        return tuple(
            sorted(
                number
                for number, one in self.agreements.items()
                if any(slot.signed and slot.timestamp_utc is None for slot in one.slots)
            )
        )

    def unread(self, limit: int, *, after: str = "") -> tuple[str, ...]:
        read = {(one.number, one.document_sha256) for one in self.rows.values()}
        found = (
            number
            for number, one in sorted(self.agreements.items())
            if one.executed_utc is not None and (number, one.current_sha256) not in read and number > after
        )
        return tuple(found)[:limit]

    def keep(self, read: ArchiveFile) -> None:
        self.rows[read.number] = read

    def due(self, before: datetime, distrusted: Collection[str]) -> tuple[str, ...]:
        return tuple(
            sorted(
                number
                for number, one in self.rows.items()
                if (one.not_after_utc is not None and one.not_after_utc < before)
                or one.algorithm in distrusted
            )
        )
