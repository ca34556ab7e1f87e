"""授权委托书 as a paper of its own: read from its file, composed as a document to print and sign.

Names what 民法典 art. 165 demands: the agent, the matters, the scope and the period; the
principal signs or seals it. The signed file's SHA-256 goes into the agreement's
``AuthorizationLetter``, which must say the same. Must never empower for everything: kinds
and period are always written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Final

from contracts_chain.agreements.identity_codes import (
    IdentityCodeError,
    masked_resident_id,
    verify_resident_id,
    verify_uscc,
)
from contracts_chain.agreements.shown import day_text
from contracts_chain.agreements.terms.codes import AgreementKind, IdType
from contracts_chain.agreements.terms.label import Label
from contracts_chain.agreements.terms.party import Person
from contracts_chain.agreements.typed_json import Problem, decimal_text, typed_from
from kernel.canonical_json import parse_json
from kernel.errors import RejectedError
from pdfgen.document import Block, Document, FieldTable, Heading, Paragraph, PartyBlock, PartySlot

__all__ = ["LetterRefusedError", "LetterText", "Principal", "compose_letter", "load_letter"]

TITLE: Final = "授权委托书"
_SCHEMA: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who gives the authority: an organisation with its representative, or a natural person."""

    name: Annotated[str, Label("委托人")]
    registered_addr: Annotated[str, Label("住所")]
    id_type: Annotated[IdType, Label("证件类型")]
    id_no: Annotated[str, Label("证件号码")]
    legal_rep: Annotated[Person | None, Label("法定代表人（负责人）")] = None
    seal_name: Annotated[str | None, Label("印章名称")] = None

    @property
    def is_organisation(self) -> bool:
        """Whether it has a 统一社会信用代码."""
        return self.id_type is IdType.USCC


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterText:
    """Everything a letter of authority says.

    Attributes:
        kinds: Kinds of agreement the agent may sign; at least one.
        capacity_limit_kva: Largest agreement; ``None`` is without limit.
        delegated_by: Number of the letter it is passed on from (民法典 art. 169).
    """

    number: Annotated[str, Label("授权委托书编号")]
    principal: Annotated[Principal, Label("委托人")]
    agent: Annotated[Person, Label("受托人")]
    kinds: Annotated[tuple[AgreementKind, ...], Label("授权签订的合同类别")]
    matters: Annotated[str, Label("授权事项")]
    capacity_limit_kva: Annotated[Decimal | None, Label("授权容量上限", "kVA")] = None
    may_delegate: Annotated[bool, Label("可以转委托")]
    delegated_by: Annotated[str | None, Label("转委托所依据的授权委托书")] = None
    valid_from: Annotated[date, Label("授权起始日")]
    valid_to: Annotated[date, Label("授权截止日")]
    issued_on: Annotated[date, Label("出具日期")]


class LetterRefusedError(RejectedError):
    """The file is no letter of authority, or one that would not empower anybody."""

    code = "letter_refused"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """Keep every problem."""
        super().__init__(
            f"{len(problems)} problems in the letter; correct them all: " + "; ".join(p.en for p in problems),
            f"授权委托书有 {len(problems)} 处错误，请全部改正："
            + "；".join(f"{p.path}　{p.zh}" for p in problems),
        )
        self.problems = problems


def load_letter(content: bytes) -> LetterText:
    """Read ``{"schema": 1, "letter": {…}}``.

    Raises:
        LetterRefusedError: With every problem found.
    """
    problems: list[Problem] = []
    letter: LetterText | None = None
    try:
        whole = parse_json(content)
    except (ValueError, RecursionError) as problem:
        zh = f"不是合格的 JSON（{problem}）"
        raise LetterRefusedError(
            (Problem(path="", code="type", en=f"not JSON: {problem}", zh=zh),)
        ) from problem
    if not isinstance(whole, Mapping) or set(whole) != {"schema", "letter"} or whole["schema"] != _SCHEMA:
        en, zh = 'write {"schema": 1, "letter": {…}}', "应为 {“schema”: 1, “letter”: {…}}"
        problems.append(Problem(path="", code="type", en=en, zh=zh))
    else:
        letter = typed_from(LetterText, whole["letter"], "letter", problems)
    if letter is not None:
        problems.extend(_ineffective(letter))
    if problems or letter is None:
        raise LetterRefusedError(tuple(problems))
    return letter


def _ineffective(letter: LetterText) -> Iterator[Problem]:
    principal = letter.principal
    if not letter.kinds:
        yield _problem("kinds", "name at least one kind of agreement", "请至少写明一类合同")
    if letter.valid_to < max(letter.valid_from, letter.issued_on):
        en = f"ends {letter.valid_to} before it begins {letter.valid_from} or is issued {letter.issued_on}"
        zh = f"截止日 {letter.valid_to} 早于起始日 {letter.valid_from} 或者出具日期 {letter.issued_on}"
        yield _problem("valid_to", en, zh)
    if letter.capacity_limit_kva is not None and letter.capacity_limit_kva <= 0:
        yield _problem("capacity_limit_kva", "must be above zero", "授权容量应大于零")
    if letter.delegated_by is not None and not letter.may_delegate:
        en = "a letter that is passed on needs the principal's consent"
        yield _problem("may_delegate", en, "转委托须经委托人同意（可以转委托应为“是”）")
    if principal.is_organisation and (principal.legal_rep is None or principal.seal_name is None):
        en = "an organisation names its representative and seal"
        yield _problem("principal", en, "委托人为单位的，请填写法定代表人（负责人）和印章名称")
    yield from _code_problems(letter)


def _code_problems(letter: LetterText) -> Iterator[Problem]:
    principal, agent = letter.principal, letter.agent
    held = [
        ("principal.id_no", principal.id_type, principal.id_no),
        ("agent.id_no", agent.id_type, agent.id_no),
    ]
    if principal.legal_rep is not None:
        person = principal.legal_rep
        held.append(("principal.legal_rep.id_no", person.id_type, person.id_no))
    for path, kind, number in held:
        try:
            if kind is IdType.USCC:
                verify_uscc(number)
            elif kind is IdType.RESIDENT_ID:
                verify_resident_id(number)
        except IdentityCodeError as problem:
            yield _problem(path, problem.en, problem.zh)


def _problem(path: str, en: str, zh: str) -> Problem:
    return Problem(path=f"letter.{path}", code="rule", en=f"letter.{path}: {en}", zh=zh)


def compose_letter(letter: LetterText, *, created_utc: datetime, mark: str) -> Document:
    """The letter as a document of one page, personal document numbers masked.

    Args:
        letter: What it says.
        created_utc: Creation time in the metadata, aware.
        mark: ``TEST``/``SPECIMEN`` wording, empty in production.
    """
    return Document(
        title=TITLE,
        number=letter.number,
        qr_text=letter.number,
        subtitle=letter.principal.name,
        cover=(),
        footnote="本授权委托书经委托人签字（单位并加盖印章）后生效",
        mark=mark,
        created_utc=created_utc,
        blocks=tuple(_blocks(letter)),
        attachments=(),
    )


def _blocks(letter: LetterText) -> Iterator[Block]:
    yield Heading(level=1, text=TITLE)
    yield FieldTable(title="委托人", rows=tuple(_principal(letter.principal)))
    yield FieldTable(title="受托人", rows=tuple(_person(letter.agent)))
    for text in _authority(letter):
        yield Paragraph(text=text)
    yield _signature(letter)


def _authority(letter: LetterText) -> Iterator[str]:
    kinds = "".join(f"《{kind.zh}》" for kind in letter.kinds)
    yield f"委托人授权上列受托人以委托人名义签订{kinds}，办理事项为：{letter.matters.rstrip('。')}。"
    if letter.capacity_limit_kva is None:
        yield "授权范围以上列合同类别和事项为限，不限单份合同的容量。"
    else:
        limit = decimal_text(letter.capacity_limit_kva)
        yield f"授权范围以上列合同类别和事项为限，单份合同的容量不超过 {limit} kVA；超出部分受托人无权代理。"
    yield f"授权期限自{day_text(letter.valid_from)}起至{day_text(letter.valid_to)}止，首尾两日均计算在内。"
    yield _delegation(letter)
    yield (
        "受托人在上述事项、权限和期限内签署的文件，由委托人承担其法律后果。"
        "委托人提前撤销授权的，应书面通知合同相对方。"
    )


def _delegation(letter: LetterText) -> str:
    if letter.delegated_by is not None:
        return f"本授权由授权委托书 {letter.delegated_by} 转委托而来，委托人对转委托予以同意。"
    return "受托人可以转委托第三人。" if letter.may_delegate else "受托人不得转委托第三人。"


def _principal(principal: Principal) -> Iterator[tuple[str, str]]:
    number = principal.id_no if principal.is_organisation else masked_resident_id(principal.id_no)
    yield "名称" if principal.is_organisation else "姓名", principal.name
    yield principal.id_type.zh, number
    yield "住所", principal.registered_addr
    if principal.legal_rep is not None:
        yield "法定代表人（负责人）", f"{principal.legal_rep.name}（{principal.legal_rep.post}）"


def _person(person: Person) -> Iterator[tuple[str, str]]:
    yield "姓名", person.name
    yield "职务", person.post
    yield person.id_type.zh, masked_resident_id(person.id_no)
    yield "联系电话", person.phone


def _signature(letter: LetterText) -> PartyBlock:
    principal = letter.principal
    hand = "法定代表人（负责人）（签字）" if principal.is_organisation else "委托人（签字）"
    slots = [PartySlot(name="PrincipalPerson", kind="person", label=hand)]
    if principal.seal_name is not None:
        slots.append(PartySlot(name="PrincipalSeal", kind="seal", label=f"{principal.seal_name}（盖章）"))
    facts = (
        ("名称" if principal.is_organisation else "姓名", principal.name),
        ("出具日期", day_text(letter.issued_on)),
    )
    return PartyBlock(role="委托人", facts=facts, slots=slots)
