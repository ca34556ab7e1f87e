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

from api.callback_commands import add_callback_commands
from api.key_commands import add_key_commands
from api.problems_cli import told, told_interrupted, told_unexpected, told_usage
from kernel.errors import ContractsChainError

__all__ = ["app", "main"]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="电力合同：起草、签署、上链、核验。 Power contracts, verifiable by anyone.",
)
add_key_commands(app)
add_callback_commands(app)
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
    twin: Annotated[Optional[Path], typer.Option(help="HTML to listen to / 无障碍文字版")] = None,  # noqa: UP045 - typer reads it
) -> None:
    """起草一份合同。 Draw up one agreement, or list every rule that is broken (exit 10)."""
    from api.draft_file import draft_file

    raise typer.Exit(draft_file(terms, output, number, not_before, twin))


@app.command()
def letter(
    file: Annotated[Path, typer.Argument(help="letter of authority as JSON / 授权委托书文件")],
    output: Annotated[Path, typer.Option("-o", "--output", help="PDF to write / 输出 PDF")],
) -> None:
    """打印授权委托书供签字盖章。 Draw a letter of authority to sign, and tell its digest."""
    from api.letter_file import letter_file

    raise typer.Exit(letter_file(file, output))


@app.command("revoke-letter")
def revoke_letter(
    number: Annotated[str, typer.Argument(help="a contract that names the letter / 合同编号")],
    letter_no: Annotated[str, typer.Argument(help="number of the letter / 授权委托书编号")],
    on: Annotated[str, typer.Option(help="first day without authority / 撤销日")],
    reason: Annotated[str, typer.Option(help="words of the principal / 事由")],
    by: Annotated[str, typer.Option(help="who records it / 登记人")],
) -> None:
    """登记授权委托书的撤销。 Record that a principal took a letter of authority back."""
    from api.rules_command import record_revocation

    raise typer.Exit(record_revocation(number, letter_no, on, reason, by))


@app.command()
def rules(
    pack: Annotated[Optional[str], typer.Option(help="version of the pack / 规则包版本")] = None,  # noqa: UP045 - typer reads it
) -> None:
    """列出规则矩阵。 The rule matrix of a pack as Markdown."""
    from api.rules_command import show_rules

    raise typer.Exit(show_rules(pack))


@app.command()
def schema(
    class_id: Annotated[Optional[str], typer.Argument(help="class, e.g. HV_SUPPLY / 合同类别")] = None,  # noqa: UP045 - typer reads it
) -> None:
    """列出合同类别或其条款的 JSON Schema。 The classes, or the JSON Schema of one class's terms."""
    from api.schema_command import show_schema

    raise typer.Exit(show_schema(class_id))


@app.command()
def recheck(number: Annotated[str, typer.Argument(help="contract number / 合同编号")]) -> None:
    """按当时的规则重新核查一份合同。 Check an agreement again under its recorded rules: exit 0 or 10."""
    from api.rules_command import recheck_agreement

    raise typer.Exit(recheck_agreement(number))


@app.command()
def compare(
    old: Annotated[Path, typer.Argument(help="earlier PDF / 原文件")],
    new: Annotated[Path, typer.Argument(help="later PDF / 新文件")],
    output: Annotated[Path, typer.Option("-o", "--output", help="PDF to write / 输出 PDF")],
) -> None:
    """逐条比较两份 PDF 的文字。 Compare what two PDFs print, clause by clause: exit 0 same, 10 different."""
    from api.compare_files import compare_files

    raise typer.Exit(compare_files(old, new, output))


@app.command()
def verify(
    files: Annotated[list[Path], typer.Argument(help="packages, PDFs, invoices / 证据包、PDF、发票")],
    trust: Annotated[Optional[Path], typer.Option(help="trust bundle directory / 信任包目录")] = None,  # noqa: UP045 - typer reads it
    as_json: Annotated[bool, typer.Option("--json", help="machine-readable / 机器可读")] = False,
    offline: Annotated[bool, typer.Option(help="never use the network / 不使用网络")] = False,
) -> None:
    """核验文件。 Verify files: exit 0 proven, 10 refuted, 20 undecided, 30 unreadable."""
    from api.verify_files import verify_files

    raise typer.Exit(verify_files(files, trust, as_json=as_json, offline=offline))


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV of sites, one a row / 站点表")],
    group: Annotated[str, typer.Option(help="group number / 集团户编号")],
    defaults: Annotated[Optional[Path], typer.Option(help="common terms: opens the group / 公共条款")] = None,  # noqa: UP045 - typer reads it
    name: Annotated[str, typer.Option(help="name of the new group / 集团户名称")] = "",
    column: Annotated[Optional[list[str]], typer.Option(help="HEADER=COLUMN, or HEADER=- / 对列")] = None,  # noqa: UP045 - typer reads it
    confirm: Annotated[bool, typer.Option("--confirm", help="import if every row passes / 确认导入")] = False,
    by: Annotated[str, typer.Option(help="account of the drafter / 起草人")] = "drafter",
) -> None:
    """预览或导入集团户站点表。 Preview a group's CSV, or import it: exit 0, or 10 with every finding."""
    from api.import_file import ImportRequest, import_file

    request = ImportRequest(
        file=file,
        group_no=group,
        defaults=defaults,
        name=name,
        columns=column or (),
        confirmed=confirm,
        by=by,
    )
    raise typer.Exit(import_file(request))


@app.command()
def fsck(
    as_json: Annotated[bool, typer.Option("--json", help="machine-readable / 机器可读")] = False,
) -> None:
    """重算全部哈希并与链上比对。 Rebuild every hash from stored leaves and compare with the chain."""
    from api.check_store import check_store

    raise typer.Exit(check_store(as_json=as_json))


@app.command()
def audit(
    *,
    rpc: Annotated[str, typer.Option(help="JSON-RPC of any node / 任一节点的 RPC 地址")],
    trust: Annotated[Path, typer.Option(help="trust bundle directory / 信任包目录")],
    log: Annotated[Optional[str], typer.Option(help="URL of the published log / 公开日志地址")] = None,  # noqa: UP045 - typer reads it
    package: Annotated[Optional[list[Path]], typer.Option(help="packages / 证据包")] = None,  # noqa: UP045 - typer reads it
    state: Annotated[Optional[Path], typer.Option(help="file that remembers / 状态文件")] = None,  # noqa: UP045 - typer reads it
    from_block: Annotated[int, typer.Option("--from", min=0, help="first block / 起始区块")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="machine-readable / 机器可读")] = False,
    follow: Annotated[bool, typer.Option(help="go on with new blocks / 持续跟随")] = False,
    token: Annotated[Optional[str], typer.Option(help="bearer token / 访问令牌")] = None,  # noqa: UP045 - typer reads it
) -> None:
    """外部审计整条链。 An outsider's check of every block and checkpoint: exit 0, 10, 20, 30."""
    from api.audit_chain import AuditRequest, audit_chain

    request = AuditRequest(
        rpc=rpc,
        trust=trust,
        token=token,
        log=log,
        packages=package or (),
        state=state,
        first_block=from_block,
        as_json=as_json,
        follow=follow,
    )
    raise typer.Exit(audit_chain(request))


@app.command()
def archive(
    number: Annotated[str, typer.Argument(help="contract or invoice number / 合同或发票编号")],
    output: Annotated[Path, typer.Option("-o", "--output", help="new folder or .zip / 新目录或 .zip 文件")],
    by: Annotated[str, typer.Option(help="who exports / 导出人")] = "operator",
) -> None:
    """导出电子档案归档包。 One document's archive package: evidence, copies, metadata, means to check."""
    from api.archive_export import archive_document

    raise typer.Exit(archive_document(number, output, by))


@app.command()
def serve(
    host: Annotated[Optional[str], typer.Option(help="address to bind / 监听地址")] = None,  # noqa: UP045 - typer reads it
    port: Annotated[Optional[int], typer.Option(min=0, max=65535, help="port to bind / 端口")] = None,  # noqa: UP045 - typer reads it
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
def flush() -> None:
    """立即上链并等待最终确认。 Anchor what was taken in so far; wait until it is final."""
    from api.pipeline_commands import flush_now

    raise typer.Exit(flush_now())


@app.command()
def renew() -> None:
    """以国密 SM3 续期存证。 Anchor the log's SM3 root as well; old proofs stay valid."""
    from api.pipeline_commands import renew_now

    raise typer.Exit(renew_now())


@app.command("cross-anchor")
def cross_anchor() -> None:
    """把最新区块头摘要存到第二处。 Deposit the newest header hash at every second place."""
    from api.pipeline_commands import cross_anchor_now

    raise typer.Exit(cross_anchor_now())


@app.command()
def status(
    number: Annotated[str, typer.Argument(help="contract number / 合同编号")],
    change: Annotated[
        Optional[str],  # noqa: UP045 - typer reads it
        typer.Option("--set", help="terminated, superseded, suspended, in_force / 新状态"),
    ] = None,
    reason: Annotated[Optional[str], typer.Option(help="why, for the record / 事由")] = None,  # noqa: UP045 - typer reads it
    by: Annotated[Optional[str], typer.Option(help="who decided / 决定人")] = None,  # noqa: UP045 - typer reads it
    successor: Annotated[Optional[str], typer.Option(help="successor's number / 替代合同编号")] = None,  # noqa: UP045 - typer reads it
    notice: Annotated[Optional[str], typer.Option(help="notice served on paper / 已送达通知书编号")] = None,  # noqa: UP045 - typer reads it
) -> None:
    """查看或变更合同效力状态并上链。 Tell how a contract stands or change it, on the chain too."""
    from api.status_command import StatusWish, status_of

    decided = StatusWish(reason=reason, by=by, successor=successor, notice=notice)
    raise typer.Exit(status_of(number, change, decided))


@app.command()
def ready(
    order_no: Annotated[str, typer.Argument(help="business order / 业务单号")],
    as_json: Annotated[bool, typer.Option("--json", help="machine-readable / 机器可读")] = False,
) -> None:
    """该业务单可否接电，还缺什么。 May this order be energised: exit 0 yes, 20 with what is missing."""
    from api.ready_command import ready_to_energise

    raise typer.Exit(ready_to_energise(order_no, as_json=as_json))


@app.command()
def alarms(
    clear: Annotated[Optional[str], typer.Option(help="CODE:SUBJECT to clear / 已查清的警报")] = None,  # noqa: UP045 - typer reads it
    by: Annotated[Optional[str], typer.Option(help="who resolved it / 查清人")] = None,  # noqa: UP045 - typer reads it
) -> None:
    """查看或清除警报。 Alarms of the reconciliation with the chain; exit 10 while any stands."""
    from api.alarms_command import show_alarms

    raise typer.Exit(show_alarms(clear=clear, by=by))


@app.command("judicial-sandbox")
def judicial_sandbox(
    directory: Annotated[Path, typer.Option("--dir", help="its own directory / 专用目录")],
    host: Annotated[str, typer.Option(help="address to bind / 监听地址")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="port, 0: a free one / 端口")] = 0,
) -> None:
    """运行司法链沙箱（仅供联调，不具法律效力）。 A SANDBOX that stands in for a judicial chain."""
    from api.judicial_sandbox import judicial_sandbox_forever

    raise typer.Exit(judicial_sandbox_forever(directory, host, port))


@app.command()
def migrate() -> None:
    """升级数据库结构。 Bring the database to the newest schema."""
    from api.upkeep import migrate_database

    raise typer.Exit(migrate_database())


@app.command()
def witness(
    directory: Annotated[Path, typer.Option("--dir", help="the witness's own directory / 见证人专用目录")],
    name: Annotated[str, typer.Option(help="key name, a URL without scheme / 密钥名称")],
    log: Annotated[list[str], typer.Option(help="ORIGIN=PUBLICKEY in hex, repeatable / 日志名称=公钥")],
    host: Annotated[str, typer.Option(help="address to bind / 监听地址")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="port, 0: a free one / 端口")] = 0,
) -> None:
    """运行一个见证人，联署日志检查点。 One witness that cosigns checkpoints of logs (C2SP tlog-witness)."""
    from api.witness_server import witness_forever

    raise typer.Exit(witness_forever(directory, name, log, host, port, until_stdin_closes=False))


@app.command()
def doctor() -> None:
    """启动前自检。 Check what the service needs before it is needed."""
    from api.upkeep import examine

    findings = examine()
    OUT.print_json(json.dumps(findings, ensure_ascii=False))
    raise typer.Exit(0 if all(finding["ok"] for finding in findings) else 1)
