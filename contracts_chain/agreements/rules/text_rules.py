"""Rules about free text of every class: no blanks, no drafting notes, no forbidden wording.

(reference §3.6 R-TPL-3, R-TPL-4, R-LINT-1, R-OBS-1)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.rules.finding import Violation
from contracts_chain.agreements.rules.ground import CommonCheck, Ground, Violations
from contracts_chain.agreements.rules.value_walk import Held, reading
from contracts_chain.agreements.terms import Terms

__all__ = ["TEXT_CHECKS", "texts_of"]

_BLANKS: Final = re.compile(r"_{2,}|＿{2,}|…{2,}|（\s*）|\(\s*\)|X{3,}|×{3,}|待定|待填|TBD")
_NOTES: Final = re.compile(r"起草说明|填写说明|使用说明|【注|［注|\[注|（注[：:]|TODO")
_NAMED_CONTRACTOR: Final = re.compile(
    r"(?:指定|应当?选用|必须选用|只能选用)[^。；]{0,20}(?:设计|施工|设备|材料|厂家|供货|品牌)"
)
_RESERVED_DUCT: Final = re.compile(r"预留[^。；]{0,20}(?:电缆通道|排管|管孔|管沟)")


def text_has_no_blanks(_terms: Terms, ground: Ground) -> Violations:
    """R-TPL-3: filled, 无 or /; never a blank to fill later."""
    for path, text in _texts(ground.reading.values):
        if _BLANKS.search(text):
            yield Violation(
                path=path,
                en=f"{text!r} leaves something open; fill it in, or write 无 or /",
                zh=f"“{text}”留有空白；请填写完整，没有内容的填“无”或“/”",
            )


def text_has_no_drafting_notes(_terms: Terms, ground: Ground) -> Violations:
    """R-TPL-4: drafting notes are gone before review."""
    for path, text in _texts(ground.reading.values):
        if _NOTES.search(text):
            yield Violation(
                path=path, en=f"remove the drafting note from {text!r}", zh=f"“{text}”含有起草说明，请删除"
            )


def nobody_is_named_builder(_terms: Terms, ground: Ground) -> Violations:
    """R-LINT-1: no named designer, builder or supplier, no ducts reserved beyond own use (K6, C23)."""
    for path, text in _texts(ground.reading.values):
        found = _NAMED_CONTRACTOR.search(text) or _RESERVED_DUCT.search(text)
        if found:
            yield Violation(
                path=path,
                en=f"{found[0]!r} may restrict the customer's free choice; rephrase",
                zh=f"“{found[0]}”可能限制用户自主选择，请改写",
            )


def abolished_fee_is_absent(_terms: Terms, ground: Ground) -> Violations:
    """R-OBS-1: the abolished 供电贴费 is not agreed."""
    for path, text in _texts(ground.reading.values):
        if "贴费" in text:
            yield Violation(path=path, en="this fee is abolished; remove it", zh="供电贴费已取消，请删除")


def texts_of(terms: Terms) -> Iterator[tuple[str, str]]:
    """Every text of the terms with its path."""
    return _texts(reading(terms).values)


def _texts(values: Iterable[Held]) -> Iterator[tuple[str, str]]:
    return ((held.path, held.value) for held in values if isinstance(held.value, str))


TEXT_CHECKS: Final[Mapping[str, CommonCheck]] = MappingProxyType(
    {
        "R-TPL-3": text_has_no_blanks,
        "R-TPL-4": text_has_no_drafting_notes,
        "R-LINT-1": nobody_is_named_builder,
        "R-OBS-1": abolished_fee_is_absent,
    }
)
