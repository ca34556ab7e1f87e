"""SERVICE_COMPACT 服务契约 (reference §5.1, C4, C5, C18–C24)."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.classes.agreement_class import AgreementClass
from contracts_chain.agreements.compact_text import COMPACT_CONDITIONS, COMPACT_PHRASES, COMPACT_TABLES
from contracts_chain.agreements.rules.compact_rules import COMPACT_CHECKS
from contracts_chain.agreements.shown import field_text, value_text
from contracts_chain.agreements.terms import AgreementKind
from contracts_chain.agreements.terms.service_compact import ServiceCompactTerms

__all__ = ["SERVICE_COMPACT"]


def _cover(terms: ServiceCompactTerms) -> Iterator[tuple[str, str]]:
    yield "用户编号", value_text(terms.cust_no)
    yield "项目名称", terms.project
    yield "用电地址", terms.project_addr
    yield "配套工程完成日", field_text(terms, "completion_date")
    yield "商定接电日", field_text(terms, "agreed_connection_date")


SERVICE_COMPACT: Final = AgreementClass(
    id="SERVICE_COMPACT",
    kind=AgreementKind.SERVICE_COMPACT,
    terms=ServiceCompactTerms,
    templates=("service_compact.toml",),
    tables=COMPACT_TABLES,
    phrases=COMPACT_PHRASES,
    conditions=COMPACT_CONDITIONS,
    checks=COMPACT_CHECKS,
    conspicuous=frozenset({"customer_duties", "delay", "esign", "evidence", "exemption"}),
    cover=_cover,
    unruled=MappingProxyType(
        {
            "project": "the customer's own name for its project",
            "project_addr": "any address; that it is written is R-TPL-3's",
            "investment_project_code": "its form is the investment platform's and not established (I7)",
            "works_scope": "free description of the works",
            "milestones[].name": "free name; side and day are judged",
            "ducts[].route": "free description of the route; the numbers are judged",
        }
    ),
)
