"""Every byte after the first signature belongs to an object that a revision declares (rule V3).

pyHanko judges objects that cross-reference tables name. Some viewers rebuild the table
by scanning and so find objects that none names; those are caught here: from the first
signature to the end of the file, declared objects, tables and trailers must lie end to
end with nothing but white space between them, and object streams hold what the table says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pyhanko.pdf_utils.generic import Reference, read_object
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.xref import ObjStreamRef, read_object_header

__all__ = ["UnaccountedBytes", "end_of_revision", "find_unaccounted_bytes", "start_of_next"]

BLANK = re.compile(rb"[\x00\t\n\x0c\r ]*")
HEADER = re.compile(rb"\d{1,10}[\x00\t\n\x0c\r ]+\d{1,5}[\x00\t\n\x0c\r ]+obj\b")
OBJECT_END = re.compile(rb"[\x00\t\n\x0c\r ]*endobj")
SECTION_END = re.compile(
    rb"[\x00\t\n\x0c\r ]*(?:endobj[\x00\t\n\x0c\r ]*)?startxref[\x00\t\n\x0c\r ]+(\d+)[\x00\t\n\x0c\r ]+%%EOF"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnaccountedBytes:
    """The first place no declared object explains, and the revision that holds it."""

    revision: int
    offset: int


def find_unaccounted_bytes(
    pdf: bytes, reader: PdfFileReader, *, after_revision: int, start: int, last: int | None = None
) -> UnaccountedBytes | None:
    """Walk all revisions after a signed one.

    Args:
        pdf: The whole file.
        reader: Over the same bytes.
        after_revision: Number of the signed revision, 0-based.
        start: Where its signed bytes end.
        last: The revision to end with, instead of the end of the file.

    Returns:
        The first unexplained place; ``None`` if every byte is explained. Bytes beyond the
        last revision count as one revision more.
    """
    position, total = start, int(reader.xrefs.total_revisions)
    for revision in range(after_revision + 1, total if last is None else last + 1):
        try:
            position = _walk(pdf, reader, revision, position)
        except _UnexplainedError as found:
            return UnaccountedBytes(revision=revision, offset=found.offset)
        except (PdfError, ValueError, KeyError, TypeError):
            return UnaccountedBytes(revision=revision, offset=position)
    if last is not None:
        return None
    end = _skip_blank(pdf, position)
    return None if end == len(pdf) else UnaccountedBytes(revision=total, offset=end)


def end_of_revision(pdf: bytes, reader: PdfFileReader, revision: int) -> int:
    """Where the end marker of a revision ends; white space may follow before the next one.

    Raises:
        PdfError, ValueError, TypeError: Its table or trailer is malformed.
    """
    try:
        return _section_end(pdf, reader, revision)
    except _UnexplainedError as found:
        raise ValueError(f"revision {revision} does not end with its table") from found


def start_of_next(pdf: bytes, end: int) -> int:
    """The first byte behind the white space at ``end``."""
    return _skip_blank(pdf, end)


class _UnexplainedError(Exception):
    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


def _walk(pdf: bytes, reader: PdfFileReader, revision: int, position: int) -> int:
    """Explain one revision; return where it ends."""
    # pyHanko's start_location lies behind the word xref; the declared one before it
    table = _skip_blank(pdf, int(reader.xrefs.get_xref_container_info(revision).declared_startxref))
    if _hides_objects(reader, revision):
        raise _UnexplainedError(position)
    offsets = [offset for offset in _declared_offsets(reader, revision) if offset != table]
    for offset, following in zip(offsets, [*offsets, table][1:], strict=True):
        if _skip_blank(pdf, position) != offset or following < offset:
            raise _UnexplainedError(position)
        position = _object_end(pdf, reader, offset, following)
    if _skip_blank(pdf, position) != table:
        raise _UnexplainedError(position)
    return _section_end(pdf, reader, revision)


def _declared_offsets(reader: PdfFileReader, revision: int) -> list[int]:
    places = (
        reader.xrefs.get_historical_ref(reference, revision)
        for reference in reader.xrefs.explicit_refs_in_revision(revision)
    )
    return sorted({place for place in places if isinstance(place, int)})


def _hides_objects(reader: PdfFileReader, revision: int) -> bool:
    """Whether an object stream holds others than those the table says lie in it (ISO 32000-2 7.5.7)."""
    declared: dict[int, set[int]] = {}
    for reference in reader.xrefs.explicit_refs_in_revision(revision):
        place = reader.xrefs.get_historical_ref(reference, revision)
        if isinstance(place, ObjStreamRef):
            declared.setdefault(place.obj_stream_id, set()).add(reference.idnum)
    for stream_id, numbers in declared.items():
        stream = reader.get_object(Reference(stream_id, 0, reader), revision)  # type: ignore[no-untyped-call]
        pairs = stream.data[: stream["/First"]].split()
        held = [int(number) for number in pairs[::2]]
        if stream["/N"] != len(numbers) or sorted(held) != sorted(numbers):
            return True
    return False


def _object_end(pdf: bytes, reader: PdfFileReader, offset: int, following: int) -> int:
    """End of the object declared at ``offset``; parsed only if its bytes leave a doubt."""
    segment = pdf[offset:following]
    if segment.count(b"obj") == 2 and segment.count(b"endobj") == 1 and HEADER.match(segment):
        return offset + segment.index(b"endobj") + len(b"endobj")
    reader.stream.seek(offset)
    number, generation = read_object_header(reader.stream, strict=True)  # type: ignore[no-untyped-call]
    read_object(reader.stream, Reference(number, generation, reader))
    closed = OBJECT_END.match(pdf, reader.stream.tell())
    if closed is None:
        raise _UnexplainedError(offset)
    return closed.end()


def _section_end(pdf: bytes, reader: PdfFileReader, revision: int) -> int:
    section = reader.xrefs.get_xref_container_info(revision)
    position = section.end_location
    if section.stream_ref is None:
        reader.stream.seek(position)
        read_object(reader.stream, Reference(0, 0, reader))  # the trailer dictionary
        position = reader.stream.tell()
    closed = SECTION_END.match(pdf, position)
    if closed is None or int(closed[1]) != section.declared_startxref:
        raise _UnexplainedError(position)
    return closed.end()


def _skip_blank(pdf: bytes, position: int) -> int:
    blank = BLANK.match(pdf, position)
    return blank.end() if blank else position
