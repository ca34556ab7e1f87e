"""Where events may be sent: which URLs are taken, and which addresses a name may lead to.

Guards against a callback that makes this service knock at doors of its own network (SSRF, CWE-918): a
name counts as the addresses it leads to at the moment of each call, never as at registration. Knows
no network; ``api.http_callbacks`` resolves, asks here about each address, and connects to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final, TypeAlias
from urllib.parse import SplitResult, urlsplit

from kernel.errors import RejectedError

__all__ = ["CallbackPlaces", "CallbackUrlError", "IpAddress"]

IpAddress: TypeAlias = "IPv4Address | IPv6Address"

_LONGEST_URL: Final = 2000
_NAME: Final = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9])?")
_USUAL_PORTS: Final = {"http": 80, "https": 443}
_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
_NAT64: Final = IPv6Network("64:ff9b::/96")
"""RFC 6052: the last four octets are the IPv4 address that a gateway really goes to."""


class CallbackUrlError(RejectedError):
    """No event will be sent to such a URL."""

    code = "callback_url"

    def __init__(self, en: str, zh: str) -> None:
        """Say what is wrong with it."""
        super().__init__(f"the URL is not taken: {en}; nothing was stored", f"网址不予登记：{zh}；未保存")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackPlaces:
    """The rule of one installation.

    Attributes:
        trial: Test certificates are in use; a receiver may then run on this machine.
        private_hosts: Names and literal addresses of receivers inside the own network, lower case.
    """

    trial: bool
    private_hosts: frozenset[str] = frozenset()

    @classmethod
    def of(cls, private_hosts: Iterable[str], *, trial: bool) -> CallbackPlaces:
        """Names in any case."""
        return cls(trial=trial, private_hosts=frozenset(host.lower() for host in private_hosts))

    def url(self, written: str) -> str:
        """The URL in the one form in which it is kept, so that one receiver is not two by its letters.

        Raises:
            CallbackUrlError: Not ``https``, no host, a user, a fragment, or nothing that a URL may hold.
        """
        parts = _parts(written)
        host, port = (parts.hostname or "").rstrip("."), parts.port
        if parts.username is not None or parts.password is not None:
            raise CallbackUrlError("leave the user and the password out", "请去掉网址中的用户名和密码")
        if "#" in written:
            raise CallbackUrlError("leave out what follows the #", "请去掉 # 及其后的内容")
        if ":" not in host and not _NAME.fullmatch(host):
            raise CallbackUrlError("it names no host", "未写明主机")
        if parts.scheme != "https" and not (parts.scheme == "http" and self._is_here(host)):
            raise CallbackUrlError("it must begin with https://", "须以 https:// 开头")
        self._verify_literal(parts.scheme, host)
        shown = f"[{host}]" if ":" in host else host
        place = shown if port in {None, _USUAL_PORTS[parts.scheme]} else f"{shown}:{port}"
        return parts._replace(netloc=place, path=parts.path or "/").geturl()

    def is_open(self, scheme: str, host: str, address: IpAddress) -> bool:
        """Whether a connection to this address is allowed for this host."""
        meant = _meant(address)
        if scheme != "https" or meant.is_loopback:
            return meant.is_loopback and (self.trial or host.lower() in self.private_hosts)
        if host.lower() in self.private_hosts:
            return not (meant.is_multicast or meant.is_unspecified)
        assigned = isinstance(meant, IPv4Address) or meant in _GLOBAL_UNICAST
        return assigned and meant.is_global and not meant.is_multicast

    def _verify_literal(self, scheme: str, host: str) -> None:
        """An address written out is judged at once; a name at each call."""
        try:
            address = ip_address(host)
        except ValueError:
            return
        if not self.is_open(scheme, host, address):
            raise CallbackUrlError(
                "it is an address inside a network; name the host in callback_private_hosts if it is meant",
                "该地址属于内部网络；确需使用的，请在 callback_private_hosts 中列明主机",
            )

    def _is_here(self, host: str) -> bool:
        return self.trial and (host == "localhost" or _is_loopback(host))


def _parts(written: str) -> SplitResult:
    plain = written.isascii() and written.isprintable() and " " not in written and "\\" not in written
    if not plain or len(written) > _LONGEST_URL:
        raise CallbackUrlError(
            f"write up to {_LONGEST_URL} plain ASCII letters without spaces",
            f"请写不超过 {_LONGEST_URL} 个 ASCII 字符，不含空格",
        )
    try:
        parts = urlsplit(written)
        _ = parts.port  # reading it is what checks it
    except ValueError as problem:
        raise CallbackUrlError("host or port cannot be read", "主机或端口无法识别") from problem
    return parts


def _is_loopback(host: str) -> bool:
    try:
        return _meant(ip_address(host)).is_loopback
    except ValueError:
        return False


def _meant(address: IpAddress) -> IpAddress:
    """The IPv4 address inside an IPv6 one, where a gateway or the kernel would go on to it."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    inside = address.ipv4_mapped or address.sixtofour
    return inside or (address.teredo[1] if address.teredo else address)
