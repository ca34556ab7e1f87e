"""Which nodes may talk to this one, and where they were heard last.

``nodes.json``, the operator's file: a JSON array of ``{"address", "operator"}``. Begun
with the validators of the genesis; to let an observer or a coming validator in, add a line
on every node. It is read again when it changes. Nobody else is answered.

``peers.json``, this program's file: URLs where peers were reached, a JSON array of text.
A URL proves nothing; who answers there is told by a signature.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from devnet.errors import BrokenSettingsError
from devnet.genesis import Genesis
from kernel.atomic_file import write_atomically
from kernel.canonical_json import canonical_bytes, parse_json
from kernel.sized_bytes import Address

__all__ = ["NodeAllowlist", "load_peer_urls", "store_peer_urls"]


class NodeAllowlist:
    """The nodes listed in ``nodes.json``. Safe from any thread."""

    def __init__(self, directory: Path, genesis: Genesis) -> None:
        """Read the file, beginning it with the genesis validators.

        Raises:
            BrokenSettingsError: The file is not what it should be.
            DiskFullError: No space left to begin it.
            UnwritableError: It cannot be begun.
        """
        self._path = directory / "nodes.json"
        if not self._path.exists():
            first = [{"address": address.hex0x(), "operator": name} for address, name in genesis.members]
            write_atomically(self._path, canonical_bytes([*first]) + b"\n")
        self._read: tuple[int, Mapping[Address, str]] = (-1, {})
        self.operators()

    def operators(self) -> Mapping[Address, str]:
        """Address to operator of every node allowed.

        Raises:
            BrokenSettingsError: The file was changed into something else.
        """
        try:
            changed = self._path.stat().st_mtime_ns
            if changed != self._read[0]:
                self._read = (changed, _listed(self._path))
        except (OSError, ValueError, KeyError, TypeError) as problem:
            raise BrokenSettingsError(
                f"{self._path} must be a JSON array of objects with address and operator; mend it",
                f"{self._path} 应为含 address 与 operator 的对象数组（JSON）；请改正",
            ) from problem
        return self._read[1]


def load_peer_urls(directory: Path) -> tuple[str, ...]:
    """URLs stored before; none when there are none.

    Raises:
        BrokenSettingsError: The file is not an array of text.
    """
    path = directory / "peers.json"
    if not path.exists():
        return ()
    try:
        listed = parse_json(path.read_bytes())
    except (OSError, ValueError):
        listed = None
    if not isinstance(listed, list):
        raise BrokenSettingsError(
            f"{path} must be a JSON array of URLs; mend it or start with --peers",
            f"{path} 应为 URL 的 JSON 数组；请改正，或用 --peers 指定",
        )
    return tuple(str(url) for url in listed)


def store_peer_urls(directory: Path, urls: Iterable[str]) -> None:
    """Remember where peers are.

    Raises:
        DiskFullError: No space left.
        UnwritableError: The directory cannot be written.
    """
    write_atomically(directory / "peers.json", canonical_bytes(sorted(set(urls))) + b"\n")


def _listed(path: Path) -> Mapping[Address, str]:
    content = parse_json(path.read_bytes())
    if not isinstance(content, list):
        raise ValueError("not an array")  # noqa: TRY004 - read as one more malformed file
    found: dict[Address, str] = {}
    for item in content:
        if not isinstance(item, dict):
            raise ValueError("not an object")  # noqa: TRY004 - as above
        found[Address.from_hex(str(item["address"]))] = str(item["operator"])
    return found
