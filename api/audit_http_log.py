"""The operator's published log over HTTP (C2SP tlog-tiles), as an outsider reads it.

Reads the signed checkpoint and the tiles of level 0, which hold the leaf hashes. Believes
nothing: the audit computes every root itself. A log that does not answer is undecided.
"""

from __future__ import annotations

from collections.abc import Iterator

import httpx

from contracts_chain.evidence.audit_errors import NodeAnswerError
from contracts_chain.evidence.tile_path import TilePath
from contracts_chain.evidence.tiles import TILE_WIDTH
from kernel.errors import UndecidedError
from kernel.sized_bytes import LeafHash

__all__ = ["HttpLog", "LogUnavailableError"]

_HASH = 32
_PATIENCE_SECONDS = 30
_GREATEST_NOTE = 64 * 1024


class LogUnavailableError(UndecidedError):
    """The published log gives no answer."""

    code = "log_unavailable"

    def __init__(self, url: str, reason: str) -> None:
        """Keep address and reason."""
        super().__init__(
            f"the published log gives no answer at {url} ({reason}); try again later",
            f"公开日志无应答：{url}（{reason}）；请稍后重试",
            retry_after=5,
        )


class HttpLog:
    """One published log; ``close`` when done."""

    def __init__(self, url: str) -> None:
        """Remember where; ``url`` is the log's prefix, e.g. ``https://host/log``."""
        self._url = url.rstrip("/")
        self._client = httpx.Client(timeout=_PATIENCE_SECONDS, follow_redirects=False)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def note(self) -> str:
        """The newest signed checkpoint.

        Raises:
            LogUnavailableError: No answer.
            NodeAnswerError: The answer is no text of a checkpoint's size.
        """
        content = self._get("checkpoint")
        try:
            text = content.decode("utf-8")
        except ValueError as problem:
            raise _odd("checkpoint") from problem
        if len(content) > _GREATEST_NOTE:
            raise _odd("checkpoint")
        return text

    def leaves(self, size: int) -> Iterator[LeafHash]:
        """Leaf hashes of a log of ``size``, tile by tile.

        Raises:
            LogUnavailableError: No answer.
            NodeAnswerError: A tile has another length.
        """
        for number in range((size + TILE_WIDTH - 1) // TILE_WIDTH):
            width = min(TILE_WIDTH, size - number * TILE_WIDTH)
            path = str(TilePath(level=0, number=number, width=width))
            content = self._get(path)
            if len(content) != width * _HASH:
                raise _odd(path)
            for at in range(0, len(content), _HASH):
                yield LeafHash(content[at : at + _HASH])

    def _get(self, path: str) -> bytes:
        url = f"{self._url}/{path}"
        try:
            reply = self._client.get(url)
            reply.raise_for_status()
        except httpx.HTTPStatusError as problem:
            raise LogUnavailableError(url, str(problem.response.status_code)) from problem
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            raise LogUnavailableError(url, type(problem).__name__) from problem
        return reply.content


def _odd(path: str) -> NodeAnswerError:
    return NodeAnswerError(f"the published log's {path} has another form", f"公开日志的 {path} 格式不符")
