"""The rules of a pack as a table that lawyers and engineers can both read (docs/rules.md).

Generated from pack and code, never written by hand: a test compares. An unverified
source is shown as 待核实 here as everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from contracts_chain.agreements.classes.book import CLASSES
from contracts_chain.agreements.rules.common_rules import COMMON_CHECKS
from contracts_chain.agreements.rules.document_rules import DOCUMENT_RULES
from contracts_chain.agreements.rules.field_paths import fields_of
from contracts_chain.agreements.rules.pack import FORM_RULES, PAIR_RULE, RELATED_RULES, RuleEntry, RulePack
from contracts_chain.agreements.rules.related_rules import names_others
from contracts_chain.agreements.rules.unruled import SHARED_UNRULED

__all__ = ["classes_of_rule", "matrix_markdown"]

_ALL = "全部 all"
_HEAD = """# 规则矩阵 Rule matrix

规则包 {version}，自 {since} 起{until}。本表由规则包和程序生成（`contracts-chain rules`），请勿手工修改。
Rule pack {version}, in force from {since}{until_en}. Generated from the pack and the code by
`contracts-chain rules`; do not edit by hand.

级别：E 错误，不能起草；W 提醒；I 提示。
可信度：law 法律法规原文；sec 二手来源；unv 待核实，对外不作为法律依据展示。
Severity: E stops drafting, W needs a look, I is for knowledge. Confidence: law – text of the law;
sec – secondary source; unv – unverified, never shown as law.

| 编号 id | 级别 | 规则 rule | 来源 source | 可信度 | 施行 in force | 适用 classes |
|---|---|---|---|---|---|---|
"""


_UNRULED = """
## 不作判断的字段 Fields that no rule judges

每一类合同的每个字段，或者有规则对其变化作出反应，或者列在下表并说明原因；测试逐一核对。
Every field of every class is either noticed by a rule when it changes, or named here with the reason; a test
proves it field by field.

| 字段 field | 名称 label | 原因 reason |
|---|---|---|
"""


def matrix_markdown(pack: RulePack) -> str:
    """The whole page: one row a rule in the pack's order, then the fields without any."""
    ends = pack.effective_to
    head = _HEAD.format(
        version=pack.version,
        since=pack.effective_from,
        until="" if ends is None else f"至 {ends} ",
        until_en="" if ends is None else f" to {ends}",
    )
    rules = "".join(f"| {' | '.join(_row(entry))} |\n" for entry in pack.rules)
    return head + rules + _UNRULED + "".join(f"| {' | '.join(row)} |\n" for row in _unruled())


def classes_of_rule(rule: str) -> tuple[str, ...]:
    """Ids of the classes that a rule is run for, from the code; every class where it is common.

    Returns:
        Empty where the rule is run for all.
    """
    if rule in COMMON_CHECKS or rule in FORM_RULES or rule in DOCUMENT_RULES:
        return ()
    if rule == PAIR_RULE:
        return ("HV_SUPPLY", "GRID_DISPATCH_SUBSTATION")
    if rule in RELATED_RULES:
        return tuple(one.id for one in CLASSES if names_others(one.terms))
    return tuple(one.id for one in CLASSES if rule in one.rule_ids)


def _row(entry: RuleEntry) -> Iterator[str]:
    yield entry.id
    yield str(entry.severity.value)
    yield f"{entry.statement_zh}<br>{entry.statement_en}"
    yield entry.shown_source
    yield str(entry.confidence.value)
    yield _days(entry)
    yield ", ".join(classes_of_rule(entry.id)) or _ALL


def _days(entry: RuleEntry) -> str:
    first, last = entry.effective_from, entry.effective_to
    if first is None and last is None:
        return "—"
    return f"{first or '…'} – {last or '…'}"


def _unruled() -> Iterator[tuple[str, str, str]]:
    """Fields of shared structures first, then those of each class."""
    labels = {field.owner: field.shape.label.zh for one in CLASSES for field in fields_of(one.terms)}
    for owner, reason in SHARED_UNRULED.items():
        yield owner, labels[owner], reason
    for one in CLASSES:
        own = {field.path: field.shape.label.zh for field in fields_of(one.terms)}
        for path, reason in one.unruled.items():
            yield f"{one.id}: {path}", own[path], reason
