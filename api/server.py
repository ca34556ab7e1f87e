"""``contracts-chain serve``: one process with web pages, API and worker, until it is told to stop.

The port is taken before anything is started, so that a second start says so at once.
SIGTERM and SIGINT end it cleanly at any moment: requests finish, then worker, chain and
database stop, in this order.
"""

from __future__ import annotations

import contextlib
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn

from api.activation_sms import outbox_of
from api.app import STAFF_TOKENS, create_app
from api.house import House, open_house
from api.house_signing import activation_directory
from api.listening import bound_socket, url_of
from api.settings import Settings
from api.stoppable_server import StoppableServer
from api.worker import BackgroundWorker

__all__ = ["serve_forever"]


def serve_forever(host: str | None, port: int | None) -> int:
    """Serve until SIGTERM or SIGINT; 0 after a clean stop.

    Raises:
        PortInUseError: Another program listens there; nothing was started.
        FaultError: A server of ours cannot start.
    """
    settings = Settings()
    with bound_socket(host or settings.host, settings.port if port is None else port) as listening:
        address = url_of(listening)
        settings = settings.model_copy(update={"public_url": _public_url(settings, address)})
        with _stop_at_once_on_sigterm(), open_house(settings) as house, BackgroundWorker(house):
            _serve(house, listening, address)
    return 0


def _serve(house: House, listening: socket.socket, address: str) -> None:
    app = create_app(house)
    server = StoppableServer(uvicorn.Config(app, log_level="warning", access_log=False, server_header=False))
    _tell(house, address)
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listening])


def _tell(house: House, address: str) -> None:
    directory = house.settings.data_dir
    lines = (
        f"服务已启动 / serving at {address}",
        f"  接口 / API        {address}/docs",
        f"  员工登录 / staff  {address}/login",
        f"  员工令牌 / tokens {directory / STAFF_TOKENS}",
        f"  沙箱短信 / SMS    {directory / 'sandbox' / 'sms.jsonl'}",
        f"  签署码 / codes    {house.settings.sms_url or outbox_of(activation_directory(house.settings))}",
        f"  {house.settings.mark}",
        "按 Ctrl-C 停止 / Ctrl-C to stop",
    )
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _public_url(settings: Settings, address: str) -> str:
    """What links begin with: as configured, else the address really bound."""
    configured = "public_url" in settings.model_fields_set
    return settings.public_url if configured else address


@contextmanager
def _stop_at_once_on_sigterm() -> Iterator[None]:
    """Before and after serving, SIGTERM unwinds like Ctrl-C, so that everything started is stopped."""

    def unwind(signal_number: int, frame: FrameType | None) -> None:
        del signal_number, frame
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, unwind)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
