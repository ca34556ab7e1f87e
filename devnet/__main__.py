"""``python -m devnet up``: run the development chain from the command line.

Exit codes: 0 stopped as asked, 1 a fault (one sentence in English and Chinese on standard
error, and the same as one JSON line on standard output), 2 wrong arguments.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from devnet.keys import OPERATORS
from devnet.node import NodeSettings
from devnet.serve import BrokenSettingsError, ServeSettings, serve
from kernel.errors import ContractsChainError

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    asked = _parser().parse_args(arguments)
    try:
        serve(_settings(asked))
    except ContractsChainError as problem:
        report = {"error": {"code": problem.code, "en": problem.en, "zh": problem.zh}}
        print(json.dumps(report, ensure_ascii=True), flush=True)
        print(f"{problem.en}\n{problem.zh}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m devnet", description="QBFT development chain 开发链")
    up = parser.add_subparsers(dest="command", required=True).add_parser("up", help="run a chain 启动开发链")
    up.add_argument("--dir", type=Path, required=True, help="chain directory, begun when empty 链目录")
    up.add_argument("--validators", type=int, choices=range(1, len(OPERATORS) + 1), help="default 4 验证人数")
    up.add_argument("--http-port", type=_port, default=0, help="on 127.0.0.1; 0 = any free port 端口")
    up.add_argument(
        "--period", type=_seconds, default=4.0, help="seconds between empty blocks, 0 = none 空块间隔"
    )
    up.add_argument("--map-mib", type=int, default=4096, help="largest size of the block store 区块库上限")
    up.add_argument("--allow", type=Path, help="JSON array of senders; default DIR/allowlist.json 许可名单")
    up.add_argument("--token-file", type=Path, help="ask for this bearer token 访问令牌文件")
    up.add_argument("--until-stdin-closes", action="store_true", help="stop with the parent 随父进程退出")
    return parser


def _settings(asked: argparse.Namespace) -> ServeSettings:
    node = NodeSettings(directory=asked.dir.absolute(), validators=asked.validators, map_mib=asked.map_mib)
    return ServeSettings(
        node=node,
        http_port=asked.http_port,
        period=asked.period,
        allowlist=asked.allow,
        token=None if asked.token_file is None else _token(asked.token_file),
        until_stdin_closes=asked.until_stdin_closes,
    )


def _token(path: Path) -> str:
    try:
        token = path.read_text("ascii").strip()
    except (OSError, ValueError) as problem:
        raise _broken_token(path) from problem
    if not token:
        raise _broken_token(path)
    return token


def _broken_token(path: Path) -> BrokenSettingsError:
    return BrokenSettingsError(
        f"{path} must hold one line of ASCII, the token; mend it",
        f"{path} 应包含一行 ASCII 令牌；请改正",
    )


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError("a port is 0 to 65535 端口应为 0 至 65535")
    return port


def _seconds(text: str) -> float:
    seconds = float(text)
    if seconds and not 1 <= seconds <= 3600:
        raise argparse.ArgumentTypeError("a period is 0 or 1 to 3600 seconds 间隔应为 0 或 1 至 3600 秒")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
