"""Tables and wording of supplements and terminations, by the names their texts call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.phrases import dispute, formation
from contracts_chain.agreements.shown import value_text
from contracts_chain.agreements.table_rows import TableBlock, annexes, contacts, grid_table
from contracts_chain.agreements.terms.supplement import ChangedField, SupplementTerms
from contracts_chain.agreements.terms.termination import FinalReading, TerminationTerms
from kernel.money import Fen, yuan_capitals, yuan_grouped
from pdfgen.document import FieldTable, GridTable

__all__ = ["SUPPLEMENT_PHRASES", "SUPPLEMENT_TABLES", "TERMINATION_PHRASES", "TERMINATION_TABLES"]


def _both(terms: SupplementTerms | TerminationTerms) -> str:
    return f"{terms.supplier.name}（供电人）与{terms.consumer.name}（用电人）"


def _capacity(terms: SupplementTerms) -> str:
    after = terms.capacity_after_kva
    return "不变" if after is None else value_text(after, "kVA")


def _paper(terms: TerminationTerms) -> str:
    if terms.paper_service:
        return "供电人除以电子形式签署外，另以纸质形式将本协议送达用电人，并由用电人签收送达回证。"
    return "用电人以书面形式要求终止，双方确认无须另行纸质送达。"


def _changed(terms: SupplementTerms) -> GridTable:
    columns = (("label", 2.2), ("old_text", 3.9), ("new_text", 3.9))
    return grid_table("变更内容", ChangedField, terms.changed, columns)


def _readings(terms: TerminationTerms) -> GridTable:
    columns = (("meter_no", 2.4), ("reading_kwh", 2.6), ("multiplier", 2), ("read_on", 3))
    return grid_table("止码", FinalReading, terms.readings, columns)


def _settlement(terms: TerminationTerms) -> FieldTable:
    due = terms.settlement
    amount = Fen(due.final_amount_fen)
    return FieldTable(
        title="最终结算",
        rows=(
            ("电费已结清", value_text(due.settled)),
            ("结清日期", value_text(due.settled_on)),
            ("末次结算金额", f"{yuan_grouped(amount)} 元"),
            ("金额大写", yuan_capitals(amount)),
            ("预收款项和保证金处理", due.deposit),
            ("计量装置拆除和停电安排", due.equipment),
        ),
    )


SUPPLEMENT_TABLES: Final[Mapping[str, Callable[[SupplementTerms], TableBlock]]] = MappingProxyType(
    {"annexes": annexes, "changed": _changed, "contacts": contacts}
)
SUPPLEMENT_PHRASES: Final[Mapping[str, Callable[[SupplementTerms], str]]] = MappingProxyType(
    {"both": _both, "capacity": _capacity, "dispute": dispute, "formation": formation}
)
TERMINATION_TABLES: Final[Mapping[str, Callable[[TerminationTerms], TableBlock]]] = MappingProxyType(
    {"annexes": annexes, "contacts": contacts, "readings": _readings, "settlement": _settlement}
)
TERMINATION_PHRASES: Final[Mapping[str, Callable[[TerminationTerms], str]]] = MappingProxyType(
    {"both": _both, "dispute": dispute, "formation": formation, "paper": _paper}
)
