"""The parties and the people who act for them (reference §3.2, §6.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated

from contracts_chain.agreements.terms.codes import AgreementKind, IdType
from contracts_chain.agreements.terms.label import Label

__all__ = ["Agent", "AuthorizationLetter", "DocumentRef", "Party", "PartyInRole", "Person"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRef:
    """A paper that stands behind the contract, by number, date and SHA-256 (64 hex digits)."""

    number: Annotated[str, Label("编号")]
    dated: Annotated[date, Label("日期")]
    sha256: Annotated[str, Label("文件摘要")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A natural person with the identity document that proves who it is."""

    name: Annotated[str, Label("姓名")]
    post: Annotated[str, Label("职务")]
    id_type: Annotated[IdType, Label("证件类型")]
    id_no: Annotated[str, Label("证件号码")]
    phone: Annotated[str, Label("电话")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationLetter:
    """授权委托书: agent, matters, scope and period, signed or sealed (民法典 art. 165).

    Attributes:
        principal: Registered name of who gives the authority: the party itself.
        kinds: Kinds of agreement that the agent may sign; nothing else is covered.
        capacity_limit_kva: Largest agreement in kVA; ``None`` is without limit.
        may_delegate: The principal agrees that authority is passed on (民法典 art. 169).
        delegated_by: Number of the letter that this one is passed on from; needs that consent.
        sha256: Digest of the letter's file, 64 hex digits.
    """

    number: Annotated[str, Label("授权委托书编号")]
    principal: Annotated[str, Label("委托人")]
    kinds: Annotated[tuple[AgreementKind, ...], Label("授权签订的合同类别")]
    matters: Annotated[str, Label("授权事项")]
    capacity_limit_kva: Annotated[Decimal | None, Label("授权容量上限", "kVA")] = None
    may_delegate: Annotated[bool, Label("可以转委托")]
    delegated_by: Annotated[str | None, Label("转委托所依据的授权委托书")] = None
    valid_from: Annotated[date, Label("授权起始日")]
    valid_to: Annotated[date, Label("授权截止日")]
    sha256: Annotated[str, Label("文件摘要")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """委托代理人 with the letter that empowers it."""

    person: Annotated[Person, Label("委托代理人")]
    letter: Annotated[AuthorizationLetter, Label("授权委托书")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One side of the contract: an organisation or a natural person.

    Attributes:
        licence_no: 电力业务许可证 number; the supplier must have one (条例 arts 8, 9).
        legal_rep: Of an organisation (民法典 art. 61); a natural person has none.
        bank_name: With account, account name, tax number and seal: organisations have
            them all (R-PARTY-1); a natural person may leave them out.
        seal_name: Wording of the contract seal that will be used; natural persons sign
            by hand alone.
        capacity_note: Why a natural person under age may be a party: whose guardian acts,
            by which paper (民法典 arts 19–23). ``None`` for everybody else.
    """

    name: Annotated[str, Label("名称")]
    registered_addr: Annotated[str, Label("住所")]
    id_type: Annotated[IdType, Label("证件类型")]
    id_no: Annotated[str, Label("证件号码")]
    licence_no: Annotated[str | None, Label("电力业务许可证")] = None
    legal_rep: Annotated[Person | None, Label("法定代表人（负责人）")] = None
    agent: Annotated[Agent | None, Label("委托代理人")] = None
    contact: Annotated[str, Label("联系人")]
    phone: Annotated[str, Label("电话")]
    mobile: Annotated[str, Label("手机")]
    email: Annotated[str, Label("电子邮箱")]
    mail_addr: Annotated[str, Label("通讯地址")]
    bank_name: Annotated[str | None, Label("开户银行")] = None
    bank_acct: Annotated[str | None, Label("账号")] = None
    acct_name: Annotated[str | None, Label("开户名称")] = None
    tax_no: Annotated[str | None, Label("税号")] = None
    seal_name: Annotated[str | None, Label("印章名称")] = None
    capacity_note: Annotated[str | None, Label("民事行为能力说明")] = None

    @property
    def has_guardian(self) -> bool:
        """Whether a guardian (法定代理人) acts, and the note says why (民法典 arts 19–23)."""
        return self.agent is not None and self.capacity_note not in {None, "无", "/"}

    @property
    def is_organisation(self) -> bool:
        """Whether the party has a 统一社会信用代码; all others are natural persons."""
        return self.id_type is IdType.USCC

    @property
    def signer(self) -> Person:
        """Who signs: the agent, else the legal representative, else the natural person itself."""
        if self.agent is not None:
            return self.agent.person
        if self.legal_rep is not None:
            return self.legal_rep
        return self.itself

    @property
    def itself(self) -> Person:
        """A natural person as the one who acts."""
        return Person(name=self.name, post="本人", id_type=self.id_type, id_no=self.id_no, phone=self.mobile)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyInRole:
    """A party with the part it plays in one agreement.

    Attributes:
        role: Stable word, also the field of the terms: ``supplier``, ``consumer`` ….
        title: As the agreement calls it: 供电人, 用电人, 电网方 ….
    """

    role: str
    title: str
    party: Party
