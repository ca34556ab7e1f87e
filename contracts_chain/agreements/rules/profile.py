"""Province profile: figures that differ between provinces are data, never code (reference §0, §10).

Durations of service levels, of compacts and the working-day calendar are not here but in
``service_levels`` and ``working_days``.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Final

from contracts_chain.agreements.terms.codes import AgreementKind, Coded, TariffSystem
from contracts_chain.agreements.typed_toml import (
    PackagedFileBrokenError,
    packaged_sha256,
    typed_resource,
)
from kernel.errors import RejectedError
from kernel.sized_bytes import Bytes32

__all__ = [
    "AccessLimit",
    "LimitUnit",
    "Profile",
    "ProfileUnknownError",
    "Tariff",
    "TariffClass",
    "load_profile",
    "profile_sha256",
]

_PACKAGE: Final = "contracts_chain.agreements.rules"
_PROFILES: Final = {"ZJ": "profile_zhejiang.toml", "SD": "profile_shandong.toml"}


class TariffClass(Coded):
    """居民 / 农业 / 工商业, as the 2023 reform collapses them (reference §3.5)."""

    BUSINESS = ("BUSINESS", "工商业用电")
    RESIDENT = ("RESIDENT", "居民生活用电")
    AGRICULTURE = ("AGRICULTURE", "农业生产用电")
    WHOLESALE = ("WHOLESALE", "趸售用电")


class LimitUnit(Coded):
    """What a limit of low-voltage connection counts: load in kW (C13) or capacity in kVA (C22)."""

    KW = ("kW", "千瓦")
    KVA = ("kVA", "千伏安")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """One row of the province's tariff list; ``voltages_kv`` are the supply voltages it is for."""

    code: str
    name: str
    tariff_class: TariffClass
    system: TariffSystem
    voltages_kv: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessLimit:
    """Up to which size customers of an area are connected at low voltage (R-VOLT-2).

    Attributes:
        area: As the papers call it; shown to people.
        places: Words of an address inside the area; empty where addresses do not tell.
    """

    area: str
    places: tuple[str, ...]
    value: Decimal
    unit: LimitUnit


@dataclass(frozen=True, slots=True, kw_only=True)
class TermLimit:
    """Longest term of a class in years; no law fixes it, so it is configured."""

    kind: AgreementKind
    years: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeCode:
    """Two letters in the contract number.

    Attributes:
        is_placeholder: The unit has not said which letters it uses.
    """

    kind: AgreementKind
    code: str
    is_placeholder: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Figures of one province.

    Attributes:
        lv_access_threshold: First row that fits the address and the size is shown.
        after_meter_line_max_m: ``None`` where the province sets no limit.
        temp_max_months: Term of temporary supply without the utility's permission (R-TEMP-1).
        temp_metered_max_months: Of metered temporary supply, where provincial practice has one.
        cutoff_notice_days: Where the province gives longer notice than the State; never shorter (R-CUT-1).
        gen_use_documents: Further papers that a county asks of PV owners; none unless configured.
    """

    province: str
    name: str
    cust_no_prefix: str
    lv_access_threshold: tuple[AccessLimit, ...]
    legacy_voltages_kv: tuple[Decimal, ...]
    after_meter_line_max_m: Decimal | None = None
    temp_max_months: int
    temp_metered_max_months: int | None = None
    late_fee_default_permille: Decimal
    late_fee_default_earlier_permille: Decimal
    late_fee_default_resident_permille: Decimal
    cutoff_notice_days: int | None = None
    cutoff_notice_days_resident: int | None = None
    max_terms: tuple[TermLimit, ...]
    type_codes: tuple[TypeCode, ...]
    retention_years_after_term: int
    gen_use_documents: tuple[str, ...] = ()
    tariffs: tuple[Tariff, ...]

    def max_term_years(self, kind: AgreementKind) -> int | None:
        """Longest term in years, if the province sets one."""
        return next((limit.years for limit in self.max_terms if limit.kind is kind), None)

    def type_code(self, kind: AgreementKind) -> str:
        """Type code of a class for ``numbering.contract_number``.

        Raises:
            PackagedFileBrokenError: The profile has none.
        """
        for entry in self.type_codes:
            if entry.kind is kind:
                return entry.code
        raise PackagedFileBrokenError(self.province, f"no type code for {kind.value}")

    def find_tariff(self, code: str) -> Tariff | None:
        """The row of a tariff code."""
        return next((tariff for tariff in self.tariffs if tariff.code == code), None)


class ProfileUnknownError(RejectedError):
    """No profile of this province is installed."""

    code = "profile_unknown"

    def __init__(self, province: str) -> None:
        """Keep the code asked for."""
        known = ", ".join(_PROFILES)
        super().__init__(
            f"no profile for province {province!r}; use one of {known} or install its profile",
            f"没有省级单位“{province}”的参数文件；请使用 {known}，或先安装该省参数文件",
        )
        self.province = province


@cache
def load_profile(province: str = "ZJ") -> Profile:
    """The profile of a province, read once per process.

    Raises:
        ProfileUnknownError: None installed for it.
        PackagedFileBrokenError: The file is broken.
    """
    return typed_resource(Profile, _PACKAGE, _file(province))


@cache
def profile_sha256(province: str) -> Bytes32:
    """Digest of the province's file: what an approval records.

    Raises:
        ProfileUnknownError: None installed for it.
    """
    return packaged_sha256(_PACKAGE, _file(province))


def _file(province: str) -> str:
    if province not in _PROFILES:
        raise ProfileUnknownError(province)
    return _PROFILES[province]
