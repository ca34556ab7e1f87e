"""Parts of terms that several classes share although no common dataclass has them.

A check names the facet it needs, so that every class whose terms have those fields can
list it, whatever else the class is. Fields that a class may leave out are optional here.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Protocol

from contracts_chain.agreements.terms import codes
from contracts_chain.agreements.terms.commercial import (
    InvoiceProfile,
    LossAllocation,
    OutageNotice,
    PublishedFee,
    RetailContract,
)
from contracts_chain.agreements.terms.party import Party
from contracts_chain.agreements.terms.site import BackupSource, MeteringPoint, Transformer

__all__ = [
    "WithBackup",
    "WithCodes",
    "WithFees",
    "WithImportance",
    "WithInvoice",
    "WithLateFee",
    "WithLossAllocation",
    "WithMarket",
    "WithMeters",
    "WithOutageNotice",
    "WithPowerFactor",
    "WithTariffSystem",
]


class WithLateFee(Protocol):
    """Late fee of this year's and of earlier arrears, in permille a day (R-LATE-1)."""

    @property
    def late_fee_permille_per_day(self) -> Decimal:
        """On this year's arrears."""
        ...

    @property
    def late_fee_earlier_permille_per_day(self) -> Decimal:
        """On arrears of earlier years."""
        ...


class WithMeters(Protocol):
    """Metering points with their field paths (R-MET-3)."""

    def metering_points(self) -> Iterator[tuple[str, MeteringPoint]]:
        """Path and point."""
        ...


class WithLossAllocation(WithMeters, Protocol):
    """Who bears transformer and line loss (R-MET-1, R-MET-2)."""

    @property
    def loss_allocation(self) -> LossAllocation | None:
        """``None`` where the class agrees none."""
        ...


class WithTariffSystem(Protocol):
    """Tariff and system of price (R-TAR-1, R-TAR-2)."""

    @property
    def tariff_code(self) -> str:
        """Code of the province's list."""
        ...

    @property
    def tariff_system(self) -> codes.TariffSystem | None:
        """Single or two parts."""
        ...

    @property
    def tariff_choice(self) -> str | None:
        """How the customer's choice is on record."""
        ...

    @property
    def elec_categ(self) -> codes.ElecCategory:
        """用电类别."""
        ...

    @property
    def contract_cap(self) -> Decimal:
        """KVA at high voltage, kW at low voltage."""
        ...


class WithPowerFactor(Protocol):
    """Power factor standard and what it follows from (R-PF-1)."""

    @property
    def pf_standard(self) -> codes.PfStandard | None:
        """``None`` counts as no standard."""
        ...

    @property
    def elec_categ(self) -> codes.ElecCategory:
        """用电类别."""
        ...

    @property
    def contract_cap(self) -> Decimal:
        """KVA at high voltage, kW at low voltage."""
        ...

    @property
    def supply_voltage(self) -> Decimal:
        """Kilovolts."""
        ...

    def transformers(self) -> Iterator[tuple[str, Transformer]]:
        """Path and transformer."""
        ...


class WithImportance(Protocol):
    """Importance of the customer and number of sources (R-REL-1)."""

    @property
    def importance_level(self) -> codes.ImportanceLevel | None:
        """``None`` counts as normal."""
        ...

    @property
    def source_count(self) -> codes.SourceCount | None:
        """``None`` counts as single."""
        ...


class WithBackup(Protocol):
    """Backup sources of the customer (R-BKP-1)."""

    @property
    def backup_sources(self) -> tuple[BackupSource, ...]:
        """Empty where there is none."""
        ...


class WithMarket(Protocol):
    """How the customer buys energy (R-MKT-1)."""

    @property
    def market_attr(self) -> codes.MarketAttr | None:
        """``None`` counts as outside the market."""
        ...

    @property
    def retail(self) -> tuple[RetailContract, ...]:
        """Retail contracts of the account."""
        ...


class WithFees(Protocol):
    """Fees other than for energy (R-LINT-1)."""

    @property
    def other_fees(self) -> tuple[PublishedFee, ...]:
        """Each with the place where it is published."""
        ...


class WithOutageNotice(Protocol):
    """Notice before planned work and temporary repair (R-OUT-1)."""

    @property
    def outage_notice(self) -> OutageNotice:
        """Days and hours."""
        ...


class WithInvoice(Protocol):
    """Who is billed, and what stands on the invoice (R-INV-1)."""

    @property
    def consumer(self) -> Party:
        """用电人."""
        ...

    @property
    def invoice_profile(self) -> InvoiceProfile | None:
        """``None`` where none is agreed."""
        ...


class WithCodes(Protocol):
    """Codes that other systems gave (R-CODE-1)."""

    @property
    def industry_cls(self) -> str | None:
        """Class of GB/T 4754."""
        ...

    @property
    def investment_project_code(self) -> str | None:
        """项目代码 of the investment approval platform (I7)."""
        ...
