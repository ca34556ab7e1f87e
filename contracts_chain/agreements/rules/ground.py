"""What a rule may look at besides the terms: the pack's figures and the province profile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from contracts_chain.agreements.rules.finding import Violation
from contracts_chain.agreements.rules.profile import Profile
from contracts_chain.agreements.rules.value_walk import Reading
from contracts_chain.agreements.terms import DispatchTerms, HvSupplyTerms, SupplyTerms, Terms

__all__ = ["CommonCheck", "DispatchCheck", "Figures", "Ground", "HvCheck", "SupplyCheck", "Violations"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """National figures of one rule pack; the pack file says where each comes from.

    A figure added later has a default here, so that packs of earlier versions stay readable.
    """

    voltages_kv: tuple[Decimal, ...]
    frequency_hz: int
    late_fee_min_permille: Decimal
    late_fee_max_permille: Decimal
    cut_off_overdue_days: int
    cut_off_notice_days: int
    cut_off_notice_days_resident: int
    cut_off_final_hours: int
    outage_planned_days: int
    outage_temporary_hours: int
    deviation_sum_ge35_pct: Decimal
    deviation_three_phase_pct: Decimal
    deviation_220v_minus_pct: Decimal
    deviation_abnormal_pct: Decimal
    single_part_max_kva: Decimal
    two_part_min_kva: Decimal
    demand_min_share: Decimal
    demand_free_share: Decimal
    demand_discount_kwh_per_kva: Decimal
    fee_mode_change_days: int
    demand_change_days: int
    pt_secondary_v: Decimal
    ct_secondary_a: tuple[Decimal, ...]
    backup_share: Decimal
    min_telecom_channels: int
    dispatch_relay_from_kv: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Figures and profile that hold for one check.

    Attributes:
        pack_from: First day on which the pack may be signed under.
        pack_to: Last day; ``None`` where the pack itself sets no end.
        reading: Every value of the terms under test, read once for all rules.
    """

    figures: Figures
    profile: Profile
    pack_version: str
    pack_from: date
    pack_to: date | None
    reading: Reading


Violations: TypeAlias = Iterator[Violation]
CommonCheck: TypeAlias = Callable[[Terms, Ground], Violations]
SupplyCheck: TypeAlias = Callable[[SupplyTerms, Ground], Violations]
HvCheck: TypeAlias = Callable[[HvSupplyTerms, Ground], Violations]
DispatchCheck: TypeAlias = Callable[[DispatchTerms, Ground], Violations]
