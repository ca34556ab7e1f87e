"""The look of a signature: drawn, typed or from a photo, kept as a blob that the trail names.

Decides what is acceptable and its canonical bytes (docs/formats/record.md, ``mark_chosen``).
Strokes are kept as vectors in whole thousandths of the pad, so that any size redraws them. A mark
is only looks: what signs is the key that the will releases.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from contracts_chain.evidence.strict_fields import Fields, MalformedEvidenceError, parse_object
from contracts_chain.evidence.trail import TrailEventKind
from contracts_chain.workflows.ceremony_errors import MarkMissingError, MarkUnsoundError
from contracts_chain.workflows.ceremony_view import hold
from contracts_chain.workflows.dossier import CeremonyFile
from contracts_chain.workflows.office import Office
from kernel.canonical_json import JsonObject, JsonValue, canonical_bytes
from pdfgen.photo_hand import photo_hand

__all__ = [
    "PAD",
    "DrawnMark",
    "Mark",
    "PhotoMark",
    "Stroke",
    "TypedMark",
    "choose_mark",
    "encode_mark",
    "load_mark",
    "mark_of",
    "read_strokes",
]

PAD: Final = 1000
"""Coordinates run from 0 to this on either axis."""
_MOST_STROKES: Final = 200
_MOST_POINTS: Final = 4000
_LEAST_EXTENT: Final = 60
_GREATEST_PHOTO: Final = 2_000_000
_LONGEST_MS: Final = 600_000
_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"

Stroke = tuple[tuple[int, int, int], ...]
"""Points (x, y, milliseconds since the first), x and y from 0 to ``PAD``, y downwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnMark:
    """Strokes of a hand."""

    strokes: tuple[Stroke, ...]
    kind: Literal["drawn"] = "drawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedMark:
    """The signer's own name, set in type."""

    name: str
    kind: Literal["typed"] = "typed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoMark:
    """A photo of a signature on paper, PNG or JPEG."""

    content: bytes
    kind: Literal["photo"] = "photo"


Mark = DrawnMark | TypedMark | PhotoMark


def choose_mark(office: Office, token: str, mark: Mark) -> None:
    """Keep the look of this party's signature; a later choice replaces it and voids the consent.

    Raises:
        UnknownNumberError: No such link.
        MarkMissingError: Nothing is drawn.
        MarkUnsoundError: Another name, too much, or no picture.
        PhotoUnfitError: The picture cannot be read as ink on paper.
        SignatureTurnError: Another party is to sign first, or this one has signed.
    """
    content = encode_mark(mark)
    if isinstance(mark, PhotoMark):
        photo_hand(mark.content, "", "")  # while the signer can still take another
    with office.work() as work:
        held = hold(work, token)
        name = held.person.name
        if isinstance(mark, TypedMark) and mark.name != name:
            raise MarkUnsoundError(f"the name typed is not {name}", f"键入的姓名与签署人“{name}”不一致")
        if held.ceremony.state != "open":
            return
        digest = office.blobs.put(content)
        work.ceremonies.save(replace(held.ceremony, mark_sha256=digest, consented_utc=None))
        details: JsonObject = {"kind": mark.kind, "mark_sha256": digest.hex()}
        held.note(TrailEventKind.MARK_CHOSEN, details, office.clock.now())
        work.commit()


def mark_of(office: Office, ceremony: CeremonyFile) -> Mark:
    """The mark that was chosen in a ceremony.

    Raises:
        MarkMissingError: None was.
    """
    if ceremony.mark_sha256 is None:
        raise MarkMissingError
    return load_mark(office.blobs.get(ceremony.mark_sha256))


def encode_mark(mark: Mark) -> bytes:
    """Canonical bytes of an acceptable mark.

    Raises:
        MarkMissingError: Nothing is drawn, typed or uploaded.
        MarkUnsoundError: Too much, too small, or no picture.
    """
    match mark:
        case DrawnMark():
            _verify_strokes(mark.strokes)
            strokes: list[JsonValue] = [[list(point) for point in stroke] for stroke in mark.strokes]
            return canonical_bytes({"kind": "drawn", "pad": PAD, "schema": 1, "strokes": strokes})
        case TypedMark():
            if not mark.name.strip():
                raise MarkMissingError
            return canonical_bytes({"kind": "typed", "name": mark.name, "schema": 1})
        case PhotoMark():
            _verify_photo(mark.content)
            photo = base64.b64encode(mark.content).decode()
            return canonical_bytes({"kind": "photo", "photo": photo, "schema": 1})


def load_mark(content: bytes) -> Mark:
    """Read what ``encode_mark`` gave.

    Raises:
        MalformedEvidenceError: Another form.
    """
    fields = Fields.of(parse_object(content, "mark"), "mark")
    fields.expect("schema", 1)
    kind = fields.text("kind")
    if kind == "typed":
        return TypedMark(name=fields.text("name"))
    if kind == "photo":
        return PhotoMark(content=base64.b64decode(fields.text("photo"), validate=True))
    fields.expect("pad", PAD)
    return DrawnMark(strokes=read_strokes(fields.members("strokes")))


def read_strokes(value: object) -> tuple[Stroke, ...]:
    """Strokes from JSON: a list of strokes, each a list of ``[x, y, milliseconds]``.

    Raises:
        MalformedEvidenceError: Another form.
    """
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise MalformedEvidenceError("mark.strokes", "an array is due here")
    return tuple(_stroke(stroke) for stroke in value)


def _stroke(value: object) -> Stroke:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise MalformedEvidenceError("mark.strokes", "a stroke is no array")
    return tuple(_point(point) for point in value)


def _point(value: object) -> tuple[int, int, int]:
    numbers = list(value) if isinstance(value, Sequence) and not isinstance(value, str) else []
    match numbers:
        case [int(x), int(y), int(at)] if not any(isinstance(one, bool) for one in numbers):
            return x, y, at
    raise MalformedEvidenceError("mark.strokes", "a point is three integers")


def _verify_strokes(strokes: Sequence[Stroke]) -> None:
    points = [point for stroke in strokes for point in stroke]
    if not points:
        raise MarkMissingError
    if len(strokes) > _MOST_STROKES or len(points) > _MOST_POINTS:
        raise MarkUnsoundError("the drawing has too many strokes", "笔画过多")
    if any(not (0 <= x <= PAD and 0 <= y <= PAD and 0 <= at <= _LONGEST_MS) for x, y, at in points):
        raise MarkUnsoundError("the drawing leaves the pad", "笔迹超出签名区")
    width = max(x for x, _, _ in points) - min(x for x, _, _ in points)
    if width < _LEAST_EXTENT:
        raise MarkUnsoundError("the drawing is too small to be read", "签名太小，无法辨认")


def _verify_photo(content: bytes) -> None:
    if not content:
        raise MarkMissingError
    if len(content) > _GREATEST_PHOTO:
        raise MarkUnsoundError("the picture is larger than 2 MB", "图片超过 2 MB")
    if not content.startswith((_JPEG, _PNG)):
        raise MarkUnsoundError("the picture is neither PNG nor JPEG", "图片不是 PNG 或 JPEG 格式")
