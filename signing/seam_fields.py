"""The seams of a document in its file: read-only widgets, filled in the revision that seals.

A seam is a text field without text: of the field types whose appearance pyHanko's strict policy
lets a later revision set at the level of form filling, the one that PDF/A-3 (ISO 19005-3 6.3.3)
allows a plain appearance stream, which a button is not. Each shows one small form that clips the
seal drawing; the drawing itself is in the file once, and is the one in the seal's own field.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NumberObject,
    PdfObject,
    StreamObject,
    TextStringObject,
    pdf_name,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from signing.seal_stamp import SealDrawing
from signing.seam_drawing import Box, SeamField, seam_names, slice_appearance, slice_box, slice_of

__all__ = ["READ_ONLY", "SEAM_FLAGS", "declare_seams", "fill_seams"]

READ_ONLY = 1
"""Field flag /Ff (ISO 32000-2 table 227)."""
SEAM_FLAGS = 132
"""Annotation flags /F: printed, and locked against moving."""
TOOLTIP = "骑缝章"


def declare_seams(writer: IncrementalPdfFileWriter, seams: Sequence[SeamField]) -> None:
    """Add the empty widgets to the form and to their pages.

    Raises:
        ValueError: A page that is not there, a name used twice, or no form to add to.
    """
    if not seams:
        return
    form = writer.root["/AcroForm"]
    taken = {str(field.get_object()["/T"]) for field in form["/Fields"]}
    pages = list(_pages(writer.root["/Pages"]))
    empty = writer.add_object(_form(b"", (0.0, 0.0, 1.0, 1.0), None))
    for seam in seams:
        if seam.name in taken or not 1 <= seam.page <= len(pages):
            raise ValueError(f"seam {seam.name} is there already or has no page {seam.page}")
        taken.add(seam.name)
        widget = writer.add_object(_widget(seam, pages[seam.page - 1], empty))
        form["/Fields"].append(widget)
        _put_on(writer, pages[seam.page - 1], widget)
    writer.update_container(form["/Fields"])


def fill_seams(
    writer: IncrementalPdfFileWriter, slot: str, names: Sequence[str], drawing: SealDrawing
) -> None:
    """Show the slices of a seal in its seams, in the revision that is being written.

    Args:
        writer: Of the revision that signs ``slot``.
        slot: Field of the seal.
        names: Seams of that slot; each must be declared and empty.
        drawing: The seal's drawing, imported into ``writer``.

    Raises:
        ValueError: A name that is no empty seam of this slot.
    """
    if not names:
        return
    pages = int(writer.root["/Pages"]["/Count"])
    places = {name: page for page, name in enumerate(seam_names(slot, pages), start=1)}
    strangers = set(names) - places.keys()
    if strangers:
        raise ValueError(f"{sorted(strangers)} are no seams of {slot}")
    wanted = set(names)
    for reference in writer.root["/AcroForm"]["/Fields"]:
        name = str(reference.get_object()["/T"])
        if name in wanted:
            wanted.remove(name)
            k, n = slice_of(places[name], pages)
            _fill(writer, reference, k, n, drawing)
    if wanted:
        raise ValueError(f"the document has no seams {sorted(wanted)}")


def _fill(
    writer: IncrementalPdfFileWriter, place: IndirectObject, k: int, n: int, drawing: SealDrawing
) -> None:
    widget = place.get_object()  # type: ignore[no-untyped-call]
    if widget["/FT"] != "/Tx" or widget["/AP"]["/N"].data:
        raise ValueError(f"{widget['/T']} is no empty seam")
    slice_ = writer.add_object(
        _form(slice_appearance(k, n, drawing.box), slice_box(n, drawing.box), drawing.reference)
    )
    widget[pdf_name("/AP")] = _dictionary(N=slice_)
    writer.mark_update(place)


def _widget(seam: SeamField, page: IndirectObject, empty: IndirectObject) -> DictionaryObject:
    return _dictionary(
        Type=pdf_name("/Annot"),
        Subtype=pdf_name("/Widget"),
        FT=pdf_name("/Tx"),
        T=TextStringObject(seam.name),
        TU=TextStringObject(TOOLTIP),
        Ff=_whole(READ_ONLY),
        F=_whole(SEAM_FLAGS),
        DA=TextStringObject("/Helv 0 Tf 0 g"),
        Rect=_numbers(seam.box),
        P=page,
        AP=_dictionary(N=empty),
    )


def _form(content: bytes, box: Box, drawn: IndirectObject | None) -> StreamObject:
    resources = _dictionary(XObject=_dictionary(Drawn=drawn)) if drawn else _dictionary()
    entries = _dictionary(
        Type=pdf_name("/XObject"), Subtype=pdf_name("/Form"), BBox=_numbers(box), Resources=resources
    )
    return StreamObject(entries, stream_data=content)


def _whole(number: int) -> NumberObject:
    return NumberObject(number)  # type: ignore[no-untyped-call]


def _numbers(box: Box) -> ArrayObject:
    return ArrayObject([FloatObject(side) for side in box])  # type: ignore[no-untyped-call]


def _dictionary(**entries: PdfObject) -> DictionaryObject:
    """Keys without their slash."""
    return DictionaryObject({pdf_name(f"/{key}"): value for key, value in entries.items()})  # type: ignore[no-untyped-call]


def _pages(node: DictionaryObject) -> Iterator[IndirectObject]:
    """References of all pages in reading order."""
    for kid in node["/Kids"]:
        if kid.get_object()["/Type"] == "/Pages":
            yield from _pages(kid.get_object())
        else:
            yield kid


def _put_on(writer: IncrementalPdfFileWriter, page: IndirectObject, widget: IndirectObject) -> None:
    shown = page.get_object()  # type: ignore[no-untyped-call]
    if "/Annots" not in shown:
        shown[pdf_name("/Annots")] = ArrayObject()
    shown["/Annots"].append(widget)
    writer.update_container(shown["/Annots"])
    writer.mark_update(page)
