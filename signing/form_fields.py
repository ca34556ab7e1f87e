"""Whether a form field that is no signature was touched after signing (rule V5).

pyHanko names every field whose widget stands on a page that was touched. Here only
those count whose own dictionary, or anything its value or looks hang on, was written
anew.
"""

from __future__ import annotations

from collections.abc import Iterator

from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, IndirectObject, PdfObject
from pyhanko.pdf_utils.reader import PdfFileReader

__all__ = ["is_field_rewritten"]

OWN_PARTS = ("/AP", "/V", "/DV", "/MK", "/Kids", "/Opt")
GREATEST_TREE = 10_000


def is_field_rewritten(reader: PdfFileReader, name: str, *, since: int) -> bool:
    """Compare the field's objects with what the revisions after ``since`` wrote.

    Args:
        reader: Over the whole file.
        name: Fully qualified.
        since: The signed revision, 0-based.
    """
    rewritten = {
        (place.idnum, place.generation)
        for revision in range(since + 1, reader.xrefs.total_revisions)
        for place in reader.xrefs.explicit_refs_in_revision(revision)
    }
    found = _find(reader.root["/AcroForm"]["/Fields"], name, "")
    return found is None or any(place in rewritten for place in _places(found))


def _find(fields: ArrayObject, wanted: str, parent: str) -> IndirectObject | None:
    for reference in fields:
        field = reference.get_object()
        if "/T" not in field:
            continue
        name = f"{parent}.{field['/T']}" if parent else str(field["/T"])
        if name == wanted:
            return reference if isinstance(reference, IndirectObject) else None
        if "/Kids" in field and wanted.startswith(f"{name}."):
            return _find(field["/Kids"], wanted, name)
    return None


def _places(field: IndirectObject) -> Iterator[tuple[int, int]]:
    """Object numbers of the field and of all it owns; pages and parents are not its own."""
    queue: list[PdfObject] = [field]
    seen: set[tuple[int, int]] = set()
    while queue and len(seen) < GREATEST_TREE:
        item = queue.pop()
        if isinstance(item, IndirectObject):
            place = (item.idnum, item.generation)
            if place in seen:
                continue
            seen.add(place)
            yield place
            item = item.get_object()  # type: ignore[no-untyped-call]
        if isinstance(item, DictionaryObject):
            is_field = "/T" in item or ("/Subtype" in item and item["/Subtype"] == "/Widget")
            queue += [item.raw_get(key) for key in item if not is_field or key in OWN_PARTS]
        elif isinstance(item, ArrayObject):
            queue += [item.raw_get(index) for index in range(len(item))]
