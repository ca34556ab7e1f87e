"""GEN_USE 分布式光伏发用电合同 (reference §5.4)."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.classes.agreement_class import AgreementClass
from contracts_chain.agreements.gen_use_phrases import GEN_USE_CONDITIONS, GEN_USE_PHRASES
from contracts_chain.agreements.gen_use_tables import GEN_USE_TABLES
from contracts_chain.agreements.rules.gen_use_rules import GEN_USE_CHECKS
from contracts_chain.agreements.shown import field_text, value_text
from contracts_chain.agreements.terms import AgreementKind
from contracts_chain.agreements.terms.gen_use import GenUseTerms

__all__ = ["GEN_USE"]


def _cover(terms: GenUseTerms) -> Iterator[tuple[str, str]]:
    yield "发电户号", terms.gen_account_no
    yield "关联用电户号", value_text(terms.cust_no)
    yield "档案号", terms.archive_no
    yield "项目名称", terms.project_name
    yield "装机容量", field_text(terms, "capacity_kwp")
    yield "消纳方式", terms.mode.zh


GEN_USE: Final = AgreementClass(
    id="GEN_USE",
    kind=AgreementKind.GEN_USE,
    terms=GenUseTerms,
    templates=("gen_use.toml",),
    tables=GEN_USE_TABLES,
    phrases=GEN_USE_PHRASES,
    conditions=GEN_USE_CONDITIONS,
    checks=GEN_USE_CHECKS,
    conspicuous=frozenset(
        {
            "boundary",
            "capacity_change",
            "curtail",
            "esign",
            "evidence",
            "exemption",
            "islanding",
            "owner_breach",
        }
    ),
    cover=_cover,
    unruled=MappingProxyType(
        {
            "archive_no": "the archive's own number",
            "inverters[].model": "from the plate; no rule limits it",
            "invoice_email": "any address that the owner declares",
            "location": "fact of the grid opinion that is attached; the reviewer compares it",
            "maintenance_boundary": "free agreement of the parties, conspicuous in the text",
            "meters[].at_demarcation": "fact of the grid opinion that is attached; the reviewer compares it",
            "meters[].mode": "fact of the grid opinion that is attached; the reviewer compares it",
            "points[].demarcation": "fact of the grid opinion that is attached; the reviewer compares it",
            "points[].grid_side": "fact of the grid opinion that is attached; the reviewer compares it",
            "points[].location": "fact of the grid opinion that is attached; the reviewer compares it",
            "project_name": "as the filing names it; the reviewer compares it",
            "renewal": "free agreement of the parties; the code list already limits the choices",
            "settle_cycle": "free agreement of the parties; the code list already limits the choices",
            "station_use_tariff": "follows from the price document in force",
            "subsidy": "follows from the subsidy document in force",
        }
    ),
)
