"""Terms and template to document: what a contract says, before anyone lays it out.

Decides wording, numbering of clauses and order of blocks; knows no measure or font.
The same inputs give the same document: number, newest final block and creation time
are inputs (DESIGN decision 11). Must never change a template's words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from contracts_chain.agreements.classes.book import class_of
from contracts_chain.agreements.diagram import wiring_diagrams
from contracts_chain.agreements.shown import day_text, field_text, value_text
from contracts_chain.agreements.slots import SlotSpec, signature_slots
from contracts_chain.agreements.templates.template import PLACEHOLDER, ClauseText, Template
from contracts_chain.agreements.terms import Terms
from contracts_chain.agreements.terms.agreement_terms import ORDER_REFERENCE
from contracts_chain.agreements.terms.party import Party, PartyInRole
from contracts_chain.agreements.terms_json import masked_terms, terms_bytes
from kernel.digests import sha256
from kernel.errors import RejectedError
from pdfgen.document import (
    Attachment,
    Block,
    Clause,
    Document,
    FieldTable,
    Heading,
    PageBreak,
    Paragraph,
    PartyBlock,
    PartySlot,
)

__all__ = [
    "SlotSpec",
    "TemplateMismatchError",
    "UnresolvedReferenceError",
    "article",
    "compose",
    "signature_slots",
]

_CHINESE_DIGITS: Final = "零一二三四五六七八九"
TERMS_FILE: Final = "terms.json"


class TemplateMismatchError(RejectedError):
    """The template is for another class, or not in force when the terms are to be signed."""

    code = "template_mismatch"


class UnresolvedReferenceError(RejectedError):
    """The terms still refer to a sister agreement that has no number."""

    code = "unresolved_reference"

    def __init__(self, reference: str) -> None:
        """Keep the reference."""
        super().__init__(
            f"{reference} has no number yet; number that agreement first, then write its number here",
            f"{reference} 对应的合同尚未编号；请先为该合同编号，再填写其编号",
        )
        self.reference = reference


def compose(
    terms: Terms,
    template: Template,
    *,
    number: str,
    not_before: str | None,
    qr_text: str,
    created_utc: datetime,
    mark: str,
) -> Document:
    """Fill a template with terms.

    Args:
        terms: Checked terms; whether they are lawful was decided before.
        template: The registered text of the same class.
        number: Contract number, printed on every page.
        not_before: Hash of the newest final block (0x and 64 hex digits), or ``None``
            where no chain was reachable; the footnote says which.
        qr_text: Content of the QR code of every page.
        created_utc: Creation time in the metadata, aware.
        mark: ``TEST``/``SPECIMEN`` wording, empty in production.

    Raises:
        TemplateMismatchError: Another class, or a text not in force on the last day for signing.
        UnresolvedReferenceError: It refers to a sister agreement without a number.
    """
    _verify_inputs(terms, template)
    terms = masked_terms(terms)
    attached = terms_bytes(terms)
    return Document(
        title=template.title,
        number=number,
        qr_text=qr_text,
        subtitle=terms.parties()[1].party.name,
        cover=() if class_of(terms).is_short else tuple(_cover(terms)),
        footnote=_footnote(not_before),
        mark=mark,
        created_utc=created_utc,
        blocks=tuple(_blocks(terms, template, attached)),
        attachments=(_terms_file(attached),),
    )


def _blocks(terms: Terms, template: Template, attached: bytes) -> Iterator[Block]:
    if class_of(terms).is_short:
        yield from _short_head(terms, template)
        yield from _body(terms, template)
        yield from _provenance(terms, template, attached)
    else:
        yield from _body(terms, template)
        yield from _drawings(terms)
        yield from _provenance(terms, template, attached)
        yield from _page_for_signing()
    yield from _signatures(terms)


def _terms_file(attached: bytes) -> Attachment:
    return Attachment(
        name=TERMS_FILE,
        media_type="application/json",
        relationship="Source",
        description="合同条款数据（RFC 8785 规范化 JSON，个人证件号码已遮盖）",
        content=attached,
    )


def _verify_inputs(terms: Terms, template: Template) -> None:
    due = class_of(terms)
    if template.class_id != due.id:
        raise TemplateMismatchError(
            f"{template.template_id} is for {template.class_id}, the terms are {due.id}; use its text",
            f"文本 {template.template_id} 适用于 {template.class_id}，条款为 {due.id}；请改用对应文本",
        )
    ends = template.effective_to
    if terms.sign_by < template.effective_from or (ends is not None and terms.sign_by > ends):
        raise TemplateMismatchError(
            f"{template.template_id} {template.version} is not in force on {terms.sign_by}; use another",
            f"文本 {template.template_id} {template.version} 在 {terms.sign_by} 不适用；请改用有效版本",
        )
    for reference in terms.related_numbers():
        if reference.startswith(ORDER_REFERENCE):
            raise UnresolvedReferenceError(reference)


def _cover(terms: Terms) -> Iterator[tuple[str, str]]:
    for held in terms.parties():
        yield held.title, held.party.name
    yield from class_of(terms).cover_rows(terms)
    yield "签订地点", terms.signed_at
    yield "签署截止日", day_text(terms.sign_by)
    yield (
        "签订日期",
        "以最后一方签署所附时间戳记载的日期为准" if terms.signed_on is None else day_text(terms.signed_on),
    )


def _short_head(terms: Terms, template: Template) -> Iterator[Block]:
    """A short form begins with its title and what others print on a cover."""
    yield Heading(level=1, text=template.title)
    yield FieldTable(title="", rows=tuple(_cover(terms)))


def _footnote(not_before: str | None) -> str:
    if not_before is None:
        return "本文件生成时未取得存证链区块，不作“不早于”证明"
    return f"本文件不早于存证链区块 {not_before}"


def _body(terms: Terms, template: Template) -> Iterator[Block]:
    chosen = {clause.id for clause in template.clauses() if _is_chosen(clause, terms)}
    order = [clause.id for clause in template.clauses() if clause.id in chosen]
    numbers = {name: article(index) for index, name in enumerate(order, 1)}
    for chapter in template.chapters:
        if not class_of(terms).is_short:
            yield Heading(level=1, text=chapter.title)
        for clause in chapter.clauses:
            if clause.section is not None:
                yield Heading(level=2, text=clause.section)
            if clause.id in chosen:
                yield _clause(clause, terms, numbers)
                yield from (class_of(terms).table(name, terms) for name in clause.tables)


def _is_chosen(clause: ClauseText, terms: Terms) -> bool:
    return clause.when is None or class_of(terms).holds(clause.when, terms)


def _clause(clause: ClauseText, terms: Terms, numbers: Mapping[str, str]) -> Clause:
    filled = _filled(clause.text, terms, numbers)
    return Clause(number=numbers[clause.id], title=clause.title, text=filled, conspicuous=clause.conspicuous)


def _filled(text: str, terms: Terms, numbers: Mapping[str, str]) -> str:
    """Put values for placeholders; a full stop brought by a value is not doubled."""

    def value(mark: str, name: str) -> str:
        if mark == "#":
            return numbers[name]
        return class_of(terms).phrase(name, terms) if mark == "=" else _field(terms, name)

    filled = PLACEHOLDER.sub(lambda found: value(found["mark"], found["name"]), text)
    return filled.replace("。。", "。")


def _field(owner: object, path: str) -> str:
    name, _, rest = path.partition(".")
    return _field(getattr(owner, name), rest) if rest else field_text(owner, name)


def _drawings(terms: Terms) -> Iterator[Block]:
    """The wiring and demarcation diagrams, behind the clauses that speak of them."""
    diagrams = wiring_diagrams(terms)
    if diagrams:
        yield Heading(level=1, text="附图")
        yield from diagrams


def _provenance(terms: Terms, template: Template, attached: bytes) -> Iterator[Block]:
    """What generated the text: a court asks how the record came about (在线诉讼规则 art. 18)."""
    yield FieldTable(
        title="文本生成信息",
        rows=(
            ("合同文本", f"{template.template_id} {template.version}"),
            ("规则包", f"{terms.rule_pack_version}（{terms.province}）"),
            ("文本 SHA-256", template.fixed_text_sha256().hex()),
            (f"附件 {TERMS_FILE} SHA-256", sha256(attached).hex()),
        ),
    )


def _page_for_signing() -> Iterator[Block]:
    yield PageBreak()
    yield Heading(level=1, text="签署页")
    yield Paragraph(text="（本页为签署页，无合同正文。签字和盖章以电子签名和电子印章作出。）", note=True)


def _signatures(terms: Terms) -> Iterator[Block]:
    slots, is_short = signature_slots(terms), class_of(terms).is_short
    for held in terms.parties():
        yield _party_block(held, [slot for slot in slots if slot.party_role == held.role], is_short=is_short)


def _party_block(held: PartyInRole, slots: list[SlotSpec], *, is_short: bool) -> PartyBlock:
    party = held.party
    labels: Mapping[str, str] = {"person": _hand(party), "seal": f"{party.seal_name}（盖章）"}
    return PartyBlock(
        role=held.title,
        facts=tuple(fact for fact in _facts(party) if not is_short or fact not in _left_out(party)),
        slots=[PartySlot(name=slot.name, kind=slot.kind, label=labels[slot.kind]) for slot in slots],
        continued="签署页" if is_short else "签署页（续）",
    )


def _hand(party: Party) -> str:
    if party.has_guardian:
        return "法定代理人（签字）"
    if party.agent is not None:
        return "委托代理人（签字）"
    return "本人（签字）" if party.legal_rep is None else "法定代表人（负责人）（签字）"


def _left_out(party: Party) -> tuple[tuple[str, str], ...]:
    """Facts a short form does without: a bank nobody pays to by transfer, an agent nobody has."""
    return (
        ("委托代理人", "无"),
        ("开户银行", value_text(party.bank_name)),
        ("账号", value_text(party.bank_acct)),
    )


def _facts(party: Party) -> Iterator[tuple[str, str]]:
    yield "名称", party.name
    yield "住所", party.registered_addr
    yield party.id_type.zh, party.id_no
    if party.licence_no is not None:
        yield "电力业务许可证", party.licence_no
    if party.legal_rep is not None:
        yield "法定代表人（负责人）", f"{party.legal_rep.name}（{party.legal_rep.post}）"
    if party.agent is None:
        yield "委托代理人", "无"
    elif party.has_guardian:
        yield "法定代理人", f"{party.agent.person.name}（{party.agent.letter.number}）"
    else:
        yield "委托代理人", f"{party.agent.person.name}（授权委托书 {party.agent.letter.number}）"
    yield "开户银行", value_text(party.bank_name)
    yield "账号", value_text(party.bank_acct)
    yield "联系电话", party.phone
    if party.capacity_note is not None:
        yield "民事行为能力", party.capacity_note


def article(index: int) -> str:
    """``第十二条``; articles 1 to 999."""
    return f"第{_chinese(index)}条"


def _chinese(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    words = f"{_CHINESE_DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        words += ("" if tens == 1 and not hundreds else _CHINESE_DIGITS[tens]) + "十"
    elif hundreds and ones:
        words += "零"
    return words + (_CHINESE_DIGITS[ones] if ones else "")
