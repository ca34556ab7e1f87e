"""What a draft must satisfy before a number is taken for it.

Every bad field is found in one pass. The rules are the tax platform's as far as they
are known (reference/invoices.md §2.3); lengths marked unverified there are the smaller
of the sources. The check digit of a 统一社会信用代码 is not judged here: the agreement
that the invoice rests on has it verified.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from contracts_chain.invoicing.invoice import InvoiceDraft, InvoiceKind, Party
from contracts_chain.invoicing.line import Line
from contracts_chain.invoicing.refusals import InvoiceFinding, InvoiceRejectedError
from contracts_chain.invoicing.tax import (
    INVOICE_TAX_TOLERANCE_FEN,
    LINE_AMOUNT_TOLERANCE_FEN,
    TaxMode,
    exact_amount_fen,
    exact_tax_fen,
    tax_of,
)
from kernel.money import yuan_text

__all__ = ["check_draft"]

_TAXPAYER_ID = re.compile(r"[0-9A-Z]{15}|[0-9A-Z]{17,18}|[0-9A-Z]{20}")
_ITEM_NAME = re.compile(r"\*[^*]+\*[^*]+")
_CLASSIFICATION_CODE = re.compile(r"[0-9]{19}")
_FORBIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_GREATEST_DECIMALS = 13
_GREATEST_FIGURES = 25
_FACE_ROWS = 7
_NAME_COLUMN = 11
_GREATEST_FEN = 10**15


def check_draft(draft: InvoiceDraft) -> None:
    """Return if the draft may be issued.

    Raises:
        InvoiceRejectedError: With every finding, in the order of the form.
    """
    findings = [*_parties(draft), *_texts(draft), *_lines(draft), *_totals(draft)]
    if findings:
        raise InvoiceRejectedError(findings)


def _parties(draft: InvoiceDraft) -> Iterator[InvoiceFinding]:
    yield from _party("seller", draft.seller, needs_id=True)
    yield from _party("buyer", draft.buyer, needs_id=draft.kind is InvoiceKind.SPECIAL)


def _party(field: str, party: Party, *, needs_id: bool) -> Iterator[InvoiceFinding]:
    yield from _text(f"{field}.name", party.name, most=300, least=1)
    yield from _text(f"{field}.address", party.address, most=300)
    yield from _text(f"{field}.telephone", party.telephone, most=60)
    yield from _text(f"{field}.bank_name", party.bank_name, most=300)
    yield from _text(f"{field}.bank_account", party.bank_account, most=100)
    if party.taxpayer_id or needs_id:
        yield from _pattern(
            f"{field}.taxpayer_id",
            party.taxpayer_id,
            _TAXPAYER_ID,
            "give the taxpayer id: 15, 17, 18 or 20 digits and capital letters",
            "请填写纳税人识别号：15、17、18 或 20 位数字和大写字母",
        )


def _texts(draft: InvoiceDraft) -> Iterator[InvoiceFinding]:
    yield from _text("contract_number", draft.contract_number, most=60, least=1)
    yield from _text("drawer", draft.drawer, most=60, least=1)
    for index, line in enumerate(draft.remark):
        yield from _text(f"remark[{index}]", line, most=180, least=1)
    if len(draft.remark) > 3:
        yield _finding("remark", "too_long", "write three lines at most", "备注最多三行")


def _lines(draft: InvoiceDraft) -> Iterator[InvoiceFinding]:
    if not draft.lines:
        yield _finding("lines", "empty", "add a line", "请至少填写一行")
    if sum(_rows(line.item.name) for line in draft.lines) > _FACE_ROWS:
        yield _finding(
            "lines",
            "too_many_rows",
            f"the face has {_FACE_ROWS} rows; merge lines or make two invoices",
            f"票面仅有 {_FACE_ROWS} 行；请合并明细或拆分开具",
        )
    before: Line | None = None
    for index, line in enumerate(draft.lines):
        field = f"lines[{index}]"
        yield from _item(field, line)
        yield from _figures(field, line, draft)
        if line.is_discount:
            yield from _discount(field, line, before)
        before = line


def _item(field: str, line: Line) -> Iterator[InvoiceFinding]:
    item = line.item
    yield from _text(f"{field}.specification", item.specification, most=40)
    yield from _text(f"{field}.unit", item.unit, most=20)
    yield from _text(f"{field}.name", item.name, most=90)
    yield from _pattern(
        f"{field}.name", item.name, _ITEM_NAME, "write *short name*item", "项目名称应写作 *简称*名称"
    )
    yield from _pattern(
        f"{field}.classification_code",
        item.classification_code,
        _CLASSIFICATION_CODE,
        "give the 19 digits of the tax classification code",
        "请填写 19 位税收分类编码",
    )
    if not _is_rate(item.rate):
        yield _finding(
            f"{field}.rate", "rate", "give the rate as a fraction such as 0.13", "税率应为小数，如 0.13"
        )


def _figures(field: str, line: Line, draft: InvoiceDraft) -> Iterator[InvoiceFinding]:
    if (line.quantity is None) != (line.price is None):
        yield _finding(
            f"{field}.quantity",
            "half_priced",
            "give both quantity and price or neither",
            "数量和单价应同时填写或同时留空",
        )
    yield from _product(field, line)
    if _is_rate(line.item.rate):
        yield from _tax(field, line, draft.mode)


def _product(field: str, line: Line) -> Iterator[InvoiceFinding]:
    sound = True
    for name, figure in (("quantity", line.quantity), ("price", line.price)):
        if figure is not None and not _is_printable(figure):
            sound = False
            yield _finding(
                f"{field}.{name}",
                "figure",
                "must be above zero, 13 decimals at most",
                "应大于零，小数不超过 13 位",
            )
    if not sound or line.quantity is None or line.price is None:
        return
    if abs(exact_amount_fen(line.quantity, line.price) - line.amount_fen) > LINE_AMOUNT_TOLERANCE_FEN:
        yield _finding(
            f"{field}.amount_fen",
            "amount",
            f"quantity x price is not {yuan_text(line.amount_fen)}",
            f"数量与单价之积不等于金额 {yuan_text(line.amount_fen)}",
        )


def _tax(field: str, line: Line, mode: TaxMode) -> Iterator[InvoiceFinding]:
    expected = tax_of(mode, line.amount_fen, line.tax_fen, line.item.rate)
    if line.tax_fen != expected:
        yield _finding(
            f"{field}.tax_fen",
            "tax",
            f"the tax by the {mode.value} mode is {yuan_text(expected)}, not {yuan_text(line.tax_fen)}",
            f"按{mode.zh}方式税额应为 {yuan_text(expected)}，而非 {yuan_text(line.tax_fen)}",
        )


def _discount(field: str, line: Line, before: Line | None) -> Iterator[InvoiceFinding]:
    if line.quantity is not None or line.price is not None:
        yield _finding(
            f"{field}.quantity", "discount_priced", "a discount row has no quantity", "折扣行不填数量和单价"
        )
    if (
        before is None
        or before.is_discount
        or before.item != line.item
        or -line.amount_fen > before.amount_fen
    ):
        yield _finding(
            field,
            "discount_alone",
            "a discount follows the row it reduces, with the same item and no more than its amount",
            "折扣行应紧随被折扣行，项目相同，且不得超过其金额",
        )


def _totals(draft: InvoiceDraft) -> Iterator[InvoiceFinding]:
    if not 0 < draft.total_fen < _GREATEST_FEN:
        yield _finding(
            "lines", "total", "the total must be above zero and printable", "价税合计应大于零且不超限"
        )
    if not all(_is_rate(line.item.rate) for line in draft.lines):
        return
    exact = sum((exact_tax_fen(line.amount_fen, line.item.rate) for line in draft.lines), Fraction(0))
    if abs(exact - draft.tax_fen) > INVOICE_TAX_TOLERANCE_FEN:
        yield _finding(
            "lines",
            "tax_total",
            "the taxes differ from amount x rate by more than 1.27 yuan",
            "合计税额误差超过 1.27 元",
        )


def _text(field: str, text: str, *, most: int, least: int = 0) -> Iterator[InvoiceFinding]:
    if not least <= len(text.encode("utf-8", "surrogatepass")) <= most:
        yield _finding(field, "length", f"write {least} to {most} bytes", f"长度应为 {least} 至 {most} 字节")
    if text != text.strip() or any(_is_unprintable(character) for character in text):
        yield _finding(
            field,
            "characters",
            "remove control characters and outer spaces",
            "请删除控制字符、不可见字符和首尾空格",
        )


def _pattern(field: str, text: str, pattern: re.Pattern[str], en: str, zh: str) -> Iterator[InvoiceFinding]:
    if not pattern.fullmatch(text):
        yield _finding(field, "format", en, zh)


def _is_unprintable(character: str) -> bool:
    return unicodedata.category(character) in _FORBIDDEN or ord(character) & 0xFFFE == 0xFFFE


def _is_rate(rate: Decimal) -> bool:
    return rate.is_finite() and 0 <= rate < 1 and _decimals(rate) <= 6


def _is_printable(figure: Decimal) -> bool:
    return (
        figure.is_finite()
        and figure > 0
        and _decimals(figure) <= _GREATEST_DECIMALS
        and len(f"{figure:f}") <= _GREATEST_FIGURES
    )


def _decimals(figure: Decimal) -> int:
    exponent = figure.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else _GREATEST_DECIMALS + 1


def _rows(name: str) -> int:
    """Rows that an item name takes on the face: eleven full-width characters each."""
    halves = sum(2 if unicodedata.east_asian_width(each) in "WFA" else 1 for each in name)
    return max(1, -(-halves // (2 * _NAME_COLUMN)))


def _finding(field: str, code: str, en: str, zh: str) -> InvoiceFinding:
    return InvoiceFinding(field=field, code=code, en=en, zh=zh)
