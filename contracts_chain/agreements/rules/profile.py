"""Province profile: figures that differ between provinces are data, never code (reference §0, §10)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Final

from contracts_chain.agreements.terms.codes import AgreementKind, Coded, TariffSystem
from contracts_chain.agreements.typed_toml import PackagedFileBrokenError, typed_resource
from kernel.errors import RejectedError

__all__ = [
    "Profile",
    "ProfileUnknownError",
    "Tariff",
    "TariffClass",
    "load_profile",
]

_PACKAGE: Final = "contracts_chain.agreements.rules"
_PROFILES: Final = {"ZJ": "profile_zhejiang.toml"}


class TariffClass(Coded):
    """居民 / 农业 / 工商业, as the 2023 reform collapses them (reference §3.5)."""

    BUSINESS = ("BUSINESS", "工商业用电")
    RESIDENT = ("RESIDENT", "居民生活用电")
    AGRICULTURE = ("AGRICULTURE", "农业生产用电")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """One row of the province's tariff list; ``voltage_kv`` is the supply voltage it is for."""

    code: str
    name: str
    tariff_class: TariffClass
    system: TariffSystem
    voltage_kv: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class TermLimit:
    """Longest term of a class in years; no law fixes it, so it is configured."""

    kind: AgreementKind
    years: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeCode:
    """Two letters in the contract number."""

    kind: AgreementKind
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Figures of one province.

    Attributes:
        lv_cities: Names of cities where the higher low-voltage limit holds everywhere.
        after_meter_line_max_m: ``None`` where the province sets no limit.
    """

    province: str
    name: str
    cust_no_prefix: str
    lv_cities: tuple[str, ...]
    lv_access_kw_cities: Decimal
    lv_access_kw_elsewhere: Decimal
    legacy_voltages_kv: tuple[Decimal, ...]
    after_meter_line_max_m: Decimal | None = None
    late_fee_default_permille: Decimal
    late_fee_default_earlier_permille: Decimal
    max_terms: tuple[TermLimit, ...]
    type_codes: tuple[TypeCode, ...]
    retention_years_after_term: int
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
    if province not in _PROFILES:
        raise ProfileUnknownError(province)
    return typed_resource(Profile, _PACKAGE, _PROFILES[province])
