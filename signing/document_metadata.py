"""Title, author and other metadata must not change after the first signature (rule V12).

pyHanko lets later revisions rewrite them, and itself renews the modification date and
the producer at each signature. Everything else must stay as the first signer saw it.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

from pyhanko.pdf_utils.generic import DictionaryObject, IndirectObject, PdfObject, Reference, StreamObject
from pyhanko.pdf_utils.metadata.model import PDF_PRODUCER, XMP_MODDATE, ExpandedName, XmpValue
from pyhanko.pdf_utils.metadata.xmp_xml import parse_xmp
from pyhanko.pdf_utils.reader import PdfFileReader

__all__ = ["MetadataHistory"]

RENEWED_INFO = frozenset({"/ModDate", "/Producer"})
METADATA_DATE = ExpandedName(ns=XMP_MODDATE.ns, local_name="MetadataDate")
RENEWED_XMP = frozenset({PDF_PRODUCER, XMP_MODDATE, METADATA_DATE})


class MetadataHistory:
    """Info and XMP as each revision has them; objects that several share are read once."""

    def __init__(self, reader: PdfFileReader) -> None:
        """Take a reader over the whole file; nothing is read yet."""
        self._reader = reader
        self._said: dict[int, tuple[object, object]] = {}
        self._read: dict[object, object] = {}

    def find_change(self, *, since: int) -> int | None:
        """The first revision after ``since`` whose Info or XMP says something else, if any.

        Raises:
            Exception: pyHanko's and lxml's, over malformed metadata.
        """
        later = range(since + 1, self._reader.xrefs.total_revisions)
        if not later:
            return None
        signed = self._of(since)
        return next((revision for revision in later if self._of(revision) != signed), None)

    def _of(self, revision: int) -> tuple[object, object]:
        if revision not in self._said:
            trailer = self._reader.get_historical_resolver(revision).trailer_view
            catalogue = self._reader.get_historical_root(revision)
            info = self._once(trailer.raw_get("/Info"), revision, _info) if "/Info" in trailer else {}
            xmp = (
                self._once(catalogue.raw_get("/Metadata"), revision, _xmp) if "/Metadata" in catalogue else {}
            )
            self._said[revision] = (info, xmp)
        return self._said[revision]

    def _once(self, entry: PdfObject, revision: int, read: Callable[[PdfObject], object]) -> object:
        """Read an object as of one revision, unless the same bytes were read for another."""
        if not isinstance(entry, IndirectObject):
            return read(entry)
        # past the reader's cache, because pyHanko rewrites a cached stream as it decodes it
        place = Reference(entry.idnum, entry.generation, self._reader)
        key = (read, self._reader.xrefs.get_historical_ref(place, revision))
        if key not in self._read:
            self._read[key] = read(self._reader.get_object(place, revision))  # type: ignore[no-untyped-call]
        return self._read[key]


def _info(entries: PdfObject) -> dict[str, str]:
    if not isinstance(entries, DictionaryObject):
        raise TypeError("/Info is no dictionary")
    return {key: _text(entries.raw_get(key)) for key in entries if key not in RENEWED_INFO}


def _text(value: PdfObject) -> str:
    return f"{type(value).__name__}:{value!r}"


def _xmp(stream: PdfObject) -> dict[ExpandedName, XmpValue]:
    if not isinstance(stream, StreamObject):
        raise TypeError("/Metadata is no stream")
    described = parse_xmp(BytesIO(stream.data))
    return {name: value for part in described for name, value in part if name not in RENEWED_XMP}
