"""One row of a group's CSV to the checked terms of one supply contract, or to what is wrong with it.

Decides which column each finding belongs to, so that a clerk corrects the sheet and
nothing else. A row is held against the form of its class, the rule pack, the province,
the rows before it, the members there are, and the fonts; it passes whole or not at all.
The same rows, group, columns and pack give the same findings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from contracts_chain.agreements.group_account import GroupAccount
from contracts_chain.agreements.group_columns import Column, column_named, columns_for
from contracts_chain.agreements.group_csv import CsvRow
from contracts_chain.agreements.group_findings import Gravity, Member, RowFinding, gravity_of
from contracts_chain.agreements.group_paths import Place, cell_value, place_of, with_value
from contracts_chain.agreements.identity_codes import IdentityCodeError, normalised_cust_no
from contracts_chain.agreements.rules.pack import RulePack, check
from contracts_chain.agreements.rules.profile import Profile
from contracts_chain.agreements.rules.text_rules import texts_of
from contracts_chain.agreements.terms import SupplyTerms
from contracts_chain.agreements.terms_json import terms_bytes
from contracts_chain.agreements.typed_json import Problem, typed_from
from kernel.canonical_json import JsonValue
from pdfgen.glyphs import missing_glyphs

__all__ = ["LONGEST_CELL", "SheetReader", "SiteRow"]

LONGEST_CELL: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRow:
    """What became of one row.

    Attributes:
        terms: Canonical bytes of the contract's terms; ``None`` if any finding is an error.
        site: The same terms, typed, of a row that passes.
    """

    row: int
    cust_no: str
    terms: bytes | None
    findings: tuple[RowFinding, ...]
    site: SupplyTerms | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Filled:
    """A column at its position in the file, with the places it fills and their types."""

    at: int
    header: str
    column: Column
    places: tuple[tuple[str, Place, object], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Issue:
    """A finding before it has its row: by header where known, else by place in the terms."""

    rule: str
    en: str
    zh: str
    severity: Gravity = "E"
    path: str = ""
    header: str = ""


@dataclass(slots=True, kw_only=True)
class SheetReader:
    """Reads the rows of one file in their order; remembers the 户号 it has seen.

    Attributes:
        chosen: Column id for each header, or ``-``; free of header findings.
        members: Sites that are part of a set already, by 户号 of 13 digits.
    """

    account: GroupAccount
    header: Sequence[str]
    chosen: Sequence[str | None]
    pack: RulePack
    profile: Profile
    members: Mapping[str, Member] = field(default_factory=dict)
    _seen: dict[str, int] = field(default_factory=dict)
    _columns: tuple[_Filled, ...] = ()

    def __post_init__(self) -> None:
        """Work out once which places each column fills."""
        kind = self.account.agreement_class.terms
        rank = {column.id: at for at, column in enumerate(columns_for(kind))}
        known = [
            _Filled(at=at, header=header, column=column, places=tuple(self._places(column)))
            for at, (header, name) in enumerate(zip(self.header, self.chosen, strict=True))
            if name is not None and (column := column_named(kind, name)) is not None
        ]
        self._columns = tuple(sorted(known, key=lambda one: rank.get(one.column.id, len(rank))))

    def read(self, row: CsvRow) -> SiteRow:
        """One row: its terms, and every finding with row and column."""
        issues = list(self._cell_issues(row))
        whole = self._filled_in(row)
        cust_no, whole = self._with_account_no(row, whole, issues)
        shape: list[Problem] = []
        terms = typed_from(self.account.agreement_class.terms, whole, "", shape)
        issues.extend(_of_form(problem) for problem in shape)
        encoded = None
        if isinstance(terms, SupplyTerms):
            encoded = terms_bytes(terms)
            issues.extend(_of_rules(terms, self.pack, self.profile))
            issues.extend(_of_fonts(terms))
        findings = tuple(self._findings(row.no, cust_no, issues))
        stopped = any(finding.severity == "E" for finding in findings)
        if stopped or not isinstance(terms, SupplyTerms):
            return SiteRow(row=row.no, cust_no=cust_no, terms=None, findings=findings)
        return SiteRow(row=row.no, cust_no=cust_no, terms=encoded, findings=findings, site=terms)

    def _places(self, column: Column) -> Iterator[tuple[str, Place, object]]:
        """A column's places; all but the first only where the common terms have their surroundings."""
        for index, path in enumerate(column.paths):
            found = place_of(self.account.agreement_class.terms, path)
            if found is not None and (index == 0 or _stands(self.account.defaults, found[0][:-1])):
                yield path, found[0], found[1]

    def _filled_in(self, row: CsvRow) -> JsonValue:
        whole: JsonValue = self.account.defaults
        for filled in self._columns:
            text = _cell(row, filled.at)
            for _, place, hint in filled.places if text else ():
                whole = with_value(whole, place, cell_value(hint, text))
        return whole

    def _cell_issues(self, row: CsvRow) -> Iterator[_Issue]:
        if len(row.cells) != len(self.header):
            en = f"{len(row.cells)} cells under {len(self.header)} headers; look for a missing or extra comma"
            zh = f"有 {len(row.cells)} 格，表头有 {len(self.header)} 列；请检查是否多了或少了分隔符"
            yield _Issue(rule="G-ROW-1", en=en, zh=zh, header="（整行）")
        for filled in self._columns:
            text = _cell(row, filled.at)
            if "\x00" in text:
                en, zh = "a NUL character; delete it", "含有空字符（U+0000 NUL）；请删除"
                yield _Issue(rule="G-CELL-1", en=en, zh=zh, header=filled.header)
            if len(text) > LONGEST_CELL:
                en = f"{len(text):,} characters, at most {LONGEST_CELL:,} fit; shorten it"
                zh = f"有 {len(text):,} 字，最多 {LONGEST_CELL:,} 字；请删减"
                yield _Issue(rule="G-CELL-2", en=en, zh=zh, header=filled.header)
            if not text and filled.column.required:
                en, zh = "empty; fill it in", "没有填写；请补上"
                yield _Issue(rule="G-CELL-3", en=en, zh=zh, header=filled.header)

    def _with_account_no(self, row: CsvRow, whole: JsonValue, issues: list[_Issue]) -> tuple[str, JsonValue]:
        """The 户号 in 13 digits, and the terms with it; doubles are found here."""
        filled = next(one for one in self._columns if one.column.id == "cust_no")
        text = _cell(row, filled.at)
        try:
            number = normalised_cust_no(text, self.profile.cust_no_prefix)
        except IdentityCodeError as problem:
            if text:
                zh = (
                    problem.zh
                    if "E+" not in text.upper()
                    else f"{problem.zh}；表格软件把长数字改写了，请把该列设为文本"
                )
                issues.append(_Issue(rule="G-KEY-3", en=problem.en, zh=zh, header=filled.header))
            return text[:40], whole
        earlier, member = self._seen.setdefault(number, row.no), self.members.get(number)
        if earlier != row.no:
            en, zh = (
                f"{number} stands in row {earlier} too; keep one",
                f"户号 {number} 与第 {earlier} 行重复；请保留一行",
            )
            issues.append(_Issue(rule="G-KEY-1", en=en, zh=zh, header=filled.header))
        if member is not None:
            en = f"{number} is part of group {member.group_no} already (set {member.set_id}); remove the row"
            zh = f"户号 {number} 已在集团户 {member.group_no} 中（批次 {member.set_id}）；请删去这一行"
            issues.append(_Issue(rule="G-KEY-2", en=en, zh=zh, header=filled.header))
        return number, with_value(whole, ("cust_no",), number)

    def _findings(self, row: int, cust_no: str, issues: Sequence[_Issue]) -> Iterator[RowFinding]:
        """One finding of a rule for a column: a cell that fills several places is corrected once."""
        told: set[tuple[str, str]] = set()
        for issue in issues:
            column = issue.header or self._header_of(issue.path)
            if (column, issue.rule) not in told:
                told.add((column, issue.rule))
                yield RowFinding(
                    row=row,
                    cust_no=cust_no,
                    column=column,
                    rule=issue.rule,
                    severity=issue.severity,
                    en=issue.en,
                    zh=issue.zh,
                )

    def _header_of(self, path: str) -> str:
        """The column that fills a place, or something in it; else the common terms are to blame."""
        for whole in (True, False):
            for filled in reversed(self._columns):
                for own, _, _ in filled.places:
                    if own == path or (not whole and path and (own.startswith((f"{path}.", f"{path}[")))):
                        return filled.header
        found = place_of(self.account.agreement_class.terms, path)
        return f"公共条款 {path if found is None else found[2]}".strip()


def _cell(row: CsvRow, at: int) -> str:
    return row.cells[at] if at < len(row.cells) else ""


def _stands(whole: JsonValue, place: Place) -> bool:
    for step in place:
        if isinstance(step, int):
            if not isinstance(whole, Sequence) or isinstance(whole, str) or step >= len(whole):
                return False
            whole = whole[step]
        elif not isinstance(whole, Mapping) or whole.get(step) is None:
            return False
        else:
            whole = whole[step]
    return True


def _of_form(problem: Problem) -> _Issue:
    rule = problem.code if problem.code.startswith("R-") else "G-FORM"
    return _Issue(rule=rule, path=problem.path, en=problem.en, zh=problem.zh)


def _of_rules(terms: SupplyTerms, pack: RulePack, profile: Profile) -> Iterator[_Issue]:
    for found in check(terms, pack, profile):
        zh = f"{found.zh}（{found.source}）"
        yield _Issue(
            rule=found.rule, severity=gravity_of(found.severity), path=found.path, en=found.en, zh=zh
        )


def _of_fonts(terms: SupplyTerms) -> Iterator[_Issue]:
    for path, text in texts_of(terms):
        for char in missing_glyphs(text):
            shown = f"{char}（U+{ord(char):04X}）"
            en = f"no installed font draws {shown}; correct it, or install fonts-hanazono, fonts-lxgw-wenkai"
            zh = f"已安装的字体没有“{shown}”；请更正，或安装字体 fonts-hanazono、fonts-lxgw-wenkai"
            yield _Issue(rule="G-FONT-1", path=path, en=en, zh=zh)
