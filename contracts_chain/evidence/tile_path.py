"""The address of a tile under a published log, as C2SP tlog-tiles writes it.

``tile/<level>/<number>[.p/<width>]``: the number in groups of three digits, all but the last
marked with an x (1234067 is ``x001/x234/067``); the width only of a tile that is not full.
There is one way to write each tile, and no other is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from contracts_chain.evidence.tiles import TILE_WIDTH
from kernel.errors import RejectedError

__all__ = ["NotPublishedError", "TilePath", "TilePathError"]

_GREATEST_LEVEL = 63
_FORM = re.compile(r"tile/([0-9]{1,2})/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([0-9]{1,3}))?")


class TilePathError(RejectedError):
    """The address names no tile, or names it in another than the one way."""

    code = "tile_path"

    def __init__(self, path: str) -> None:
        """Keep the address."""
        super().__init__(
            f"{path!r} is no address of a tile; ask for tile/<level>/<number>[.p/<width>] as C2SP tlog-tiles "
            "writes it (hashes only; this log publishes no entries)",
            f"“{path}”不是数据块地址；请按 C2SP tlog-tiles 写作 tile/<level>/<number>[.p/<width>]"
            "（仅公开哈希，不公开记录）",
        )
        self.path = path


class NotPublishedError(RejectedError):
    """The log has nothing at this address, or not yet."""

    code = "not_published"

    def __init__(self, path: str) -> None:
        """Keep the address."""
        super().__init__(
            f"the log has not published {path}; the newest checkpoint says how far it goes",
            f"日志尚未公布 {path}；请以最新检查点所载大小为准",
        )
        self.path = path


@dataclass(frozen=True, slots=True, kw_only=True)
class TilePath:
    """One tile, of which the first ``width`` hashes are meant; 256 is the whole."""

    level: int
    number: int
    width: int = TILE_WIDTH

    def __str__(self) -> str:
        """The address, relative to the log's own."""
        groups = [f"{self.number % 1000:03d}"]
        rest = self.number // 1000
        while rest:
            groups.insert(0, f"x{rest % 1000:03d}")
            rest //= 1000
        partial = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{self.level}/{'/'.join(groups)}{partial}"

    @classmethod
    def parse(cls, path: str) -> TilePath:
        """Read an address.

        Raises:
            TilePathError: Not an address of a tile in its one form.
        """
        found = _FORM.fullmatch(path)
        if found is None:
            raise TilePathError(path)
        level, groups, width = found.groups()
        tile = cls(
            level=int(level),
            number=int(groups.replace("x", "").replace("/", "")),
            width=TILE_WIDTH if width is None else int(width),
        )
        partial_is_full = width is not None and not 0 < tile.width < TILE_WIDTH
        if partial_is_full or tile.level > _GREATEST_LEVEL or str(tile) != path:
            raise TilePathError(path)
        return tile
