"""The four commands: their options, and what each runs.

Decides defaults. ``join`` needs no more than ``--dir`` once its directory has been begun:
port, peers and genesis are remembered there.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from coincurve import PrivateKey

from devnet.errors import BrokenSettingsError, foreign_chain
from devnet.genesis import agree_genesis, load_genesis, write_genesis
from devnet.keys import OPERATORS, draw_key
from devnet.node import NodeSettings, directory_fault
from devnet.rpc_http import bind_address
from devnet.seals import address_of
from devnet.serve import ServeSettings, serve
from devnet.supervisor import UpSettings, up
from devnet.vm import CHAIN_ID, GAS_LIMIT
from kernel.canonical_json import JsonObject
from kernel.clock import SystemClock
from kernel.sized_bytes import Address

__all__ = ["parser", "run"]


def parser() -> argparse.ArgumentParser:
    """All commands and options."""
    whole = argparse.ArgumentParser(prog="python -m devnet", description="QBFT development chain 开发链")
    commands = whole.add_subparsers(dest="command", required=True)
    _up_options(commands.add_parser("up", help="run all validators here 在本机启动全部验证人"))
    _join_options(commands.add_parser("join", help="run one operator's node 启动一个运营方的节点"))
    key = commands.add_parser("key", help="draw a key, print its address 生成密钥并显示地址")
    key.add_argument("--dir", type=Path, required=True, help="the operator's directory 运营方目录")
    key.add_argument("--operator", required=True, help="its name 运营方名称")
    genesis = commands.add_parser("genesis", help="agree on a chain 约定创世文件")
    genesis.add_argument(
        "--validator", action="append", required=True, type=_member, metavar="ADDRESS=OPERATOR"
    )
    genesis.add_argument("--proposer", required=True, help="the operator who proposes 出块的运营方")
    genesis.add_argument("-o", "--output", type=Path, required=True, help="genesis.json to write 输出文件")
    return whole


def run(asked: argparse.Namespace) -> int:
    """Run what was asked; returns the exit code.

    Raises:
        FaultError: A port, directory or file cannot be used.
        RefutedError: The chain contradicts itself.
    """
    commands: dict[str, Callable[[argparse.Namespace], int]] = {
        "up": _run_up,
        "join": _run_join,
        "key": _run_key,
        "genesis": _run_genesis,
    }
    return commands[asked.command](asked)


def _up_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--dir", type=Path, required=True, help="begun when empty 链目录")
    command.add_argument(
        "--validators", type=int, choices=range(1, len(OPERATORS) + 1), help="default 4 验证人数"
    )
    _node_options(command)
    command.set_defaults(http_port=0)


def _join_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--dir", type=Path, required=True, help="the operator's directory 运营方目录")
    command.add_argument("--operator", help="refuse another one's directory 运营方名称")
    command.add_argument("--genesis", type=Path, help="the agreed file, for a new directory 创世文件")
    command.add_argument("--peers", type=_urls, default=(), help="URL[,URL...] of other nodes 其他节点")
    command.add_argument(
        "--propose", action="store_true", help="refuse to run but as proposer 仅作为出块人运行"
    )
    _node_options(command)


def _node_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--http-port", type=_port, help="0 = any free port 端口")
    command.add_argument("--host", default="127.0.0.1", help="address to listen on 监听地址")
    command.add_argument(
        "--period", type=_seconds, default=4.0, help="seconds between empty blocks, 0 = none 空块间隔"
    )
    command.add_argument(
        "--map-mib", type=int, default=4096, help="largest size of the block store in MiB 区块库上限"
    )
    command.add_argument("--allow", type=Path, help="JSON array of senders; default allowlist.json 许可名单")
    command.add_argument("--token-file", type=Path, help="ask for this bearer token 访问令牌文件")
    command.add_argument(
        "--until-stdin-closes", action="store_true", help="stop with the parent 随父进程退出"
    )


def _run_up(asked: argparse.Namespace) -> int:
    return up(
        UpSettings(
            directory=asked.dir.absolute(),
            validators=asked.validators,
            http_port=asked.http_port,
            until_stdin_closes=asked.until_stdin_closes,
            each=_serve_settings(asked, NodeSettings(directory=asked.dir, map_mib=asked.map_mib)),
        )
    )


def _run_join(asked: argparse.Namespace) -> int:
    directory = asked.dir.absolute()
    node = NodeSettings(
        directory=directory, operator=asked.operator, genesis=asked.genesis, map_mib=asked.map_mib
    )
    settings = _serve_settings(asked, node)
    if asked.propose:
        _verify_proposer(directory, asked.genesis or directory / "genesis.json")
    port = _remembered_port(directory) if asked.http_port is None else asked.http_port
    listener = bind_address(asked.host, port)

    def until(stop: Callable[[], None]) -> None:
        if asked.until_stdin_closes:
            threading.Thread(target=_watch_stdin, args=(stop,), daemon=True).start()

    serve(settings, listener, ready=_print_ready, until=until)
    return 0


def _run_key(asked: argparse.Namespace) -> int:
    try:
        address = address_of(draw_key(asked.dir).public_key)
    except OSError as problem:
        raise directory_fault(asked.dir, problem) from problem
    print(json.dumps({"address": address.hex0x(), "operator": asked.operator}), flush=True)
    return 0


def _run_genesis(asked: argparse.Namespace) -> int:
    genesis = agree_genesis(
        asked.validator,
        proposer=asked.proposer,
        chain_id=CHAIN_ID,
        gas_limit=GAS_LIMIT,
        start_utc=SystemClock().now(),
    )
    write_genesis(asked.output, genesis)
    said = {"chain_id": CHAIN_ID, "genesis_hash": genesis.header().block_hash.hex0x()}
    print(json.dumps(said), flush=True)
    return 0


def _serve_settings(asked: argparse.Namespace, node: NodeSettings) -> ServeSettings:
    own = node.directory / "allowlist.json"
    return ServeSettings(
        node=node,
        host=asked.host,
        period=asked.period,
        allowlist=asked.allow or (own if asked.command == "join" and own.exists() else None),
        token=None if asked.token_file is None else _token(asked.token_file),
        peers=getattr(asked, "peers", ()),
    )


def _verify_proposer(directory: Path, path: Path) -> None:
    genesis = load_genesis(path, chain_id=CHAIN_ID)
    secret: PrivateKey = draw_key(directory)
    if address_of(secret.public_key) != genesis.proposer_address:
        raise foreign_chain(
            directory,
            en=f"its key is not the proposer's; genesis.json names {genesis.proposer}",
            zh=f"其密钥不是出块人的；genesis.json 指定的出块人为 {genesis.proposer}",
        )


def _remembered_port(directory: Path) -> int:
    try:
        return int((directory / "port").read_text("ascii"))
    except (OSError, ValueError):
        return 0


def _print_ready(facts: JsonObject) -> None:
    print(json.dumps({**facts, "pid": os.getpid()}), flush=True)


def _watch_stdin(stop: Callable[[], None]) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    stop()


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


def _member(text: str) -> tuple[Address, str]:
    address, _, operator = text.partition("=")
    if not operator:
        raise argparse.ArgumentTypeError("write ADDRESS=OPERATOR 格式应为 地址=运营方")
    return Address.from_hex(address), operator


def _urls(text: str) -> tuple[str, ...]:
    urls = tuple(url.strip().rstrip("/") for url in text.split(",") if url.strip())
    if any(not url.startswith("http://") for url in urls):
        raise argparse.ArgumentTypeError("a peer is http://HOST:PORT 节点地址应为 http://主机:端口")
    return urls


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
