"""ENTRUSTED_RELAY_SUPPLY 委托转供电协议: three parties (reference §3.1, R-RELAY-1)."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.classes.agreement_class import AgreementClass
from contracts_chain.agreements.relay_tables import RELAY_CONDITIONS, RELAY_PHRASES, RELAY_TABLES
from contracts_chain.agreements.rules.relay_rules import RELAY_CHECKS
from contracts_chain.agreements.shown import field_text
from contracts_chain.agreements.terms import AgreementKind
from contracts_chain.agreements.terms.relay import RelayTerms

__all__ = ["ENTRUSTED_RELAY_SUPPLY"]


def _cover(terms: RelayTerms) -> Iterator[tuple[str, str]]:
    yield "被转供方户号", terms.cust_no
    yield "被转供方供用电合同", terms.relayed_contract_no
    yield "转供方供用电合同", terms.relayer_contract_no
    yield "转供容量", field_text(terms, "relayed_capacity_kva")


ENTRUSTED_RELAY_SUPPLY: Final = AgreementClass(
    id="ENTRUSTED_RELAY_SUPPLY",
    kind=AgreementKind.ENTRUSTED_RELAY_SUPPLY,
    terms=RelayTerms,
    templates=("entrusted_relay_supply.toml",),
    tables=RELAY_TABLES,
    phrases=RELAY_PHRASES,
    conditions=RELAY_CONDITIONS,
    checks=RELAY_CHECKS,
    conspicuous=frozenset({"esign", "evidence", "exemption", "no_interruption", "relayed_duty"}),
    cover=_cover,
    unruled=MappingProxyType(
        {
            "further_items[].content": "added by the parties; the rules about text in general read it",
            "further_items[].name": "added by the parties; the rules about text in general read it",
            "meters[].at_demarcation": "the loss up to the meter is agreed in any case (R-RELAY-4)",
            "meters[].mode": "transformer loss belongs to the relayed user's own supply contract",
            "relay_points[].line": "describes the site",
            "relay_points[].location": "describes the site",
            "relay_points[].switch": "describes the site",
            "relayed_addr": "any address; it is that of the relayed user's own supply contract",
            "renewal": "both ways of renewing are lawful",
        }
    ),
)
