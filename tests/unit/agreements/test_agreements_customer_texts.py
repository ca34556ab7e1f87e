"""The texts of the five customer classes: complete, without blanks, every value of the terms in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from broken_samples import changed_sample

from contracts_chain.agreements.classes.book import class_of
from contracts_chain.agreements.compose import article, compose
from contracts_chain.agreements.shown import value_text
from contracts_chain.agreements.templates.template import load_template
from contracts_chain.agreements.terms.codes import Coded
from contracts_chain.agreements.typed_json import shape_of
from pdfgen.document import Clause, Document

CLASSES = ("lv_nonres_supply", "lv_res_supply", "temp_supply", "market_retail_supply", "gen_use")
KEPT_OFF_THE_PAGE = re.compile(
    r"legal_rep\.(id_no|id_type|phone)|agent\.person\.(id_no|id_type|phone|post)|agent\.letter\."
    r"|\.(province|acct_name|tax_no|id_no|transformer_loss)$"
)
"""Personal identity, and values printed through another field."""
SHORT_FORM_LEAVES_OUT = re.compile(
    r"\.(bank_name|bank_acct|renewal)$|sources\[0\]\.(no|role|line_kind|capacity_kva|protection|operation)"
    r"|metering_points\[0\]\.(no|purpose|location|mode|wiring|p?t?_|pt_|ct_|multiplier)"
    r"|demarcation_points\[0\]\.(no|source_no|line|pole|point_owner)|receiving_points\[0\]\.(no|name)"
    r"|investment_interface|\.supply_voltage|voltage_kv|\.price_scheme"
)
"""What a household's meter and line have in common with every other, or the clauses say in words."""


def composed(name: str, changes: dict[str, Any]) -> Document:
    terms = changed_sample(name, changes)
    return compose(
        terms,
        load_template(class_of(terms)),
        number="SGZJMZ00YXGY2600001",
        not_before="0x" + "ab" * 32,
        qr_text="https://example.test/q/1",
        created_utc=datetime(2026, 12, 20, 4, tzinfo=UTC),
        mark="TEST",
    )


def printed(document: Document) -> str:
    cover = "\n".join(value for _, value in document.cover)
    return cover + "\n".join(text for block in document.blocks for text in block.texts())


def leaves(value: object, path: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from leaves(item, f"{path}[{index}]")
    elif hasattr(value, "__dataclass_fields__"):
        for shape in shape_of(type(value)):
            yield from leaves(getattr(value, shape.name), f"{path}.{shape.name}")
    else:
        yield path, value


@pytest.mark.parametrize("name", CLASSES)
def test_every_value_of_the_sample_is_printed(name: str) -> None:
    terms, text = changed_sample(name, {}), printed(composed(name, {}))
    left_out = SHORT_FORM_LEAVES_OUT if class_of(terms).is_short else re.compile(r"(?!)")
    missing = [
        path
        for path, value in leaves(terms, "terms")
        if not KEPT_OFF_THE_PAGE.search(path)
        and not left_out.search(path)
        and not isinstance(value, bool)
        and value is not None
        and (value.zh if isinstance(value, Coded) else value_text(value)).rstrip("。") not in text
    ]
    assert missing == []


@pytest.mark.parametrize("name", CLASSES)
def test_no_text_has_a_blank_or_an_open_placeholder(name: str) -> None:
    document = composed(name, {})
    assert not re.search(r"[{}_＿]|。。|：。|；。|，，|None", printed(document))
    assert all(text.strip() for block in document.blocks for text in block.texts() if text != "")


@pytest.mark.parametrize("name", CLASSES)
def test_clauses_are_numbered_without_gaps_and_references_point_at_them(name: str) -> None:
    clauses = [block for block in composed(name, {}).blocks if isinstance(block, Clause)]
    numbers = [clause.number for clause in clauses]
    assert numbers == [article(index) for index in range(1, len(numbers) + 1)]
    referred = set(re.findall(r"第[一二三四五六七八九十百零]+条", "".join(c.text for c in clauses)))
    assert referred <= set(numbers)


@pytest.mark.parametrize("name", CLASSES)
def test_hotlines_signatures_and_evidence_method_are_agreed_in_every_class(name: str) -> None:
    text = printed(composed(name, {}))
    for words in ("95598", "12398", "可靠的电子签名", "存证日志", "特别约定"):
        assert words in text
    assert "SGTYHT" not in text
