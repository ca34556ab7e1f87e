"""Where the slices of a straddling seal (骑缝章) stand and what each of them shows.

One seal drawing is cut into upright slices of equal width, one on the right edge of each page, so
that the leaves laid fan-wise show the seal whole and an exchanged leaf breaks it. More than twenty
pages are cut into groups, each with a whole seal of its own: narrower slices could not be read.
Several parties stand one below the other. A document of one page has no seam.

Decides geometry and bytes only, with no PDF library, so that a verifier recomputes both from the
page's place alone. Never decides who may seal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

__all__ = [
    "GREATEST_GROUP",
    "Box",
    "SeamField",
    "is_seam_of",
    "place_seams",
    "seam_name",
    "seam_names",
    "slice_appearance",
    "slice_box",
    "slice_of",
]

Box = tuple[float, float, float, float]
"""Left, bottom, right, top in points."""

GREATEST_GROUP: Final = 20
"""Pages that share one drawing: a slice of a 42 mm seal is then 2.1 mm wide."""
SEAL_SIDE: Final = 119.055
"""A seal of 42 mm in its own size."""
GREATEST_SLICE: Final = 60.0
"""Half a seal: what the margin beside the column holds."""
PAGE_FOOT: Final = 72.0
PAGE_HEAD: Final = 120.0
"""No slice stands lower than the foot or higher than this below the page's upper edge."""
GAP: Final = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SeamField:
    """One read-only widget: name, 1-based page, box in points from the lower left."""

    name: str
    page: int
    box: Box


def seam_name(slot: str, page: int) -> str:
    """``{slot}Seam{page:03d}``; pages count from 1."""
    return f"{slot}Seam{page:03d}"


def seam_names(slot: str, pages: int) -> tuple[str, ...]:
    """Every seam field of a seal slot in the order of pages; none in a document of one page."""
    return tuple(seam_name(slot, page) for page in range(1, pages + 1)) if pages > 1 else ()


def is_seam_of(name: str, slot: str, pages: int) -> bool:
    """Whether the field is one of this slot's seams."""
    return name in seam_names(slot, pages)


def slice_of(page: int, pages: int) -> tuple[int, int]:
    """Which slice a page bears: ``(k, n)``, slice ``k`` of ``n``, counted from 1 and from the left.

    Pages are dealt out to as few groups as hold twenty each, the earlier ones not smaller than
    the later.

    Args:
        page: From 1 to ``pages``.
        pages: Of the whole document, at least 2.
    """
    groups = -(-pages // GREATEST_GROUP)
    size, larger = divmod(pages, groups)
    first = 1
    for group in range(groups):
        n = size + (group < larger)
        if page < first + n:
            break
        first += n
    return page - first + 1, n


def slice_box(n: int, box: Box) -> Box:
    """``/BBox`` of a slice form: a strip of the drawing's height and an n-th of its width, at the origin."""
    left, bottom, right, top = box
    return (0.0, 0.0, _rounded((right - left) / n), _rounded(top - bottom))


def slice_appearance(k: int, n: int, box: Box) -> bytes:
    """Content of a slice form: the drawing ``/Drawn``, shifted so that slice ``k`` lies in the strip.

    Args:
        k: From 1, the leftmost, to ``n``.
        n: Slices of the drawing.
        box: ``/BBox`` of the drawing.
    """
    left, bottom, right, _ = box
    shift = -(left + (right - left) * (k - 1) / n)
    return f"q 1 0 0 1 {_number(shift)} {_number(-bottom)} cm /Drawn Do Q".encode()


def place_seams(
    slots: Sequence[str], pages: int, *, page_width: float, page_height: float
) -> tuple[SeamField, ...]:
    """The seams of every seal slot, page by page, at the right edge.

    Args:
        slots: Names of the seal slots, topmost first.
        pages: Of the whole document.
        page_width: In points, the same on all pages.
        page_height: In points.

    Returns:
        None for a document of one page.
    """
    if pages < 2:
        return ()
    room = (page_height - PAGE_HEAD - PAGE_FOOT) / max(len(slots), 1)
    side = min(SEAL_SIDE, room - GAP)
    return tuple(
        SeamField(
            name=seam_name(slot, page),
            page=page,
            box=_box(page, pages, page_width, page_height - PAGE_HEAD - room * (row + 0.5), side),
        )
        for page in range(1, pages + 1)
        for row, slot in enumerate(slots)
    )


def _box(page: int, pages: int, right: float, middle: float, side: float) -> Box:
    """A strip at the edge; two pages would ask for more than the margin and are drawn smaller."""
    _, n = slice_of(page, pages)
    shown = min(side, GREATEST_SLICE * n)
    left, bottom, top = right - shown / n, middle - shown / 2, middle + shown / 2
    return (_rounded(left), _rounded(bottom), _rounded(right), _rounded(top))


def _rounded(number: float) -> float:
    return round(number, 2)


def _number(number: float) -> str:
    """At most four places, no exponent, no negative zero."""
    written = f"{number:.4f}".rstrip("0").rstrip(".")
    return "0" if written == "-0" else written
