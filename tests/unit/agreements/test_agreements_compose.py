from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from contracts_chain.agreements.classes.book import class_of
from contracts_chain.agreements.compose import (
    TemplateMismatchError,
    UnresolvedReferenceError,
    article,
    compose,
    signature_slots,
)
from contracts_chain.agreements.shown import value_text
from contracts_chain.agreements.templates.template import load_template
from contracts_chain.agreements.terms import DispatchTerms, HvSupplyTerms, Terms
from contracts_chain.agreements.terms.codes import (
    BasicFeeMode,
    Coded,
    DisputeForum,
    LossMode,
    MarketAttr,
    TariffSystem,
)
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.agreements.typed_json import decimal_text, shape_of
from pdfgen.document import Clause, Document, FieldTable, GridTable, Heading, PartyBlock
from pdfgen.render import render

BLOCK = "0x" + "ab" * 32
NUMBER = "SGZJMZ00YXGY2600001"


def composed(terms: Terms, *, not_before: str | None = BLOCK) -> Document:
    return compose(
        terms,
        load_template(class_of(terms)),
        number=NUMBER,
        not_before=not_before,
        qr_text=f"https://example.test/q/{NUMBER}-0123abcd",
        created_utc=datetime(2026, 11, 20, 7, 32, 5, tzinfo=UTC),
        mark="TEST",
    )


def clauses(document: Document) -> list[Clause]:
    return [block for block in document.blocks if isinstance(block, Clause)]


def printed(document: Document) -> str:
    return "\n".join(_lines(document))


def _lines(document: Document) -> Iterator[str]:
    yield from (value for _, value in document.cover)
    for block in document.blocks:
        if isinstance(block, Clause):
            yield f"{block.number}　{block.title}\n{block.text}"
        elif isinstance(block, FieldTable):
            yield from (value for _, value in block.rows)
        elif isinstance(block, GridTable):
            yield from (cell for row in block.rows for cell in row)
        elif isinstance(block, PartyBlock):
            yield from (text for fact in block.facts for text in fact)
        elif isinstance(block, Heading):
            yield block.text


def leaves(value: object, path: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from leaves(item, f"{path}[{index}]")
    elif hasattr(value, "__dataclass_fields__"):
        for shape in shape_of(type(value)):
            yield from leaves(getattr(value, shape.name), f"{path}.{shape.name}")
    else:
        yield path, value


KEPT_OFF_THE_PAGE = re.compile(
    r"legal_rep\.(id_no|id_type|phone)|agent\.person\.(id_no|id_type|phone|post)|agent\.letter\."
    r"|\.(province|acct_name|tax_no)$|contract_nos\[\d\]\.role$"
)
"""Personal identity, and values printed through another field."""


@pytest.mark.parametrize("which", ["supply", "dispatch"])
def test_every_value_of_the_terms_is_printed(which: str, request: pytest.FixtureRequest) -> None:
    terms = request.getfixturevalue(which)
    text = printed(composed(terms))
    missing = [
        path
        for path, value in leaves(terms, "terms")
        if not KEPT_OFF_THE_PAGE.search(path)
        and not isinstance(value, bool)
        and value is not None
        and (value.zh if isinstance(value, Coded) else value_text(value)).rstrip("。") not in text
    ]
    assert ",".join(missing) == ""


@pytest.mark.parametrize("which", ["supply", "dispatch"])
def test_a_composed_contract_has_no_blank_and_no_open_placeholder(
    which: str, request: pytest.FixtureRequest
) -> None:
    text = printed(composed(request.getfixturevalue(which)))
    assert not re.search(r"[{}_＿]|。。|：。|None", text)
    assert all(line.strip() for line in _lines(composed(request.getfixturevalue(which))))


def test_clauses_are_numbered_without_gaps_and_references_point_at_them(supply: HvSupplyTerms) -> None:
    document = composed(supply)
    numbers = [clause.number for clause in clauses(document)]
    assert numbers == [article(index) for index in range(1, len(numbers) + 1)]
    referred = set(re.findall(r"第[一二三四五六七八九十百零]+条", "".join(c.text for c in clauses(document))))
    assert referred <= set(numbers)
    by_title = {clause.title: clause.number for clause in clauses(document)}
    exemption = next(clause for clause in clauses(document) if clause.title == "供电人的免责")
    assert by_title["欠费中止供电的程序"] in exemption.text


def test_a_customer_without_retailer_gets_no_retail_clause_and_no_gap(supply: HvSupplyTerms) -> None:
    other = replace(supply, market_attr=MarketAttr.AGENT_PURCHASE, retail=())
    document = composed(other)
    assert len(clauses(document)) == len(clauses(composed(supply))) - 1
    assert "代理购电" in printed(document)
    assert [c.number for c in clauses(document)][-1] == article(len(clauses(document)))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"basic_fee_mode": BasicFeeMode.BY_CAPACITY}, "计费容量为12600 kVA"),
        ({"basic_fee_mode": BasicFeeMode.BY_ACTUAL_DEMAND}, "抄见的实际最大需量"),
        ({"basic_fee_mode": BasicFeeMode.BY_CONTRACT_DEMAND}, "核定值为6600 kW，其中：电源1为3600 kW"),
        ({"basic_fee_mode": None}, "不执行基本电费"),
        ({"tariff_system": TariffSystem.SINGLE_PART}, "单一制"),
        ({"tou_flag": False}, "不执行分时电价"),
        ({"market_attr": MarketAttr.NON_MARKET}, "不参与电力市场交易"),
        ({"market_attr": MarketAttr.WHOLESALE}, "批发市场"),
        ({"signed_on": date(2026, 12, 1)}, "2026年12月1日"),
    ],
)
def test_wording_follows_the_terms(supply: HvSupplyTerms, change: dict[str, object], expected: str) -> None:
    assert expected in printed(composed(replace(supply, **change)))  # type: ignore[arg-type]


def test_exactly_one_forum_settles_disputes(supply: HvSupplyTerms) -> None:
    arbitration = replace(supply.dispute, forum=DisputeForum.ARBITRATE, body="明州仲裁委员会（示例）")
    text = printed(composed(replace(supply, dispute=arbitration)))
    assert "提交明州仲裁委员会（示例）" in text
    assert "提起诉讼" not in text


def test_low_voltage_metering_bears_the_transformer_loss(supply: HvSupplyTerms) -> None:
    loss = replace(supply.loss_allocation, transformer_loss=LossMode.CHARGED)
    assert "无功损耗由用电人承担" in printed(composed(replace(supply, loss_allocation=loss)))


@pytest.mark.parametrize("topic", ["欠费中止供电的程序", "逾期付款违约金", "供电人的免责", "存证和证据方法"])
def test_clauses_that_burden_the_customer_stand_out(supply: HvSupplyTerms, topic: str) -> None:
    blocks = composed(supply).blocks
    assert topic in {block.title for block in blocks if isinstance(block, Clause) and block.conspicuous}


def test_late_fee_outage_and_hotlines_are_in_the_text(supply: HvSupplyTerms) -> None:
    text = printed(composed(supply))
    for words in ("每日按欠费总额的2‰计算", "提前7日通知", "提前24小时", "95598", "12398", "以纸质形式送达"):
        assert words in text


def test_the_page_and_the_attachment_hide_resident_ids(supply: HvSupplyTerms) -> None:
    document = composed(supply)
    (attachment,) = document.attachments
    assert attachment.name == "terms.json"
    assert attachment.relationship == "Source"
    assert load_terms(attachment.content).cust_no == supply.cust_no
    for person in (supply.consumer.legal_rep, supply.supplier.legal_rep, supply.supplier.signer):
        assert person.id_no not in printed(document)
        assert person.id_no.encode() not in attachment.content


def test_the_customer_signs_first_and_a_person_before_the_seal(supply: HvSupplyTerms) -> None:
    slots = signature_slots(supply)
    assert [slot.name for slot in slots] == [
        "ConsumerPerson",
        "ConsumerSeal",
        "SupplierPerson",
        "SupplierSeal",
    ]
    assert slots[0].signer_name == supply.consumer.legal_rep.name
    assert slots[2].signer_name == "顾清和"
    assert slots[3].seal_name == "供用电合同专用章"
    blocks = [block for block in composed(supply).blocks if isinstance(block, PartyBlock)]
    assert {slot.name for block in blocks for slot in block.slots} == {slot.name for slot in slots}


def test_the_footnote_tells_the_block_or_that_there_was_none(supply: HvSupplyTerms) -> None:
    assert BLOCK in composed(supply).footnote
    assert "未取得" in composed(supply, not_before=None).footnote


def test_an_unnumbered_supply_contract_stops_the_dispatch_agreement(dispatch: DispatchTerms) -> None:
    with pytest.raises(UnresolvedReferenceError):
        composed(replace(dispatch, related_contract_nos=("order:HV_SUPPLY",)))


def test_a_text_of_another_class_or_time_is_refused(supply: HvSupplyTerms, dispatch: DispatchTerms) -> None:
    with pytest.raises(TemplateMismatchError):
        compose(
            supply,
            load_template(class_of(dispatch)),
            number=NUMBER,
            not_before=None,
            qr_text="x",
            created_utc=datetime(2026, 11, 20, tzinfo=UTC),
            mark="",
        )
    with pytest.raises(TemplateMismatchError):
        composed(replace(supply, sign_by=date(2025, 12, 31)))


def test_a_supply_contract_without_lists_prints_rows_of_none(supply: HvSupplyTerms) -> None:
    bare = replace(supply, backup_sources=(), annexes=(), load_traits=(), security_load_kw=None)
    tables = {b.title: b for b in composed(bare).blocks if isinstance(b, GridTable)}
    assert set(tables["自备应急电源"].rows[0]) == {"无"}
    assert set(tables["附件清单"].rows[0]) == {"无"}


@pytest.mark.parametrize("which", ["supply", "dispatch"])
def test_both_contracts_fill_eight_pages_and_are_the_same_twice(
    which: str, request: pytest.FixtureRequest
) -> None:
    document = composed(request.getfixturevalue(which))
    first = render(document)
    assert first.pages >= 8
    assert {slot.page for slot in first.slots} == {first.pages}
    assert first.pdf == render(composed(request.getfixturevalue(which))).pdf


@pytest.mark.parametrize(
    ("index", "words"),
    [(1, "第一条"), (10, "第十条"), (11, "第十一条"), (20, "第二十条"), (87, "第八十七条"), (100, "第一百条"),
     (101, "第一百零一条"), (110, "第一百一十条"), (215, "第二百一十五条")],
)  # fmt: skip
def test_articles_are_written_in_chinese(index: int, words: str) -> None:
    assert article(index) == words


def test_quantities_are_plain_digits(supply: HvSupplyTerms) -> None:
    assert decimal_text(supply.contract_cap) == "12600"
    assert value_text(supply.contract_cap * 10, "kVA") == "126000 kVA"
