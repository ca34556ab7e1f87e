"""From strips to pages: what stands on which page, before anything is drawn.

A strip is the smallest thing that never breaks: a line of text, a table row, a
signature block. Pages are known before drawing, so that ``共 y 页`` needs one pass.

Invariants: order is kept; nothing is lost; a strip that keeps its successor is never
the last of a page unless the chain alone is taller than a page; where a table breaks,
its head row stands again on the next page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from pdfgen.ink import Ink

__all__ = ["PlacedStrip", "Strip", "paginate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """One unbreakable piece.

    Attributes:
        height: In points.
        draw: Called with the ink, the left edge and the top of the strip.
        space_before: Distance to the strip above; dropped at the top of a page.
        keeps_next: Stays on the page of its successor.
        head: Strip to repeat above this one if it is the first of a page.
        page_break: Starts a new page.
    """

    height: float
    draw: Callable[[Ink, float, float], None]
    space_before: float = 0.0
    keeps_next: bool = False
    head: Strip | None = None
    page_break: bool = False


@dataclass(frozen=True, slots=True)
class PlacedStrip:
    """A strip and the distance of its top from the top of the body."""

    strip: Strip
    depth: float


def paginate(strips: Iterable[Strip], height: float) -> list[list[PlacedStrip]]:
    """Share strips out to pages of this body height; a strip taller than a page gets its own."""
    pages: list[list[PlacedStrip]] = [[]]
    depth = 0.0
    for chain in _chains(strips):
        needed = _height(chain, top=not pages[-1])
        if pages[-1] and (
            chain[0].page_break or (depth + needed > height and _height(chain, top=True) <= height)
        ):
            pages.append([])
            depth = 0.0
        for strip in chain:
            depth = _put(pages, strip, depth, height)
    return pages


def _chains(strips: Iterable[Strip]) -> Iterator[list[Strip]]:
    chain: list[Strip] = []
    for strip in strips:
        if strip.page_break and chain:
            yield chain
            chain = []
        chain.append(strip)
        if not strip.keeps_next:
            yield chain
            chain = []
    if chain:
        yield chain


def _height(chain: Sequence[Strip], *, top: bool) -> float:
    whole = sum(strip.space_before + strip.height for strip in chain)
    if not top:
        return whole
    head = chain[0].head
    return whole - chain[0].space_before + (head.height if head else 0.0)


def _put(pages: list[list[PlacedStrip]], strip: Strip, depth: float, height: float) -> float:
    """Put one strip on the last page, or on a new one if it does not fit; return the new depth."""
    if pages[-1] and depth + strip.space_before + strip.height > height + 0.01:
        pages.append([])
        depth = 0.0
    if not pages[-1]:
        depth = 0.0
        if strip.head is not None:
            pages[-1].append(PlacedStrip(strip.head, 0.0))
            depth = strip.head.height
    else:
        depth += strip.space_before
    pages[-1].append(PlacedStrip(strip, depth))
    return depth + strip.height
