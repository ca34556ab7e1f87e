"""Arguments of ``contracts-chain callbacks``; ``api.callbacks_command`` does it."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

__all__ = ["add_callback_commands"]

_BY = typer.Option(help="who answers for it / 办理人")
_Endpoint = Annotated[str, typer.Argument(help="id of the endpoint / 接收地址编号")]


def add_callback_commands(app: typer.Typer) -> None:
    """Add ``callbacks`` with its own commands."""
    callbacks = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        help="系统回调：把合同进展通知其他系统。 Tell other systems of every step of a contract.",
    )
    callbacks.command("list")(_list)
    callbacks.command("register")(_register)
    callbacks.command("close")(_close)
    callbacks.command("rotate-secret")(_rotate)
    callbacks.command("log")(_log)
    callbacks.command("replay")(_replay)
    app.add_typer(callbacks, name="callbacks")


def _list() -> None:
    """列出接收地址。 All endpoints."""
    from api.callbacks_command import list_endpoints

    raise typer.Exit(list_endpoints())


def _register(
    url: Annotated[str, typer.Argument(help="beginning with https:// / 接收网址")],
    by: Annotated[str, _BY],
    kind: Annotated[Optional[list[str]], typer.Option(help="this event only / 只收此事件")] = None,  # noqa: UP045 - typer reads it
) -> None:
    """登记接收地址，密钥只显示一次。 Register an endpoint; its secret is printed once."""
    from api.callbacks_command import register

    raise typer.Exit(register(url, tuple(kind or ()), by))


def _close(endpoint: _Endpoint, by: Annotated[str, _BY]) -> None:
    """停用接收地址。 Send nothing there any more."""
    from api.callbacks_command import close

    raise typer.Exit(close(endpoint, by))


def _rotate(endpoint: _Endpoint) -> None:
    """更换密钥，原密钥即时作废。 Another secret; the old one signs no more."""
    from api.callbacks_command import rotate

    raise typer.Exit(rotate(endpoint))


def _log(
    endpoint: _Endpoint,
    dead: Annotated[bool, typer.Option("--dead", help="dead letters alone / 只看未送达")] = False,
) -> None:
    """查看发送记录。 What was sent there, each attempt; exit 10 if a dead letter is shown."""
    from api.callbacks_command import tell_deliveries

    raise typer.Exit(tell_deliveries(endpoint, dead=dead))


def _replay(
    endpoint: _Endpoint,
    *,
    by: Annotated[str, _BY],
    event: Annotated[Optional[str], typer.Option(help="id of one event / 事件编号")] = None,  # noqa: UP045 - typer reads it
    subject: Annotated[Optional[str], typer.Option(help="number of a contract, order or bill / 编号")] = None,  # noqa: UP045 - typer reads it
    first: Annotated[Optional[int], typer.Option(help="from its event no. / 起始序号")] = None,  # noqa: UP045 - typer reads it
    last: Annotated[Optional[int], typer.Option(help="to its event no. / 截止序号")] = None,  # noqa: UP045 - typer reads it
    dead: Annotated[bool, typer.Option("--dead", help="all dead letters / 全部未送达")] = False,
) -> None:
    """重新发送事件，编号和内容不变。 Send events again under the same ids."""
    from api.callback_words import SentReplay
    from api.callbacks_command import send_again

    wanted = SentReplay(event_id=event, subject=subject, first=first, last=last, dead=dead or None)
    raise typer.Exit(send_again(endpoint, wanted, by))
