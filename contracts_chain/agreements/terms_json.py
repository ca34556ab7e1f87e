"""Files of terms and orders: ``{"schema": 1, "kind": …, "terms": {…}}`` (docs/formats/terms.md).

Decides whether a file is terms at all; collects every problem before refusing. The
canonical bytes (RFC 8785) are what storage keeps and digests are taken of. Must never
judge whether the terms are lawful: that is the rule pack's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Final

from contracts_chain.agreements.classes.book import class_for, classes_of_kind
from contracts_chain.agreements.identity_codes import masked_resident_id
from contracts_chain.agreements.terms import AgreementKind, SupplyTerms, Terms
from contracts_chain.agreements.terms.label import Label
from contracts_chain.agreements.terms.party import Party, Person
from contracts_chain.agreements.terms.settlement import FeeSettlementTerms
from contracts_chain.agreements.typed_json import Problem, read_text, shown_name, typed_from, value_json
from kernel.canonical_json import JsonObject, JsonValue, canonical_bytes, parse_json
from kernel.errors import RejectedError
from kernel.money import Fen

__all__ = [
    "BillingOrder",
    "Order",
    "Problem",
    "TermsUnreadableError",
    "attached_bytes",
    "load_order",
    "load_terms",
    "masked_terms",
    "terms_bytes",
    "terms_json",
]

_SCHEMA: Final = 1
_LARGEST_FILE: Final = 2_000_000
_LARGEST_REMEMBERED: Final = 100_000
"""Bytes; the largest sample has 20,000. With the number kept this bounds the memory."""


class TermsUnreadableError(RejectedError):
    """The file is not terms of a known class; every problem is listed."""

    code = "terms_unreadable"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """Keep all problems, in the file's order."""
        super().__init__(
            f"{len(problems)} problems in the terms; correct them all: " + "; ".join(p.en for p in problems),
            f"条款文件有 {len(problems)} 处错误，请全部改正："
            + "；".join(f"{p.path}　{p.zh}" for p in problems),
        )
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingOrder:
    """The billing line to invoice under an order's supply contract (reference/invoices.md §2.2).

    Attributes:
        unit_price_yuan: Exclusive of tax, ten decimals at most.
        amount_fen: Quantity times price, rounded half up, exclusive of tax.
        tax_rate: Fraction, ``0.13``.
        tax_fen: Amount times rate, rounded half up.
    """

    item_name: Annotated[str, Label("项目名称")]
    tax_classification_code: Annotated[str, Label("税收分类编码")]
    specification: Annotated[str | None, Label("规格型号")] = None
    unit: Annotated[str, Label("单位")]
    quantity_kwh: Annotated[Decimal, Label("数量", "kWh")]
    unit_price_yuan: Annotated[str, Label("单价", "元")]
    amount_fen: Annotated[int, Label("金额", "分")]
    tax_rate: Annotated[Decimal, Label("税率")]
    tax_fen: Annotated[int, Label("税额", "分")]
    period_from: Annotated[date, Label("电费起始日")]
    period_to: Annotated[date, Label("电费截止日")]
    drawer: Annotated[str, Label("开票人")]
    remark: Annotated[str | None, Label("备注")] = None

    @property
    def amount(self) -> Fen:
        """Amount exclusive of tax."""
        return Fen(self.amount_fen)

    @property
    def tax(self) -> Fen:
        """Tax of the line."""
        return Fen(self.tax_fen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Agreements that belong together, and the first bill under them."""

    order_no: str
    agreements: tuple[Terms, ...]
    invoice: BillingOrder | None


def load_terms(content: bytes) -> Terms:
    """Read one file of terms; the same bytes give the same value, frozen through and through.

    A ceremony asks for the terms of its agreement at every step, so those read last are remembered
    under their bytes; a refusal is not.

    Raises:
        TermsUnreadableError: With every problem found.
    """
    return _remembered(content) if len(content) <= _LARGEST_REMEMBERED else _read_terms(content)


@lru_cache(maxsize=128)
def _remembered(content: bytes) -> Terms:
    return _read_terms(content)


def _read_terms(content: bytes) -> Terms:
    problems: list[Problem] = []
    whole = _object(content, {"schema", "kind", "terms"}, problems)
    terms = _terms(whole, "", problems) if whole else None
    if problems or terms is None:
        raise TermsUnreadableError(tuple(problems))
    return terms


def load_order(content: bytes) -> Order:
    """Read an order file: number, agreements, and the billing line if there is one.

    Raises:
        TermsUnreadableError: With every problem found, in all agreements.
    """
    problems: list[Problem] = []
    whole = _object(content, {"schema", "order_no", "agreements", "invoice"}, problems)
    if whole is None:
        raise TermsUnreadableError(tuple(problems))
    order_no = read_text(whole.get("order_no"), "order_no", problems, names=True)
    agreements = _agreements(whole.get("agreements"), problems)
    billed = whole.get("invoice")
    invoice = None if billed is None else typed_from(BillingOrder, billed, "invoice", problems)
    if problems:
        raise TermsUnreadableError(tuple(problems))
    return Order(order_no=order_no, agreements=agreements, invoice=invoice)


def _agreements(value: JsonValue, problems: list[Problem]) -> tuple[Terms, ...]:
    if isinstance(value, str) or not isinstance(value, list) or not value:
        zh = "请至少列出一份合同"
        problems.append(Problem(path="agreements", code="missing", en="agreements: list at least one", zh=zh))
        return ()
    read = [_agreement(item, f"agreements[{index}]", problems) for index, item in enumerate(value)]
    return tuple(terms for terms in read if terms is not None)


def _agreement(value: JsonValue, path: str, problems: list[Problem]) -> Terms | None:
    if not isinstance(value, Mapping):
        problems.append(Problem(path=path, code="type", en=f"{path}: write an object", zh="应为对象"))
        return None
    _unknown(value, {"kind", "terms"}, f"{path}.", problems)
    return _terms(value, path, problems)


def _object(content: bytes, known: set[str], problems: list[Problem]) -> JsonObject | None:
    if len(content) > _LARGEST_FILE:
        problems.append(Problem(path="", code="size", en="the file is over 2 MB", zh="文件超过 2 MB"))
        return None
    try:
        value = parse_json(content)
    except (ValueError, RecursionError) as problem:
        en = f"not JSON by our rules ({problem}); see docs/formats/terms.md"
        problems.append(
            Problem(path="", code="type", en=en, zh=f"不是合格的 JSON（{problem}），请按格式说明改正")
        )
        return None
    if not isinstance(value, Mapping):
        problems.append(Problem(path="", code="type", en="write an object", zh="应为对象"))
        return None
    _unknown(value, known, "", problems)
    if value.get("schema") != _SCHEMA or isinstance(value.get("schema"), bool):
        en, zh = "schema: write 1", "格式版本应为 1"
        problems.append(Problem(path="schema", code="word", en=en, zh=zh))
    return value


def _unknown(value: JsonObject, known: set[str], prefix: str, problems: list[Problem]) -> None:
    for name in value:
        if name not in known:
            place = f"{prefix}{shown_name(name)}"
            en, zh = f"{place}: remove this field", "没有这个字段，请删除"
            problems.append(Problem(path=place, code="unknown", en=en, zh=zh))


def _terms(value: JsonObject, path: str, problems: list[Problem]) -> Terms | None:
    prefix = f"{path}." if path else ""
    kind = next((k for k in AgreementKind if k.value == value.get("kind")), None)
    if kind is None:
        words = ", ".join(str(k.value) for k in AgreementKind)
        en, zh = f"{prefix}kind: write one of {words}", f"合同类别只能填：{words}"
        problems.append(Problem(path=f"{prefix}kind", code="word", en=en, zh=zh))
        return None
    found = class_for(kind, value.get("terms"))
    if found is None:
        problems.append(_no_variant(kind, prefix))
        return None
    return typed_from(found.terms, value.get("terms"), f"{prefix}terms", problems)


def _no_variant(kind: AgreementKind, prefix: str) -> Problem:
    choices = [one.choice for one in classes_of_kind(kind) if one.choice is not None]
    path = f"{prefix}terms.{choices[0].field}" if choices else f"{prefix}kind"
    words = ", ".join(sorted(word for choice in choices for word in choice.words)) or "another kind"
    return Problem(path=path, code="word", en=f"{path}: write one of {words}", zh=f"只能填：{words}")


def terms_json(terms: Terms) -> JsonObject:
    """The file form of terms; ``load_terms`` reads it back to an equal value."""
    return {"schema": _SCHEMA, "kind": terms.KIND.value, "terms": value_json(terms)}


def terms_bytes(terms: Terms) -> bytes:
    """Canonical bytes (RFC 8785) of the complete terms: what storage keeps."""
    return canonical_bytes(terms_json(terms))


def attached_bytes(terms: Terms) -> bytes:
    """Canonical bytes of the terms as embedded in the PDF: ``masked_terms`` of them.

    The check code and the record bind these bytes.
    """
    return terms_bytes(masked_terms(terms))


def masked_terms(terms: Terms) -> Terms:
    """The terms as page and attachment may show them: personal document numbers masked.

    Everyone who may read the contract may read its attachment, so neither shows more
    than the other (reference §6.2). A natural person's tax number is the resident id.
    """
    masked = terms.with_parties({held.role: _masked(held.party) for held in terms.parties()})
    if not isinstance(masked, SupplyTerms | FeeSettlementTerms) or masked.consumer.is_organisation:
        return masked
    invoice = masked.invoice_profile
    if invoice is None:
        return masked
    return replace(masked, invoice_profile=replace(invoice, tax_no=masked_resident_id(invoice.tax_no)))


def _masked(party: Party) -> Party:
    agent = party.agent
    masked = replace(
        party,
        legal_rep=party.legal_rep and _masked_person(party.legal_rep),
        agent=agent and replace(agent, person=_masked_person(agent.person)),
    )
    if party.is_organisation:
        return masked
    tax_no = party.tax_no and masked_resident_id(party.tax_no)
    return replace(masked, id_no=masked_resident_id(party.id_no), tax_no=tax_no)


def _masked_person(person: Person) -> Person:
    return replace(person, id_no=masked_resident_id(person.id_no))
