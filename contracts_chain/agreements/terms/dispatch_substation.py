"""并网调度协议, customer substation variant (reference §4.2-4.4): what it adds to the common terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, ClassVar

from contracts_chain.agreements.terms import codes
from contracts_chain.agreements.terms.dispatch import DispatchTerms
from contracts_chain.agreements.terms.dispatch_equipment import MainTransformer
from contracts_chain.agreements.terms.label import Label
from contracts_chain.agreements.terms.party import Party

__all__ = ["SubstationDispatchTerms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubstationDispatchTerms(DispatchTerms):
    """Terms of one dispatch agreement with a customer that has a substation.

    Attributes:
        related_contract_nos: Numbers of the supply contracts it refers back to; inside an
            order file ``order:HV_SUPPLY`` stands for the sister agreement not yet numbered.
    """

    REFERENCES: ClassVar[tuple[str, ...]] = ("related_contract_nos",)
    ROLES: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"supplier": "电网方", "consumer": "用户方", "dispatch_centre": "调度方"}
    )
    STATION_TYPES: ClassVar[frozenset[codes.StationType]] = frozenset({codes.StationType.CUSTOMER_SUBSTATION})
    OPERATOR_SIDE: ClassVar[codes.DutySide] = codes.DutySide.CUSTOMER

    cust_no: Annotated[str, Label("用户编号")]
    related_contract_nos: Annotated[tuple[str, ...], Label("对应供用电合同编号")]
    consumer: Annotated[Party, Label("用户方")]
    installed_mva: Annotated[Decimal, Label("主变总容量", "MVA")]
    main_transformers: Annotated[tuple[MainTransformer, ...], Label("主变压器")]
    normal_operation: Annotated[str, Label("正常运行方式")]
    own_generation: Annotated[str | None, Label("自备电源并网情况")] = None

    @property
    def capacity_kva(self) -> Decimal | None:
        """Installed capacity of the station."""
        return self.installed_mva * 1000
