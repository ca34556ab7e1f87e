"""What fsck says of one thing that should not be."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LogFinding"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFinding:
    """Something that should not be.

    Attributes:
        code: Of leaves ``leaf_changed``, ``twin_changed``, ``leaf_missing``, ``record_unreadable``,
            ``chain_broken``; of tiles ``tile_changed``, ``tile_missing``, ``tile_unknown``; of checkpoints
            ``root_changed``, ``twin_root_changed``, ``size_unknown``, ``sequence_gap``, ``not_growing``,
            ``not_on_chain``, ``not_stored``; or the code of the error with which a trail, a document or
            a proof of the chain was refused.
        place: Leaf index, first leaf under a tile, or checkpoint sequence.
        en: One sentence in English.
        zh: The same in Chinese.
    """

    code: str
    place: int
    en: str
    zh: str
