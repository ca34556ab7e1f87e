"""A contract text: chapters, clauses, placeholders; proven complete when loaded.

Decides that a text may be used at all: its digest is the registered one, every
placeholder, table and condition exists for its class, the seven heads of 条例 art. 33
have clauses, and the clauses that burden the customer are conspicuous (R-STD-1,
民法典 art. 496). Must never change a word: deviations live in 特别约定 only (R-TPL-2).
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterator
from dataclasses import dataclass, is_dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Final, Union, get_args, get_origin

from contracts_chain.agreements.classes.agreement_class import AnyClass
from contracts_chain.agreements.classes.book import CLASSES, class_named
from contracts_chain.agreements.terms.codes import Coded
from contracts_chain.agreements.typed_json import shape_of, value_json
from contracts_chain.agreements.typed_toml import PackagedFileBrokenError, typed_resource
from kernel.canonical_json import canonical_bytes
from kernel.digests import sha256
from kernel.errors import RejectedError
from kernel.sized_bytes import Bytes32

__all__ = [
    "PLACEHOLDER",
    "Chapter",
    "ClauseText",
    "Head",
    "Template",
    "TemplateUnknownError",
    "load_template",
    "template_named",
    "verify_template",
]

_PACKAGE: Final = "contracts_chain.agreements.templates"
PLACEHOLDER: Final = re.compile(r"\{(?P<mark>[=#]?)(?P<name>[a-z0-9_.]+)\}")
"""``{field.path}``, ``{=phrase}`` or ``{#clause}``."""


@lru_cache(maxsize=64)
def _fixed_text_sha256(template: Template) -> Bytes32:
    return sha256(canonical_bytes(value_json(template)))


class TemplateUnknownError(RejectedError):
    """No text of this name and version is installed."""

    code = "template_unknown"

    def __init__(self, name: str) -> None:
        """Keep the name."""
        super().__init__(
            f"the text {name} is not installed; install the release that has it",
            f"没有安装文本 {name}；请安装含有该文本的版本",
        )
        self.name = name


class Head(Coded):
    """The seven mandatory heads of a supply contract (条例 art. 33)."""

    SUPPLY = ("SUPPLY", "供电方式、供电质量和供电时间")
    CAPACITY = ("CAPACITY", "用电容量和用电地址、用电性质")
    METERING = ("METERING", "计量方式和电价、电费结算方式")
    MAINTENANCE = ("MAINTENANCE", "供用电设施维护责任的划分")
    TERM = ("TERM", "合同的有效期限")
    BREACH = ("BREACH", "违约责任")
    OTHER = ("OTHER", "双方共同认为应当约定的其他条款")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseText:
    """One clause before it is filled.

    Attributes:
        id: Stable name; other clauses refer to it as ``{#id}``.
        section: Section heading printed before it, if one begins here.
        heads: Which mandatory heads it serves.
        conspicuous: Set in bold on a tint (R-STD-1).
        when: Condition; ``None`` is always.
        tables: Tables printed after it.
    """

    id: str
    section: str | None = None
    title: str
    heads: tuple[Head, ...] = ()
    conspicuous: bool = False
    when: str | None = None
    tables: tuple[str, ...] = ()
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A chapter with its clauses in order."""

    title: str
    clauses: tuple[ClauseText, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One version of one text."""

    template_id: str
    version: str
    class_id: str
    title: str
    effective_from: date
    effective_to: date | None = None
    chapters: tuple[Chapter, ...]

    @property
    def name(self) -> str:
        """``CC-HV-SUPPLY/1.0.0``: what an agreement records."""
        return f"{self.template_id}/{self.version}"

    def clauses(self) -> Iterator[ClauseText]:
        """Every clause in reading order."""
        for chapter in self.chapters:
            yield from chapter.clauses

    def fixed_text_sha256(self) -> Bytes32:
        """SHA-256 of the canonical JSON of the whole template, all clauses and flags included."""
        return _fixed_text_sha256(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Registered:
    template_id: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Register:
    texts: tuple[_Registered, ...]


def load_template(agreement_class: AnyClass) -> Template:
    """The newest text of a class, verified, read once per process.

    Raises:
        PackagedFileBrokenError: Unregistered, altered or incomplete.
    """
    return _loaded(agreement_class.templates[-1])


def template_named(name: str) -> Template:
    """The text that an agreement records by ``Template.name``, old ones included.

    Raises:
        TemplateUnknownError: No such text is installed.
        PackagedFileBrokenError: It is unregistered, altered or incomplete.
    """
    for one in CLASSES:
        for file in one.templates:
            if (template := _loaded(file)).name == name:
                return template
    raise TemplateUnknownError(name)


@cache
def _loaded(name: str) -> Template:
    template = typed_resource(Template, _PACKAGE, name)
    register = typed_resource(_Register, _PACKAGE, "register.toml")
    digest = template.fixed_text_sha256().hex()
    entry = _Registered(template_id=template.template_id, version=template.version, sha256=digest)
    if entry not in register.texts:
        fault = f"{template.template_id} {template.version} with digest {digest} is not registered"
        raise PackagedFileBrokenError(name, fault)
    verify_template(template)
    return template


def verify_template(template: Template) -> None:
    """Prove that a text can be filled for any terms of its class.

    Raises:
        PackagedFileBrokenError: Names every fault.
    """
    faults = [*_clause_faults(template), *_completeness_faults(template)]
    if faults:
        raise PackagedFileBrokenError(template.template_id, "; ".join(faults))


def _completeness_faults(template: Template) -> Iterator[str]:
    ids = [clause.id for clause in template.clauses()]
    if len(ids) != len(set(ids)):
        yield "a clause id occurs twice"
    due = class_named(template.class_id)
    if due.needs_heads:
        served = {head for clause in template.clauses() if clause.when is None for head in clause.heads}
        yield from (f"no clause serves head {head.value}" for head in Head if head not in served)
    bold = {clause.id for clause in template.clauses() if clause.conspicuous}
    for missing in sorted(due.conspicuous - bold):
        yield f"clause {missing} must exist and be conspicuous"


def _clause_faults(template: Template) -> Iterator[str]:
    due = class_named(template.class_id)
    always = {clause.id for clause in template.clauses() if clause.when is None}
    for clause in template.clauses():
        if clause.when is not None and clause.when not in due.condition_names:
            yield f"{clause.id}: no condition {clause.when}"
        yield from (f"{clause.id}: no table {name}" for name in clause.tables if name not in due.table_names)
        yield from _placeholder_faults(clause, due, always)


def _placeholder_faults(clause: ClauseText, due: AnyClass, always: set[str]) -> Iterator[str]:
    for found in PLACEHOLDER.finditer(clause.text):
        mark, name = found["mark"], found["name"]
        known = {"=": name in due.phrase_names, "#": name in always, "": _is_field(due.terms, name)}[mark]
        if not known:
            yield f"{clause.id}: {found[0]} does not resolve"
    if re.search(r"[{}]", PLACEHOLDER.sub("", clause.text)):
        yield f"{clause.id}: a stray brace"


def _is_field(kind: type[object], path: str) -> bool:
    """Whether a dotted path ends at a field with a one-line form."""
    name, _, rest = path.partition(".")
    hint = next((shape.hint for shape in shape_of(kind) if shape.name == name), None)
    if get_origin(hint) in {Union, types.UnionType}:
        hint = next(part for part in get_args(hint) if part is not types.NoneType)
    if isinstance(hint, type) and is_dataclass(hint):
        return bool(rest) and _is_field(hint, rest)
    return hint is not None and get_origin(hint) is not tuple and not rest
