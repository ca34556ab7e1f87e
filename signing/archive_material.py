"""Whether later revisions of our own contracts hold archive material and nothing that merely passes for it.

pyHanko's comparison lets any program's habits pass: entries of its own in trailers, developer extensions of
any content, invisible signature fields that carry scripts or borders, streams in the document security
store that are other things besides. None of that is signed by anybody, and a viewer may act on it. Here
every such place is held to what ISO 32000-2 12.8.4.3, 12.8.5 and EN 319 142-1 §5.4 put there.

Decides for files of ours alone; says nothing on signatures and nothing on what they cover.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from asn1crypto import parser
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    PdfObject,
    Reference,
    StreamObject,
    read_object,
)
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields

from signing.pdf_reading import FieldOnFile

__all__ = ["StrayEntry", "find_stray_entries"]

TRAILER: Final = frozenset({"/Size", "/Root", "/Info", "/ID", "/Prev"})
TABLE_STREAM: Final = TRAILER | {"/Type", "/W", "/Index", "/Length", "/Filter", "/DecodeParms"}
EXTENSION: Final = frozenset({"/Type", "/BaseVersion", "/ExtensionLevel", "/ExtensionRevision", "/URL"})
STREAM: Final = frozenset({"/Length", "/Filter"})
STORED: Final = ("/Certs", "/CRLs", "/OCSPs")
STAMP_FIELD: Final = frozenset({"/FT", "/T", "/TU", "/Type", "/Subtype", "/F", "/Rect", "/P", "/V"})
STAMP: Final = frozenset({"/Type", "/Filter", "/SubFilter", "/Contents", "/ByteRange"})


@dataclass(frozen=True, slots=True, kw_only=True)
class StrayEntry:
    """Something a revision holds that is no archive material; it tells against every signature before."""

    revision: int
    detail: str


def find_stray_entries(
    reader: PdfFileReader, fields: Sequence[FieldOnFile], *, first: int
) -> tuple[StrayEntry, ...]:
    """Look through all revisions after the first signed one.

    Args:
        reader: Over the whole file.
        fields: All signature fields of the newest revision.
        first: The first signed revision, 0-based.

    Raises:
        Exception: pyHanko's and asn1crypto's, over malformed objects.
    """
    last = int(reader.xrefs.total_revisions) - 1
    found = [
        StrayEntry(revision=revision, detail=detail)
        for revision in range(first + 1, last + 1)
        for detail in (*_in_trailer(reader, revision), *_in_extensions(reader, revision))
    ]
    found += [StrayEntry(revision=last, detail=detail) for detail in _in_fields(reader, fields, first)]
    return (*found, *_in_store(reader, first))


def _in_trailer(reader: PdfFileReader, revision: int) -> Iterator[str]:
    """Known entries only; the first half of ``/ID`` names the file for ever (ISO 32000-2 14.4)."""
    before, after = _trailer(reader, revision - 1), _trailer(reader, revision)
    section = reader.xrefs.get_xref_container_info(revision)
    if not set(after) <= (TRAILER if section.stream_ref is None else TABLE_STREAM):
        yield "the trailer has entries of its own"
    if after["/Size"] > before["/Size"] + len(reader.xrefs.explicit_refs_in_revision(revision)):
        yield "the trailer counts objects that are not there"
    if ("/Info" in before) != ("/Info" in after):
        yield "the trailer names other document information"
    if ("/ID" in before) != ("/ID" in after) or ("/ID" in after and before["/ID"][0] != after["/ID"][0]):
        yield "the trailer names another file"


def _trailer(reader: PdfFileReader, revision: int) -> DictionaryObject:
    """The trailer of one revision alone; pyHanko's view of it shows the earlier ones through."""
    section = reader.xrefs.get_xref_container_info(revision)
    if section.stream_ref is not None:
        found = reader.get_object(section.stream_ref, revision)  # type: ignore[no-untyped-call]
    else:
        reader.stream.seek(section.end_location)
        found = read_object(reader.stream, Reference(0, 0, reader))
    if not isinstance(found, DictionaryObject):
        raise TypeError("a trailer is no dictionary")
    return found


def _in_extensions(reader: PdfFileReader, revision: int) -> Iterator[str]:
    root = reader.get_historical_root(revision)
    named = root["/Extensions"] if "/Extensions" in root else DictionaryObject()  # type: ignore[no-untyped-call]
    for key in named:
        entries = named[key]
        for entry in entries if isinstance(entries, ArrayObject) else [entries]:
            plain = isinstance(entry, DictionaryObject) and not isinstance(entry, StreamObject)
            if key != "/Type" and not (plain and set(entry) <= EXTENSION and _is_flat(entry)):
                yield f"the developer extension {key} is none"


def _is_flat(entry: DictionaryObject) -> bool:
    compound = IndirectObject | DictionaryObject | ArrayObject
    return not any(isinstance(entry.raw_get(key), compound) for key in entry)


def _in_fields(reader: PdfFileReader, fields: Sequence[FieldOnFile], first: int) -> Iterator[str]:
    """A field added later bears a document timestamp, shows nothing and does nothing."""
    known = {str(name) for name, _, _ in enumerate_sig_fields(reader.get_historical_resolver(first))}
    for one in fields:
        if one.name in known:
            continue
        stamp = one.field["/V"] if one.signed else DictionaryObject()  # type: ignore[no-untyped-call]
        if not set(one.field) <= STAMP_FIELD or not _is_stamp(stamp):
            yield f"the added field {one.name} is more than a document timestamp"


def _is_stamp(stamp: PdfObject) -> bool:
    if not isinstance(stamp, DictionaryObject) or "/Type" not in stamp:
        return False
    return set(stamp) <= STAMP and bool(stamp["/Type"] == "/DocTimeStamp")


def _in_store(reader: PdfFileReader, first: int) -> Iterator[StrayEntry]:
    """Each stream the document security store took in later is one DER value and nothing besides."""
    seen: set[tuple[int, int]] = set()
    for revision in range(first + 1, int(reader.xrefs.total_revisions)):
        written = {(one.idnum, one.generation) for one in reader.xrefs.explicit_refs_in_revision(revision)}
        for reference in _stored(reader.get_historical_root(revision)):
            place = (reference.idnum, reference.generation)
            if place in seen or place not in written:
                continue
            seen.add(place)
            if not _is_der(reference.get_object()):  # type: ignore[no-untyped-call]
                yield StrayEntry(revision=revision, detail="the security store holds more than DER values")


def _stored(root: DictionaryObject) -> Iterator[IndirectObject]:
    store = root["/DSS"] if "/DSS" in root else DictionaryObject()  # type: ignore[no-untyped-call]
    for key in STORED:
        # not ``get``: pyHanko's follows no reference
        if key in store:
            yield from (one for one in store[key] if isinstance(one, IndirectObject))


def _is_der(stream: object) -> bool:
    if not isinstance(stream, StreamObject) or not set(stream) <= STREAM:
        return False
    try:
        parser.parse(stream.data, strict=True)
    except ValueError:
        return False
    return True
