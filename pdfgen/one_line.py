"""A one-line wiring diagram: feeds above, receiving equipment below, the demarcation between.

Decides where symbols and words of a 供电接线及产权分界示意图 stand, so that no label meets another
and none leaves the frame, for one feed or many. Says nothing of its own: every word is given.
A triangle is a cable head, two linked rings are a transformer, G and M in a ring are machines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Final, Literal, TypeVar

from pdfgen.diagram_scene import METER_HEIGHT, Meter, Scene
from pdfgen.document import Diagram, Stroke

__all__ = ["Backup", "Feed", "OneLine", "Unit", "one_line_diagrams"]

WIDTH: Final = 441
_TALLEST: Final = 600
_T = TypeVar("_T")
_GUTTER: Final = 52
_IN_COLUMN: Final = 14
_FEEDS, _UNITS, _METERS, _BACKUPS = 6, 8, 6, 3
_ORIGIN, _LINE, _BOUNDARY, _SWITCH = 62, 60, 56, 24
_UNIT, _UNIT_METER, _UNIT_WORDS, _METER_WORDS = 64, 22, 58, 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One source: where it begins, its line, its demarcation point, the meter on it."""

    origin: str
    line: str
    entry: Literal["overhead", "cable", "mixed"]
    boundary: str
    meter: Meter | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What hangs on the busbar: a transformer with a meter on its lower side, a motor, or a whole station."""

    kind: Literal["transformer", "motor", "station"]
    words: str
    meter: Meter | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A source of the customer's own and what keeps it apart from the grid."""

    words: str
    interlock: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OneLine:
    """All that one diagram shows; ``bus_meters`` and ``low_meters`` belong to no single feed or unit."""

    title: str
    description: str
    above: str
    boundary: str
    below: str
    bus: str
    feeds: Sequence[Feed]
    units: Sequence[Unit]
    bus_meters: Sequence[Meter] = ()
    low_meters: Sequence[Meter] = ()
    backups: Sequence[Backup] = ()


def one_line_diagrams(content: OneLine) -> tuple[Diagram, ...]:
    """Lay it out on one diagram, or on several where it holds more than a page's width can show.

    A diagram shows six feeds, eight units, six meters on each side and three sources of the
    customer's own; each is at most as high as a page's body.
    """
    shares = zip_longest(
        _batches(content.feeds, _FEEDS),
        _batches(content.units, _UNITS),
        _batches(content.bus_meters, _METERS),
        _batches(content.low_meters, _METERS),
        _batches(content.backups, _BACKUPS),
        fillvalue=(),
    )
    parts = [
        replace(
            content,
            feeds=feeds,
            units=units,
            bus_meters=bus_meters,
            low_meters=low_meters,
            backups=backups,
        )
        for feeds, units, bus_meters, low_meters, backups in shares
    ]
    return tuple(
        _diagram(replace(part, title=content.title + (f"（续{index}）" if index else "")))
        for index, part in enumerate(low for part in parts for low in _fitting(part))
    )


def _fitting(content: OneLine) -> Iterator[OneLine]:
    """The content, or its upper and its lower half where one page could not hold both."""
    if _diagram(content).height <= _TALLEST:
        yield content
        return
    yield replace(content, low_meters=(), backups=())
    yield replace(content, feeds=(), bus_meters=(), units=())


def _batches(items: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    """Items in order, so many at a time."""
    return (items[start : start + size] for start in range(0, len(items), size))


def _diagram(content: OneLine) -> Diagram:
    scene = Scene()
    if content.feeds:
        _draw_feeds(scene, content)
    else:
        scene.y += 16
    _draw_bus(scene, content)
    if not (content.bus_meters or content.units):
        scene.y += 18  # room for the busbar's name
    _draw_units(scene, content.units)
    _draw_low_side(scene, content.low_meters)
    _draw_backups(scene, content.backups)
    return Diagram(
        title=content.title,
        description=content.description,
        width=WIDTH,
        height=scene.y + 6,
        strokes=tuple(scene.strokes),
        rings=tuple(scene.rings),
        labels=tuple(scene.labels),
    )


def _columns(count: int) -> list[tuple[int, int]]:
    """Left edge and width of each column right of the gutter."""
    width = (WIDTH - _GUTTER - 6) // max(1, count)
    return [(_GUTTER + index * width, width) for index in range(count)]


def _draw_feeds(scene: Scene, content: OneLine) -> None:
    top = scene.y
    before = METER_HEIGHT if any(feed.meter and feed.meter.before for feed in content.feeds) else 0
    after = METER_HEIGHT if any(feed.meter and not feed.meter.before for feed in content.feeds) else 0
    boundary = top + _ORIGIN + _LINE + before
    for feed, (left, width) in zip(content.feeds, _columns(len(content.feeds)), strict=True):
        _draw_feed(scene, feed, left, width, top, before=before, after=after)
    scene.line((_GUTTER - 44, boundary + 8), (WIDTH - 6, boundary + 8), weight=1, dashed=True)
    scene.say(6, boundary - 22, _GUTTER - 10, 26, content.above, strong=True)
    scene.say(6, boundary + 12, _GUTTER - 10, 14, content.boundary)
    scene.say(6, boundary + 30, _GUTTER - 10, 26, content.below, strong=True)
    scene.y = boundary + _BOUNDARY + _SWITCH + after


def _draw_feed(scene: Scene, feed: Feed, left: int, width: int, top: int, *, before: int, after: int) -> None:
    """One feed from top to busbar; ``before`` and ``after`` are the room for meters on each side."""
    x, words = left + _IN_COLUMN, width - _IN_COLUMN - 14
    scene.line((x - 9, top + 4), (x + 9, top + 4), weight=4)
    scene.line((x, top + 4), (x, top + 12))
    scene.breaker(x, top + 12)
    scene.line((x, top + 36), (x, top + _ORIGIN))
    scene.say(x + 11, top, words, _ORIGIN - 6, feed.origin)
    _draw_line(scene, x, top + _ORIGIN, feed.entry)
    scene.say(x + 11, top + _ORIGIN, words, _LINE - 4, feed.line)
    y = top + _ORIGIN + _LINE
    _draw_feed_meter(scene, feed.meter if feed.meter and feed.meter.before else None, x, y, words, before)
    y += before
    scene.line((x, y), (x, y + _BOUNDARY))
    scene.ring(x, y + 8, 3, filled=True)
    scene.say(x + 11, y + 12, words, _BOUNDARY - 16, feed.boundary)
    y += _BOUNDARY
    scene.breaker(x, y)
    y += _SWITCH
    _draw_feed_meter(scene, None if feed.meter and feed.meter.before else feed.meter, x, y, words, after)


def _draw_feed_meter(scene: Scene, meter: Meter | None, x: int, y: int, words: int, room: int) -> None:
    """The meter, or bare conductor where another feed has one."""
    if meter is not None:
        scene.meter(x, y, meter, words)
    elif room:
        scene.line((x, y), (x, y + room))


def _draw_line(scene: Scene, x: int, y: int, entry: Literal["overhead", "cable", "mixed"]) -> None:
    """The line's conductor; a cable has a head at each end, a mixed one at its lower end."""
    scene.line((x, y), (x, y + _LINE))
    heads = {"overhead": (), "cable": (y + 8, y + _LINE - 12), "mixed": (y + _LINE - 12,)}[entry]
    for index, head in enumerate(heads):
        tip = head + 6 if index == 0 and entry == "cable" else head
        base = head if tip > head else head + 6
        scene.strokes.append(
            Stroke(points=((x - 4, base), (x + 4, base), (x, tip)), weight=1, closed=True, filled=True)
        )


def _draw_bus(scene: Scene, content: OneLine) -> None:
    scene.line((_GUTTER, scene.y), (WIDTH - 6, scene.y), weight=4)
    scene.say(6, scene.y - 14, _GUTTER - 10, 30, content.bus)
    _draw_meters(scene, content.bus_meters)
    if content.bus_meters:
        scene.line((_GUTTER, scene.y), (WIDTH - 6, scene.y), weight=4)


def _draw_meters(scene: Scene, meters: Sequence[Meter]) -> None:
    """Meters in a row under the busbar that stands at this height."""
    for meter, (left, width) in zip(meters, _columns(len(meters)), strict=True):
        scene.meter(left + _IN_COLUMN, scene.y, meter, width - _IN_COLUMN - 20)
    scene.y += METER_HEIGHT if meters else 0


def _draw_low_side(scene: Scene, meters: Sequence[Meter]) -> None:
    if meters:
        scene.y += 8
        scene.line((_GUTTER, scene.y), (WIDTH - 6, scene.y), weight=4)
        scene.say(6, scene.y - 5, _GUTTER - 10, 12, "低压侧")
        _draw_meters(scene, meters)


def _draw_units(scene: Scene, units: Sequence[Unit]) -> None:
    metered = any(unit.meter is not None for unit in units)
    for unit, (left, width) in zip(units, _columns(len(units)), strict=True):
        _draw_unit(scene, unit, left, width, metered=metered)
    if units:
        scene.y += _UNIT + _UNIT_WORDS + (_UNIT_METER + _METER_WORDS if metered else 0)


def _draw_unit(scene: Scene, unit: Unit, left: int, width: int, *, metered: bool) -> None:
    x, y = left + width // 2, scene.y
    scene.breaker(x, y)
    if unit.kind != "transformer":
        scene.ring(x, y + 33, 9)
        scene.say(x - 5, y + 28, 10, 10, "M" if unit.kind == "motor" else "G", centred=True)
        y += 42
    else:
        scene.ring(x, y + 31, 7)
        scene.ring(x, y + 40, 7)
        y += 47
    if unit.meter is not None:
        scene.line((x, y), (x, y + 4))
        scene.box(x, y + 10, 8, 6)
        scene.say(x - 7, y + 5, 14, 10, "Wh", centred=True)
        y += 16
    foot = scene.y + _UNIT + (_UNIT_METER if metered else 0)
    if unit.kind == "transformer":
        scene.arrow(x, y, foot - 4 - y)
    words = unit.words if unit.meter is None else f"{unit.words}\n{unit.meter.words}"
    room = _UNIT_WORDS - 4 + (_METER_WORDS if metered else 0)
    scene.say(left + 2, foot, width - 4, room, words, centred=True)


def _draw_backups(scene: Scene, backups: Sequence[Backup]) -> None:
    scene.y += 8 if backups else 0
    for backup, (left, width) in zip(backups, _columns(len(backups)), strict=True):
        _draw_backup(scene, backup, left, width)
    scene.y += 58 if backups else 0


def _draw_backup(scene: Scene, backup: Backup, left: int, width: int) -> None:
    """A generator behind a change-over switch; the dashed link is the interlock with the grid's side."""
    x, y = left + _IN_COLUMN, scene.y
    scene.ring(x, y + 10, 9)
    scene.say(x - 5, y + 5, 10, 10, "G", centred=True)
    scene.line((x, y + 19), (x, y + 26))
    scene.line((x, y + 26), (x + 6, y + 36))
    scene.line((x - 8, y + 32), (x + 4, y + 32), weight=1, dashed=True)
    scene.arrow(x, y + 38, 14)
    words = width - _IN_COLUMN - 16
    scene.say(x + 13, y, words, 26, backup.words)
    scene.say(x + 13, y + 28, words, 26, backup.interlock)
