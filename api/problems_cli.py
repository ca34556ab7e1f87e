"""A known error on a terminal: Chinese, English, what to do; and the exit code."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from contracts_chain.agreements.rules.finding import RulesViolatedError
from contracts_chain.agreements.terms_json import TermsUnreadableError
from kernel.errors import ContractsChainError, FaultError, UndecidedError

__all__ = ["exit_code", "told"]


def exit_code(problem: ContractsChainError) -> int:
    """DESIGN §6: 10 for rejected or refuted, 20 undecided, 1 for faults of the surroundings."""
    if isinstance(problem, UndecidedError):
        return 20
    return 1 if isinstance(problem, FaultError) else 10


def told(problem: ContractsChainError) -> int:
    """Say it on standard error and give the exit code."""
    console = Console(stderr=True, highlight=False)
    rows = _rows(problem)
    if rows:
        table = Table("规则 / rule", "字段 / field", "原因 / reason", show_lines=True)
        for row in rows:
            table.add_row(*row)
        console.print(table)
        console.print(
            f"{len(rows)} 处需要更正，未保存任何内容。 {len(rows)} things to correct; nothing was stored."
        )
    else:
        console.print(f"[bold]{problem.code}[/bold]  {problem.zh}", soft_wrap=True)
        console.print(problem.en, soft_wrap=True)
    return exit_code(problem)


def _rows(problem: ContractsChainError) -> list[tuple[str, str, str]]:
    if isinstance(problem, RulesViolatedError):
        return [
            (found.rule, found.path, f"{found.zh}\n{found.en}\n{found.source}") for found in problem.findings
        ]
    if isinstance(problem, TermsUnreadableError):
        return [("FORM", fault.path or "–", f"{fault.zh}\n{fault.en}") for fault in problem.problems]
    return []
