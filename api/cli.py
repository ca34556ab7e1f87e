"""The command line: arguments in, exit code out (DESIGN §6).

Each command imports what it needs when it runs, so that ``--help`` is instant. A known
error is one sentence in Chinese and English, never a traceback.
"""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path
from typing import Annotated, Optional

import typer
from rich.console import Console
from typer.exceptions import TyperException

from api.problems_cli import told, told_interrupted, told_unexpected, told_usage
from kernel.errors import ContractsChainError

__all__ = ["app", "main"]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="电力合同：起草、签署、上链、核验。 Power contracts, verifiable by anyone.",
)
OUT = Console()
INTERRUPTED = 130


def main() -> None:
    """Entry point of ``contracts-chain``."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without Chinese still gets the rest
    sys.exit(_delivered(_run()))


def _run() -> int:
    try:
        code = app(prog_name="contracts-chain", standalone_mode=False) or 0
    except ContractsChainError as problem:
        return told(problem)
    except TyperException as problem:
        return told_usage(problem.format_message())
    except (KeyboardInterrupt, typer.Abort):
        return told_interrupted()
    except Exception as problem:  # noqa: BLE001 - the outermost boundary: a sentence, never a traceback
        return told_unexpected(problem)
    return told_interrupted() if code == INTERRUPTED else int(code)


def _delivered(code: int) -> int:
    """Hand out what was printed; a full disk behind standard output must not look like success."""
    try:
        sys.stdout.flush()
    except OSError as problem:
        # what is left in the buffer would fail once more when the interpreter ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return told_unexpected(problem)
    return code


@app.command()
def demo(out: Annotated[Path, typer.Option(help="folder for the artefacts / 成果目录")]) -> None:
    """用仿真业务单走完全流程。 Run the main job on a real-looking order and write every artefact."""
    from api.demo import run_demo

    raise typer.Exit(run_demo(out))


@app.command()
def draft(
    terms: Annotated[Path, typer.Argument(help="terms file, see docs/formats/terms.md / 条款文件")],
    output: Annotated[Path, typer.Option("-o", "--output", help="PDF to write / 输出 PDF")],
    number: Annotated[str, typer.Option(help="contract number / 合同编号")] = "SGZJMZ00YXGY2600001",
    not_before: Annotated[Optional[str], typer.Option(help="newest final block hash / 最新区块哈希")] = None,  # noqa: UP045 - typer reads it
) -> None:
    """起草一份合同。 Draw up one agreement, or list all violated rules (exit 10)."""
    from api.draft_file import draft_file

    raise typer.Exit(draft_file(terms, output, number, not_before))


@app.command()
def verify(
    files: Annotated[list[Path], typer.Argument(help="packages, PDFs, invoices / 证据包、PDF、发票")],
    trust: Annotated[Optional[Path], typer.Option(help="trust bundle directory / 信任包目录")] = None,  # noqa: UP045
    as_json: Annotated[bool, typer.Option("--json", help="machine-readable / 机器可读")] = False,
    offline: Annotated[bool, typer.Option(help="never use the network / 不使用网络")] = False,
) -> None:
    """核验文件。 Verify files: exit 0 proven, 10 refuted, 20 undecided, 30 unreadable."""
    from api.verify_files import verify_files

    raise typer.Exit(verify_files(files, trust, as_json=as_json, offline=offline))


@app.command()
def fsck(
    as_json: Annotated[bool, typer.Option("--json", help="machine-readable / 机器可读")] = False,
) -> None:
    """重算全部哈希并与链上比对。 Rebuild every hash from stored leaves and compare with the chain."""
    from api.check_store import check_store

    raise typer.Exit(check_store(as_json=as_json))


@app.command()
def serve(
    host: Annotated[Optional[str], typer.Option(help="address to bind / 监听地址")] = None,  # noqa: UP045
    port: Annotated[Optional[int], typer.Option(help="port to bind / 端口")] = None,  # noqa: UP045
) -> None:
    """启动接口、网页和后台任务。 API, web pages, worker, embedded PostgreSQL and chain."""
    from api.server import serve_forever

    raise typer.Exit(serve_forever(host, port))


@app.command()
def worker() -> None:
    """只运行后台任务。 Background jobs alone, against a configured database and chain."""
    from api.worker import work_forever

    raise typer.Exit(work_forever())


@app.command()
def migrate() -> None:
    """升级数据库结构。 Bring the database to the newest schema."""
    from api.upkeep import migrate_database

    raise typer.Exit(migrate_database())


@app.command()
def doctor() -> None:
    """启动前自检。 Check what the service needs before it is needed."""
    from api.upkeep import examine

    findings = examine()
    OUT.print_json(json.dumps(findings, ensure_ascii=False))
    raise typer.Exit(0 if all(finding["ok"] for finding in findings) else 1)
