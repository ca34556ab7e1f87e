"""集团户: one head, many sites, and the terms that all sites share (reference §5.5).

Decides what a group account is made of: a head party, its authorised agent, the class of
supply contract and the common terms. The common terms are a file of terms of one supply
class, whole or in part; a site's row of the CSV fills in the rest. Rule text and form of
group accounts are not established, so nothing here is law.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from contracts_chain.agreements.classes.agreement_class import AnyClass
from contracts_chain.agreements.classes.book import CLASSES, class_for, class_named
from contracts_chain.agreements.terms import AgreementKind, SupplyTerms
from contracts_chain.agreements.terms.party import Agent, Party
from contracts_chain.agreements.typed_json import Problem, typed_from
from kernel.canonical_json import JsonObject, JsonValue, canonical_bytes, parse_json
from kernel.errors import RejectedError

__all__ = ["GroupAccount", "GroupDefaultsError", "open_account"]

_NUMBER: Final = re.compile(r"[A-Z0-9][A-Z0-9-]{2,31}")
_LONGEST_NAME: Final = 100
_SCHEMA: Final = 1


class GroupDefaultsError(RejectedError):
    """Number, name or common terms of a group cannot be used; every problem is listed."""

    code = "group_defaults"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """Keep all problems."""
        super().__init__(
            "correct the group's particulars: " + "; ".join(problem.en for problem in problems),
            "请改正集团户资料：" + "；".join(f"{problem.path}　{problem.zh}" for problem in problems),
        )
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupAccount:
    """A group account.

    Attributes:
        class_id: Class of its supply contracts.
        defaults: Terms common to all sites, in JSON, whole or in part.
        head: The utility's customer; signs the framework agreement.
        framework: What the framework agreement says beyond the common terms; ``None``: there is none.
    """

    group_no: str
    name: str
    class_id: str
    defaults: JsonObject
    head: Party
    framework: JsonObject | None = None

    @property
    def agent(self) -> Agent | None:
        """Whom the head has empowered to sign for it."""
        return self.head.agent

    @property
    def agreement_class(self) -> AnyClass:
        """The class of its supply contracts."""
        return class_named(self.class_id)

    def defaults_bytes(self) -> bytes:
        """The file of common terms in canonical form; ``open_account`` reads it back."""
        kind = self.agreement_class.kind.value
        whole = {"schema": _SCHEMA, "kind": kind, "terms": self.defaults, "framework": self.framework}
        return canonical_bytes(whole)


def open_account(group_no: str, name: str, defaults: bytes) -> GroupAccount:
    """Read a group's particulars.

    Args:
        group_no: 集团户编号: 3 to 32 of A-Z, 0-9 and hyphens.
        name: 集团户名称.
        defaults: ``{"schema": 1, "kind": …, "terms": {…}}`` of one supply class; ``terms`` holds
            the head as ``consumer`` and may leave out what each row gives. With ``"framework": {…}``
            a framework agreement is part of every set.

    Raises:
        GroupDefaultsError: With every problem.
    """
    problems: list[Problem] = []
    if not _NUMBER.fullmatch(group_no):
        en, zh = "group_no: 3 to 32 of A-Z, 0-9 and -", "集团户编号应为 3 至 32 位大写字母、数字或连字符"
        problems.append(Problem(path="group_no", code="type", en=en, zh=zh))
    if not name.strip() or name != name.strip() or len(name) > _LONGEST_NAME:
        en = f"name: 1 to {_LONGEST_NAME} characters, no blanks at the ends"
        zh = f"集团户名称应为 1 至 {_LONGEST_NAME} 字，首尾无空格"
        problems.append(Problem(path="name", code="type", en=en, zh=zh))
    found = _terms(defaults, problems)
    head = None if found is None else typed_from(Party, found.terms.get("consumer"), "consumer", problems)
    if problems or found is None or head is None:
        raise GroupDefaultsError(tuple(problems))
    return GroupAccount(
        group_no=group_no,
        name=name,
        class_id=found.agreement_class.id,
        defaults=found.terms,
        head=head,
        framework=found.framework,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    agreement_class: AnyClass
    terms: JsonObject
    framework: JsonObject | None


def _terms(content: bytes, problems: list[Problem]) -> _File | None:
    try:
        whole = parse_json(content)
    except ValueError as problem:
        en, zh = f"the common terms are no JSON: {problem}", "公共条款不是 JSON 文件；请检查后重新上传"
        problems.append(Problem(path="defaults", code="type", en=en, zh=zh))
        return None
    members: JsonObject = whole if isinstance(whole, Mapping) else {}
    terms, framework = members.get("terms"), members.get("framework")
    if members.get("schema") != _SCHEMA or not isinstance(terms, Mapping):
        form = '{"schema": 1, "kind": …, "terms": {…}}'
        problems.append(
            Problem(path="defaults", code="type", en=f"write {form}", zh=f"公共条款文件应为 {form}")
        )
        return None
    if framework is not None and not isinstance(framework, Mapping):
        problems.append(Problem(path="framework", code="type", en="write an object", zh="应为对象"))
        return None
    chosen = _supply_class(members.get("kind"), terms)
    if chosen is None:
        words = "、".join(sorted({one.kind.value for one in CLASSES if issubclass(one.terms, SupplyTerms)}))
        en, zh = f"kind: write a class of supply contract: {words}", f"合同类别应为供用电合同之一：{words}"
        problems.append(Problem(path="kind", code="word", en=en, zh=zh))
        return None
    return _File(agreement_class=chosen, terms=terms, framework=framework)


def _supply_class(word: JsonValue, terms: JsonObject) -> AnyClass | None:
    kind = next((kind for kind in AgreementKind if kind.value == word), None)
    chosen = None if kind is None else class_for(kind, terms)
    return chosen if chosen is not None and issubclass(chosen.terms, SupplyTerms) else None
