"""All classes this service drafts, and how terms find theirs (reference §3.1).

Adding a class: a dataclass in ``terms/``, a text in ``templates/`` with its digest in
``register.toml``, rules in ``rules/``, one value in this package, one line here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.classes.agreement_class import AnyClass
from contracts_chain.agreements.classes.entrusted_relay_supply import ENTRUSTED_RELAY_SUPPLY
from contracts_chain.agreements.classes.fee_settlement import FEE_SETTLEMENT
from contracts_chain.agreements.classes.gen_use import GEN_USE
from contracts_chain.agreements.classes.grid_dispatch_plant import GRID_DISPATCH_PLANT
from contracts_chain.agreements.classes.grid_dispatch_renewable import GRID_DISPATCH_RENEWABLE
from contracts_chain.agreements.classes.grid_dispatch_storage import GRID_DISPATCH_STORAGE
from contracts_chain.agreements.classes.grid_dispatch_substation import GRID_DISPATCH_SUBSTATION
from contracts_chain.agreements.classes.group_framework import GROUP_FRAMEWORK
from contracts_chain.agreements.classes.hv_supply import HV_SUPPLY
from contracts_chain.agreements.classes.lv_nonres_supply import LV_NONRES_SUPPLY
from contracts_chain.agreements.classes.lv_res_supply import LV_RES_SUPPLY
from contracts_chain.agreements.classes.market_retail_supply import MARKET_RETAIL_SUPPLY
from contracts_chain.agreements.classes.service_compact import SERVICE_COMPACT
from contracts_chain.agreements.classes.supplement import SUPPLEMENT
from contracts_chain.agreements.classes.temp_supply import TEMP_SUPPLY
from contracts_chain.agreements.classes.termination import TERMINATION
from contracts_chain.agreements.classes.wholesale_supply import WHOLESALE_SUPPLY
from contracts_chain.agreements.terms import AgreementKind, AgreementTerms
from kernel.canonical_json import JsonValue
from kernel.errors import RejectedError

__all__ = [
    "CLASSES",
    "ClassUnknownError",
    "class_for",
    "class_named",
    "class_of",
    "class_of_id",
    "classes_of_kind",
]

CLASSES: Final[tuple[AnyClass, ...]] = (
    HV_SUPPLY,
    LV_NONRES_SUPPLY,
    LV_RES_SUPPLY,
    TEMP_SUPPLY,
    MARKET_RETAIL_SUPPLY,
    GEN_USE,
    GRID_DISPATCH_SUBSTATION,
    GRID_DISPATCH_PLANT,
    GRID_DISPATCH_RENEWABLE,
    GRID_DISPATCH_STORAGE,
    WHOLESALE_SUPPLY,
    ENTRUSTED_RELAY_SUPPLY,
    FEE_SETTLEMENT,
    GROUP_FRAMEWORK,
    SUPPLEMENT,
    TERMINATION,
    SERVICE_COMPACT,
)

_BY_ID: Final[Mapping[str, AnyClass]] = MappingProxyType({one.id: one for one in CLASSES})
_BY_TERMS: Final[Mapping[type, AnyClass]] = MappingProxyType({one.terms: one for one in CLASSES})


def class_of(terms: AgreementTerms) -> AnyClass:
    """The class of these terms.

    Raises:
        KeyError: A dataclass that no class has; a fault of the program.
    """
    return _BY_TERMS[type(terms)]


class ClassUnknownError(RejectedError):
    """No class of agreement has this id."""

    code = "class_unknown"

    def __init__(self, class_id: str) -> None:
        """Keep the id asked for."""
        known = ", ".join(one.id for one in CLASSES)
        super().__init__(
            f"no class {class_id!r}; use one of {known}", f"没有合同类别“{class_id}”；请使用：{known}"
        )
        self.class_id = class_id


def class_of_id(class_id: str) -> AnyClass:
    """The class of an id that somebody wrote.

    Raises:
        ClassUnknownError: No such class.
    """
    if class_id not in _BY_ID:
        raise ClassUnknownError(class_id)
    return _BY_ID[class_id]


def class_named(class_id: str) -> AnyClass:
    """The class of an id.

    Raises:
        KeyError: No such class.
    """
    return _BY_ID[class_id]


def classes_of_kind(kind: AgreementKind) -> tuple[AnyClass, ...]:
    """The class of a kind, or its variants."""
    return tuple(one for one in CLASSES if one.kind is kind)


def class_for(kind: AgreementKind, value: JsonValue) -> AnyClass | None:
    """The class that a file of terms belongs to, by its kind and the field that tells variants apart.

    Returns:
        ``None`` if that field names no variant.
    """
    for one in classes_of_kind(kind):
        if one.choice is None:
            return one
        if isinstance(value, Mapping) and value.get(one.choice.field) in one.choice.words:
            return one
    return None
