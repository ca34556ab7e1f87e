"""Modules that libraries load only when used, loaded while the process may still read them.

The process gives up the starter's user; interpreter and packages may lie below a directory that
its own user cannot enter. A missing one ends a request with a fault, never with a signature.
"""

from __future__ import annotations

from importlib import import_module
from typing import Final

__all__ = ["load_all"]

_LATE: Final = (
    "_strptime",
    "anyio._backends._asyncio",
    "anyio.streams.memory",
    "anyio.streams.stapled",
    "anyio.streams.tls",
    "cryptography.hazmat.backends.openssl.backend",
    "encodings.ascii",
    "encodings.hex_codec",
    "encodings.idna",
    "encodings.latin_1",
    "h11",
    "httpcore",
    "linecache",
    "lmdb._envid",
    "pyhanko.pdf_utils.filters",
    "traceback",
    "tzdata.zoneinfo",
    "uvicorn.lifespan.off",
    "uvicorn.loops.asyncio",
    "uvicorn.protocols.http.h11_impl",
    "uvicorn.protocols.utils",
)


def load_all() -> None:
    """Load them."""
    for name in _LATE:
        import_module(name)
