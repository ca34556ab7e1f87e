"""The parties and the people who act for them (reference §3.2, §6.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated

from contracts_chain.agreements.terms.codes import IdType
from contracts_chain.agreements.terms.label import Label

__all__ = ["Agent", "AuthorizationLetter", "DocumentRef", "Party", "Person"]


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
    """授权委托书: agent, matters, scope and period, signed or sealed (民法典 art. 165)."""

    number: Annotated[str, Label("授权委托书编号")]
    matters: Annotated[str, Label("授权事项")]
    capacity_limit_kva: Annotated[Decimal | None, Label("授权容量上限", "kVA")] = None
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
    """One side of the contract.

    Attributes:
        licence_no: 电力业务许可证 number; the supplier must have one (条例 arts 8, 9).
        seal_name: Wording of the contract seal that will be used.
    """

    name: Annotated[str, Label("名称")]
    registered_addr: Annotated[str, Label("住所")]
    id_type: Annotated[IdType, Label("证件类型")]
    id_no: Annotated[str, Label("证件号码")]
    licence_no: Annotated[str | None, Label("电力业务许可证")] = None
    legal_rep: Annotated[Person, Label("法定代表人（负责人）")]
    agent: Annotated[Agent | None, Label("委托代理人")] = None
    contact: Annotated[str, Label("联系人")]
    phone: Annotated[str, Label("电话")]
    mobile: Annotated[str, Label("手机")]
    email: Annotated[str, Label("电子邮箱")]
    mail_addr: Annotated[str, Label("通讯地址")]
    bank_name: Annotated[str, Label("开户银行")]
    bank_acct: Annotated[str, Label("账号")]
    acct_name: Annotated[str, Label("开户名称")]
    tax_no: Annotated[str, Label("税号")]
    seal_name: Annotated[str, Label("印章名称")]

    @property
    def signer(self) -> Person:
        """Who signs: the agent if there is one, else the legal representative."""
        return self.legal_rep if self.agent is None else self.agent.person
