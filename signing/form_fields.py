"""Which form fields a file has, and what each of them hangs on (rule V5).

pyHanko names every field whose widget stands on a page that was touched. Here only those
count whose own dictionary, or anything its value or looks hang on, was written anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, IndirectObject, PdfObject
from pyhanko.pdf_utils.reader import PdfFileReader

__all__ = ["Place", "fields_by_name", "is_field_rewritten", "own_places", "written_places"]

Place = tuple[int, int]
"""Object number and generation."""

OWN_PARTS = ("/AP", "/V", "/DV", "/MK", "/Kids", "/Opt")
GREATEST_TREE = 10_000
DEEPEST_FORM = 32


def fields_by_name(reader: PdfFileReader) -> Mapping[str, IndirectObject]:
    """All fields of the newest revision by their full names.

    Raises:
        Exception: pyHanko's, over a malformed form.
    """
    if "/AcroForm" not in reader.root or "/Fields" not in reader.root["/AcroForm"]:
        return {}
    return dict(_named(reader.root["/AcroForm"]["/Fields"], "", DEEPEST_FORM))


def written_places(reader: PdfFileReader, *, since: int) -> Mapping[Place, tuple[int, ...]]:
    """In which revisions from ``since`` on (0-based) each object was written."""
    found: dict[Place, tuple[int, ...]] = {}
    for revision in range(since, reader.xrefs.total_revisions):
        for reference in reader.xrefs.explicit_refs_in_revision(revision):
            place = (reference.idnum, reference.generation)
            found[place] = (*found.get(place, ()), revision)
    return found


def is_field_rewritten(
    field: IndirectObject | None, written: Mapping[Place, tuple[int, ...]], *, since: int
) -> bool:
    """Compare the field's objects with what the revisions after ``since`` wrote.

    Args:
        field: As ``fields_by_name`` gives it; a field that is gone counts as rewritten.
        written: As ``written_places`` gives it.
        since: The signed revision, 0-based.
    """
    return field is None or any(
        revision > since for place in own_places(field) for revision in written.get(place, ())
    )


def _named(fields: ArrayObject, parent: str, depth: int) -> Iterator[tuple[str, IndirectObject]]:
    for reference in fields:
        field = reference.get_object()
        if "/T" not in field or not isinstance(reference, IndirectObject):
            continue
        name = f"{parent}.{field['/T']}" if parent else str(field["/T"])
        yield name, reference
        if "/Kids" in field and depth:
            yield from _named(field["/Kids"], name, depth - 1)


def own_places(field: IndirectObject) -> Iterator[Place]:
    """Object numbers of the field and of all it owns; pages and parents are not its own."""
    queue: list[PdfObject] = [field]
    seen: set[Place] = set()
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
