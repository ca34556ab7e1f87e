"""The change table as Markdown; ``docs/changes.md`` shows it and a test compares.

Unverified effects are printed 待核实: nobody is to take our own reading for law.
"""

from __future__ import annotations

from contracts_chain.agreements.change_triggers import CHANGE_ROWS, ChangeRow, Condition, Judged
from contracts_chain.agreements.rules.finding import Confidence

__all__ = ["changes_paper"]

_HEAD = """# Changes of a supply contract

Printed from `contracts_chain/agreements/change_triggers.py` (`changes_paper()`); a test compares.
The kinds are those of 变更用电 (1996 Rules art. 22, 2024 text to confirm). What a change does to the
contract is our own reading: 待核实. A condition marked 系统 is computed from dates and figures; one
marked 确认 is declared by a clerk with its basis and kept with the plan, in the record of the change.

| business | id | effect on the contract | conditions |
|---|---|---|---|
"""
_JUDGED = {Judged.COMPUTED: "系统", Judged.DECLARED: "确认"}


def changes_paper() -> str:
    """The whole paper."""
    return _HEAD + "".join(_row(row) for row in CHANGE_ROWS)


def _row(row: ChangeRow) -> str:
    known = "待核实" if row.confidence is Confidence.UNVERIFIED else f"{row.basis} [{row.confidence.value}]"
    conditions = "<br>".join(_condition(one) for one in row.conditions) or "–"
    effect = f"{row.effect.zh} `{row.effect.value}` ({known})"
    return f"| {row.trigger.zh} | `{row.trigger.value}` | {effect} | {conditions} |\n"


def _condition(one: Condition) -> str:
    source = "待核实" if one.confidence is Confidence.UNVERIFIED else f"{one.source} [{one.confidence.value}]"
    return f"`{one.id}` {one.zh} / {one.en} ({_JUDGED[one.judged]}; {source})"
