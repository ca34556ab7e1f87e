"""The second places of an installation, as its settings name them."""

from __future__ import annotations

from api.file_cross_anchor import FilePlace
from api.http_judicial_chain import HttpJudicialChain
from api.settings import Settings
from contracts_chain.workflows.chain_ports import CrossAnchorPlace
from contracts_chain.workflows.cross_anchor import TsaPlace
from kernel.clock import Clock
from kernel.sized_bytes import Bytes32
from signing.model import TimestampAuthority

__all__ = ["judicial_keys", "places_of"]

_BUILT_IN_TSA = "内置时间戳机构 TEST"
_FILE = "追加式文件"


def places_of(
    settings: Settings, timestamps: TimestampAuthority, clock: Clock
) -> tuple[CrossAnchorPlace, ...]:
    """The timestamp authority, the file, and the judicial chain where one is configured."""
    file = settings.cross_anchor_file or settings.data_dir / "cross-anchors.jsonl"
    places: tuple[CrossAnchorPlace, ...] = (
        TsaPlace("、".join(settings.tsa_urls) or _BUILT_IN_TSA, timestamps),
        FilePlace(_FILE, file, clock),
    )
    if settings.judicial_chain_url is None:
        return places
    ((name, key),) = judicial_keys(settings)
    return (*places, HttpJudicialChain(name, settings.judicial_chain_url, key))


def judicial_keys(settings: Settings) -> tuple[tuple[str, Bytes32], ...]:
    """Name and key of the judicial chain, for the trust bundle."""
    if settings.judicial_chain_url is None or settings.judicial_chain_key is None:
        return ()
    return ((settings.judicial_chain_name, Bytes32.from_hex(settings.judicial_chain_key)),)
