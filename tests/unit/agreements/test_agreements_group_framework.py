"""集团户框架协议: the head signs, each site keeps its contract, one invoice only for one buyer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from broken_samples import changed_sample, newly_broken, raw_sample

from contracts_chain.agreements.classes.book import class_of
from contracts_chain.agreements.compose import compose, signature_slots
from contracts_chain.agreements.group_framework_tables import members_digest
from contracts_chain.agreements.rules.group_rules import GROUP_CHECKS
from contracts_chain.agreements.rules.pack import check, load_pack
from contracts_chain.agreements.rules.profile import load_profile
from contracts_chain.agreements.templates.template import load_template
from contracts_chain.agreements.terms.group_framework import GroupFrameworkTerms
from contracts_chain.agreements.terms_json import load_terms, terms_bytes
from pdfgen.document import Clause, Document, GridTable
from pdfgen.render import render

NAME = "group_framework"
OWN = 10
"""Position of the member that is a legal person of its own."""


def invoice() -> dict[str, str]:
    head = raw_sample(NAME)["terms"]["head_party"]
    return {
        "kind": "SPECIAL",
        "mode": "按月合并开具",
        "title": head["name"],
        "tax_no": head["tax_no"],
        "address": head["registered_addr"],
        "phone": head["phone"],
        "bank_name": head["bank_name"],
        "bank_acct": head["bank_acct"],
        "email": head["email"],
    }


def one_buyer() -> dict[str, Any]:
    """The group without its own legal person, billed together."""
    members = raw_sample(NAME)["terms"]["members"][:OWN]
    return {
        "members": members,
        "member_count": OWN,
        "consolidated_invoice": True,
        "invoice_profile": invoice(),
    }


BREACHES: list[tuple[str, dict[str, Any]]] = [
    ("R-GRP-1", {"member_count": 10}),
    ("R-GRP-1", {"members.0.cust_no": "1105102601001"}),
    ("R-GRP-1", {"members.1.cust_no": "3305102601001"}),
    ("R-GRP-1", {"members.0.contract_kind": "GRID_DISPATCH"}),
    ("R-GRP-2", {"consolidated_invoice": True}),
    ("R-GRP-2", {"consolidated_invoice": True, "invoice_profile": invoice()}),
    ("R-GRP-3", {"members.0.buyer_name": "别家公司"}),
    ("R-GRP-3", {f"members.{OWN}.mandate_no": None}),
    ("R-GRP-3", {f"members.{OWN}.buyer_tax_no": "91330299MA2HY5X050"}),
    ("R-GRP-4", {"member_change_days": 0}),
]


def composed(terms: GroupFrameworkTerms) -> Document:
    return compose(
        terms,
        load_template(class_of(terms)),
        number="SGZJMZ00YXJT2600001",
        not_before=None,
        qr_text="https://example.test",
        created_utc=datetime(2026, 11, 20, tzinfo=UTC),
        mark="TEST",
    )


def sample(changes: dict[str, Any]) -> GroupFrameworkTerms:
    return cast("GroupFrameworkTerms", changed_sample(NAME, changes))


def clauses(terms: GroupFrameworkTerms) -> dict[str, str]:
    return {block.title: block.text for block in composed(terms).blocks if isinstance(block, Clause)}


def of_many(count: int) -> GroupFrameworkTerms:
    terms = sample({})
    members = tuple(replace(terms.members[0], cust_no=f"33051{index:08d}") for index in range(count))
    return replace(terms, members=members, member_count=count)


def test_the_sample_has_no_finding() -> None:
    assert check(sample({}), load_pack(), load_profile()) == ()


@pytest.mark.parametrize(("rule", "changes"), BREACHES)
def test_each_rule_notices_its_breach_and_no_other_does(rule: str, changes: dict[str, Any]) -> None:
    assert newly_broken(NAME, changes) == {rule}


def test_every_group_rule_has_a_breach_here() -> None:
    assert {rule for rule, _ in BREACHES} == set(GROUP_CHECKS)


def test_one_invoice_passes_where_all_sites_have_one_buyer() -> None:
    assert newly_broken(NAME, one_buyer()) == set()
    assert "合并开具发票" in clauses(sample(one_buyer()))
    assert "分别开具发票" in clauses(sample({}))


def test_the_head_signs_for_the_group_and_the_utility_last() -> None:
    slots = signature_slots(sample({}))
    assert [slot.name for slot in slots] == [
        "HeadPartyPerson",
        "HeadPartySeal",
        "SupplierPerson",
        "SupplierSeal",
    ]
    assert slots[0].signer_name == "阮知行"


def test_batch_signing_is_agreed_as_one_intent_and_one_signature_per_document() -> None:
    text = clauses(sample({}))["批量签署"]
    assert "一次意愿确认" in text
    assert "对每一份文件分别生成独立的电子签名" in text
    assert "批量签署" not in clauses(sample({"batch_signing": False}))


def test_the_digest_of_the_member_list_is_printed_and_changes_with_any_member() -> None:
    terms = sample({})
    assert members_digest(terms) in clauses(terms)["成员清单"]
    other = sample({"members.3.site": "浙江省明州市别处"})
    assert members_digest(other) != members_digest(terms)


def test_two_thousand_members_are_read_checked_and_listed() -> None:
    terms = of_many(2000)
    assert load_terms(terms_bytes(terms)) == terms
    assert check(terms, load_pack(), load_profile()) == ()
    (table,) = (b for b in composed(terms).blocks if isinstance(b, GridTable) and b.title == "成员用户清单")
    assert len(table.rows) == 2000


def test_a_long_member_list_is_drawn_over_many_pages() -> None:
    few, many = render(composed(of_many(20))), render(composed(of_many(120)))
    assert many.pages > few.pages + 2
