"""The symbols of a wiring diagram, drawn one below the other; who draws them decides where.

Symbols follow GB/T 4728: a square for a breaker, a ring on the conductor for a current transformer, a
pair of rings beside it for a voltage transformer, a box for a meter.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from pdfgen.document import DiagramLabel, Ring, Stroke

__all__ = ["METER_HEIGHT", "Meter", "Scene"]

METER_HEIGHT: Final = 54


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """A metering point.

    Attributes:
        words: What is said of it.
        direct: Without instrument transformers.
        before: On a feed, whether it stands before the demarcation point.
    """

    words: str
    direct: bool = False
    before: bool = False


@dataclass(slots=True)
class Scene:
    """What has been drawn so far and how far down."""

    y: int = 8
    strokes: list[Stroke] = field(default_factory=list)
    rings: list[Ring] = field(default_factory=list)
    labels: list[DiagramLabel] = field(default_factory=list)

    def line(self, *points: tuple[int, int], weight: Literal[1, 2, 4] = 2, dashed: bool = False) -> None:
        """Draw a conductor or a thin line."""
        self.strokes.append(Stroke(points=points, weight=weight, dashed=dashed))

    def box(self, x: int, y: int, half_width: int, half_height: int) -> None:
        """Draw a box around a point."""
        corners = (
            (x - half_width, y - half_height),
            (x + half_width, y - half_height),
            (x + half_width, y + half_height),
            (x - half_width, y + half_height),
        )
        self.strokes.append(Stroke(points=corners, weight=1, closed=True))

    def ring(self, x: int, y: int, radius: int, *, filled: bool = False) -> None:
        """Draw a circle."""
        self.rings.append(Ring(x=x, y=y, radius=radius, filled=filled))

    def say(
        self,
        x: int,
        y: int,
        width: int,
        height: int,
        text: str,
        *,
        centred: bool = False,
        strong: bool = False,
    ) -> None:
        """Put words in a box."""
        self.labels.append(
            DiagramLabel(x=x, y=y, width=width, height=height, text=text, centred=centred, strong=strong)
        )

    def breaker(self, x: int, y: int) -> None:
        """Conductor of 24 points with a breaker in its middle."""
        self.line((x, y), (x, y + 8))
        self.box(x, y + 12, 4, 4)
        self.line((x, y + 16), (x, y + 24))

    def meter(self, x: int, y: int, meter: Meter, width: int) -> None:
        """The meter and its instrument transformers beside 54 points of conductor, words at the right."""
        self.say(x + 11, y + 16, width, METER_HEIGHT - 18, meter.words)
        self.line((x, y), (x, y + METER_HEIGHT))
        if meter.direct:
            self.line((x, y + 8), (x + 9, y + 8), weight=1)
            self.box(x + 17, y + 8, 8, 6)
            self.say(x + 10, y + 3, 14, 10, "Wh", centred=True)
            return
        self.ring(x, y + 8, 4)
        self.line((x + 4, y + 8), (x + 9, y + 8), weight=1)
        self.box(x + 17, y + 8, 8, 6)
        self.say(x + 10, y + 3, 14, 10, "Wh", centred=True)
        self.line((x, y + 20), (x - 9, y + 20), (x - 9, y + 22), weight=1)
        self.ring(x - 9, y + 25, 3)
        self.ring(x - 9, y + 29, 3)

    def arrow(self, x: int, y: int, length: int) -> None:
        """Draw a conductor that ends in an arrow."""
        self.line((x, y), (x, y + length))
        tip = ((x - 3, y + length - 5), (x + 3, y + length - 5), (x, y + length))
        self.strokes.append(Stroke(points=tip, weight=1, closed=True, filled=True))
