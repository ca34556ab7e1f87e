"""In-memory annexes, of which the first upload stands, and retail periods by agreement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from contracts_chain.agreements.rules.related_rules import RetailPeriod
from contracts_chain.workflows.annex_ports import BINDING, AnnexFile
from contracts_chain.workflows.dossier import AgreementDossier
from kernel.sized_bytes import Bytes32


@dataclass
class FakeAnnexes:
    rows: dict[Bytes32, AnnexFile]

    def add(self, annex: AnnexFile) -> AnnexFile:
        return self.rows.setdefault(annex.sha256, annex)

    def find(self, digest: Bytes32) -> AnnexFile | None:
        return self.rows.get(digest)

    def digests(self) -> tuple[Bytes32, ...]:
        return tuple(sorted(self.rows))


@dataclass
class FakeRetail:
    rows: dict[str, tuple[str, tuple[RetailPeriod, ...]]]
    agreements: dict[str, AgreementDossier]

    def keep(self, number: str, cust_no: str, periods: Sequence[RetailPeriod]) -> None:
        self.rows[number] = (cust_no, tuple(replace(one, number=number) for one in periods))

    def binding(self, cust_no: str, *, besides: str | None) -> tuple[RetailPeriod, ...]:
        return tuple(
            period
            for number, (account, periods) in sorted(self.rows.items())
            if account == cust_no and number != besides and self.agreements[number].state in BINDING
            for period in periods
        )
