"""What a terminal is told when a command fails: Chinese, English, what to do; and the exit code.

Decides the exit code of every error (DESIGN §6). Must never print a traceback unless
``CONTRACTS_CHAIN_DEBUG`` asks for it, and never take text of others for markup.
"""

from __future__ import annotations

import os
import traceback

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from api.surroundings import as_fault
from contracts_chain.agreements.rules.finding import RulesViolatedError
from contracts_chain.agreements.terms_json import TermsUnreadableError
from kernel.errors import ContractsChainError, FaultError, UndecidedError

__all__ = ["DEBUG", "exit_code", "told", "told_interrupted", "told_unexpected", "told_usage"]

DEBUG = "CONTRACTS_CHAIN_DEBUG"


def exit_code(problem: ContractsChainError) -> int:
    """DESIGN §6: 10 for rejected or refuted, 20 undecided, 1 for faults of the surroundings."""
    if isinstance(problem, UndecidedError):
        return 20
    return 1 if isinstance(problem, FaultError) else 10


def told(problem: ContractsChainError) -> int:
    """Say it on standard error and give the exit code."""
    rows = _rows(problem)
    for rule, field, reasons in rows:
        _print(Text.assemble((rule, "bold"), f"  {field}"))
        for reason in reasons:
            _print(Padding(Text(reason, overflow="fold"), (0, 0, 0, 4), expand=False))
    if rows:
        things = "thing" if len(rows) == 1 else "things"
        _say(
            f"{len(rows)} 处需要更正，未保存任何内容。",
            f"{len(rows)} {things} to correct; nothing was stored.",
        )
    else:
        _print(Text.assemble((problem.code, "bold"), f"  {problem.zh}"), soft_wrap=True)
        _print(Text(problem.en), soft_wrap=True)
    return exit_code(problem)


def told_usage(problem: str) -> int:
    """The command line itself is wrong: exit code 2. An empty problem means that help was printed."""
    if problem:
        words = problem.rstrip(".")
        _say(
            f"命令或参数有误（{words}）；用法见 contracts-chain --help",
            f"The command line is wrong ({words}); see contracts-chain --help",
        )
    return 2


def told_interrupted() -> int:
    """Somebody pressed Ctrl-C: everything that was started has been stopped."""
    _say(
        "已中断，启动的服务均已停止；已完成的部分保留，可再次运行。",
        "Interrupted; everything started was stopped, what was done is kept. Run it again.",
    )
    return 130


def told_unexpected(problem: Exception) -> int:
    """The machine's fault if it can be told, else ours: one sentence, exit code 1."""
    if os.environ.get(DEBUG):
        traceback.print_exception(problem)
    fault = as_fault(problem)
    if fault is not None:
        return told(fault)
    kind = type(problem).__name__
    _say(
        f"程序内部错误（{kind}）；请设置 {DEBUG}=1 重新运行，并将输出发给维护人员。",
        f"An error of the program itself ({kind}); run again with {DEBUG}=1 and send what it prints "
        "to the maintainers.",
    )
    return 1


def _rows(problem: ContractsChainError) -> list[tuple[str, str, tuple[str, ...]]]:
    if isinstance(problem, RulesViolatedError):
        return [(found.rule, found.path, (found.zh, found.en, found.source)) for found in problem.findings]
    if isinstance(problem, TermsUnreadableError):
        return [("FORM", fault.path or "–", (fault.zh, fault.en)) for fault in problem.problems]
    return []


def _say(zh: str, en: str) -> None:
    _print(Text(zh), soft_wrap=True)
    _print(Text(en), soft_wrap=True)


def _print(words: Text | Padding, *, soft_wrap: bool = False) -> None:
    console = Console(stderr=True, highlight=False)
    console.print(words, soft_wrap=soft_wrap and not console.is_terminal)  # a window breaks between words
