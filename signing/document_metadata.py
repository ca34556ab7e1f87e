"""Title, author and other metadata must not change after the first signature (rule V12).

pyHanko lets later revisions rewrite them, and itself renews the modification date and
the producer at each signature. Everything else must stay as the first signer saw it.
"""

from __future__ import annotations

from io import BytesIO

from pyhanko.pdf_utils.generic import DictionaryObject, IndirectObject, PdfObject, Reference, StreamObject
from pyhanko.pdf_utils.metadata.model import PDF_PRODUCER, XMP_MODDATE, ExpandedName, XmpValue
from pyhanko.pdf_utils.metadata.xmp_xml import parse_xmp
from pyhanko.pdf_utils.reader import PdfFileReader

__all__ = ["find_metadata_change"]

RENEWED_INFO = frozenset({"/ModDate", "/Producer"})
METADATA_DATE = ExpandedName(ns=XMP_MODDATE.ns, local_name="MetadataDate")
RENEWED_XMP = frozenset({PDF_PRODUCER, XMP_MODDATE, METADATA_DATE})


def find_metadata_change(reader: PdfFileReader, *, since: int) -> int | None:
    """The first revision after ``since`` whose Info or XMP says something else, if any.

    Raises:
        Exception: pyHanko's and lxml's, over malformed metadata.
    """
    later = range(since + 1, reader.xrefs.total_revisions)
    if not later:
        return None
    signed_info, signed_xmp = _info(reader, since), _xmp(reader, since)
    for revision in later:
        if _info(reader, revision) != signed_info or _xmp(reader, revision) != signed_xmp:
            return revision
    return None


def _info(reader: PdfFileReader, revision: int) -> dict[str, str]:
    trailer = reader.get_historical_resolver(revision).trailer_view
    if "/Info" not in trailer:
        return {}
    entries = _at(reader, trailer.raw_get("/Info"), revision)
    if not isinstance(entries, DictionaryObject):
        raise TypeError("/Info is no dictionary")
    return {key: _text(entries.raw_get(key)) for key in entries if key not in RENEWED_INFO}


def _at(reader: PdfFileReader, entry: PdfObject, revision: int) -> PdfObject:
    """An object as of one revision; the trailer's references lead to the newest one otherwise."""
    if not isinstance(entry, IndirectObject):
        return entry
    # past the reader's cache, because pyHanko rewrites a cached stream as it decodes it
    place = Reference(entry.idnum, entry.generation, reader)
    found: PdfObject = reader.get_object(place, revision)  # type: ignore[no-untyped-call]
    return found


def _text(value: PdfObject) -> str:
    return f"{type(value).__name__}:{value!r}"


def _xmp(reader: PdfFileReader, revision: int) -> dict[ExpandedName, XmpValue]:
    catalogue = reader.get_historical_root(revision)
    if "/Metadata" not in catalogue:
        return {}
    stream = _at(reader, catalogue.raw_get("/Metadata"), revision)
    if not isinstance(stream, StreamObject):
        raise TypeError("/Metadata is no stream")
    described = parse_xmp(BytesIO(stream.data))
    return {name: value for part in described for name, value in part if name not in RENEWED_XMP}
