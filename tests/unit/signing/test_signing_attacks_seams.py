"""One named test for each way to forge a straddling seal (骑缝章): by revision, content, place or absence."""

from __future__ import annotations

from functools import partial

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from kernel.verdict import Verdict
from signing.model import Modification, PdfFindings
from signing.seal_stamp import SealDrawing, import_drawing
from signing.seam_drawing import seam_names, slice_appearance
from tests.unit.signing.sealed_samples import (
    DRAWING,
    LEAVES,
    SEALS,
    Change,
    appended,
    field_of,
    leaves_with_seams,
    sealed_by_hand,
    show,
    slices,
)
from tests.unit.signing.signed_samples import Office, is_proven, one_page

OURS, THEIRS = SEALS
BOX = (0.0, 0.0, 119.0, 119.0)


@pytest.fixture(scope="module")
def blank() -> bytes:
    return leaves_with_seams()


@pytest.fixture(scope="module")
def sealed(office: Office, blank: bytes) -> bytes:
    return office.sign(blank, OURS, certify=True, seams=seam_names(OURS, LEAVES))


def codes(findings: PdfFindings) -> dict[str, tuple[Verdict, str]]:
    return {one.field: (one.integrity, one.integrity_code) for one in findings.signatures}


def drawing_on_file(writer: IncrementalPdfFileWriter) -> generic.IndirectObject:
    """The first seal's own drawing."""
    return field_of(writer, OURS)["/AP"]["/N"]["/Resources"]["/XObject"].raw_get("/Drawn")


FORGED = (Verdict.REFUTED, "seam_forged")


def test_seams_of_both_parties_are_proven(office: Office, sealed: bytes) -> None:
    findings = office.inspect(office.sign(sealed, THEIRS, seams=seam_names(THEIRS, LEAVES)))
    assert is_proven(findings)
    assert [one.modification for one in findings.signatures] == [
        Modification.SIGNATURES,
        Modification.ARCHIVE,
    ]


def test_an_honest_seal_made_with_another_program_is_sound(office: Office, sealed: bytes) -> None:
    """The forger's tools below, used honestly: what refutes them is not the tool."""
    made = sealed_by_hand(office, sealed, THEIRS, partial(slices, slot=THEIRS))
    assert codes(office.inspect(made)) == {OURS: (Verdict.PROVEN, "ok"), THEIRS: (Verdict.PROVEN, "ok")}


def test_a_slice_shown_anew_in_a_later_revision_is_forged(office: Office, sealed: bytes) -> None:
    def change(writer: IncrementalPdfFileWriter) -> None:
        show(writer, f"{OURS}Seam002", b"1 0 0 rg 0 0 40 119 re f", drawing_on_file(writer))

    assert codes(office.inspect(appended(sealed, change))) == {OURS: FORGED}


def test_even_the_very_same_slice_written_again_is_forged(office: Office, sealed: bytes) -> None:
    def change(writer: IncrementalPdfFileWriter) -> None:
        field_of(writer, f"{OURS}Seam002")

    assert not is_proven(office.inspect(appended(sealed, change)))


def test_a_slice_overwritten_in_place_is_forged(office: Office, sealed: bytes) -> None:
    def change(writer: IncrementalPdfFileWriter) -> None:
        looks = field_of(writer, f"{OURS}Seam002")["/AP"]
        looks["/N"]._data = b"1 0 0 rg 0 0 40 119 re f"
        looks["/N"]._encoded_data = None
        writer.mark_update(looks.raw_get("/N").reference)

    findings = office.inspect(appended(sealed, change))
    assert findings.signatures[0].integrity is Verdict.REFUTED


def test_the_drawing_overwritten_in_place_is_refuted(office: Office, sealed: bytes) -> None:
    def change(writer: IncrementalPdfFileWriter) -> None:
        place = drawing_on_file(writer)
        place.get_object()._data = b"0 0 119 119 re f"
        place.get_object()._encoded_data = None
        writer.mark_update(place.reference)

    assert office.inspect(appended(sealed, change)).signatures[0].integrity is Verdict.REFUTED


def test_a_seam_filled_before_its_party_sealed_is_forged(office: Office, sealed: bytes) -> None:
    """A forger shows the other party's seal on the leaves while it has not sealed at all."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        drawn = drawing_on_file(writer)
        for page in range(1, LEAVES + 1):
            show(writer, f"{THEIRS}Seam{page:03d}", slice_appearance(page, LEAVES, BOX), drawn)

    assert codes(office.inspect(appended(sealed, change))) == {OURS: FORGED}


def test_a_seam_filled_beforehand_stays_forged_after_the_party_seals(office: Office, sealed: bytes) -> None:
    def change(writer: IncrementalPdfFileWriter) -> None:
        show(writer, f"{THEIRS}Seam001", slice_appearance(1, LEAVES, BOX), drawing_on_file(writer))

    planted = appended(sealed, change)
    found = codes(office.inspect(sealed_by_hand(office, planted, THEIRS, partial(slices, slot=THEIRS))))
    assert found[OURS] == FORGED


def test_a_seam_that_showed_something_before_the_first_signature_is_forged(
    office: Office, blank: bytes
) -> None:
    def change(writer: IncrementalPdfFileWriter) -> None:
        drawing = import_drawing(writer, one_page(119, 119, DRAWING))
        show(writer, f"{THEIRS}Seam001", slice_appearance(1, LEAVES, BOX), drawing.reference)

    planted = appended(blank, change)
    sealed = office.sign(planted, OURS, certify=True, seams=seam_names(OURS, LEAVES))
    assert codes(office.inspect(sealed)) == {OURS: FORGED}


def test_a_seal_that_fills_the_other_partys_seams_is_forged(office: Office, blank: bytes) -> None:
    def change(writer: IncrementalPdfFileWriter, drawing: SealDrawing) -> None:
        slices(writer, drawing, OURS)
        slices(writer, drawing, THEIRS)

    assert codes(office.inspect(sealed_by_hand(office, blank, OURS, change, certify=True))) == {OURS: FORGED}


def test_a_later_seal_that_rewrites_an_earlier_seam_is_forged(office: Office, sealed: bytes) -> None:
    def change(writer: IncrementalPdfFileWriter, drawing: SealDrawing) -> None:
        slices(writer, drawing, THEIRS)
        show(writer, f"{OURS}Seam003", slice_appearance(3, LEAVES, BOX), drawing.reference)

    found = codes(office.inspect(sealed_by_hand(office, sealed, THEIRS, change)))
    assert found == {OURS: FORGED, THEIRS: FORGED}


def _other_content(writer: IncrementalPdfFileWriter, drawing: SealDrawing) -> None:
    show(writer, f"{THEIRS}Seam002", b"/Drawn Do", drawing.reference)


def _swapped_slices(writer: IncrementalPdfFileWriter, drawing: SealDrawing) -> None:
    show(writer, f"{THEIRS}Seam002", slice_appearance(3, LEAVES, BOX), drawing.reference)


def _other_drawing(writer: IncrementalPdfFileWriter, drawing: SealDrawing) -> None:
    other = import_drawing(writer, one_page(119, 119, b"0 0 119 119 re f"))
    show(writer, f"{THEIRS}Seam002", slice_appearance(2, LEAVES, drawing.box), other.reference)


def _first_partys_drawing(writer: IncrementalPdfFileWriter, drawing: SealDrawing) -> None:
    show(writer, f"{THEIRS}Seam002", slice_appearance(2, LEAVES, drawing.box), drawing_on_file(writer))


def _wider_strip(writer: IncrementalPdfFileWriter, drawing: SealDrawing) -> None:
    wide = (0.0, 0.0, 595.0, 842.0)
    content = slice_appearance(2, LEAVES, drawing.box)
    show(writer, f"{THEIRS}Seam002", content, drawing.reference, box=wide)


def _scaled(writer: IncrementalPdfFileWriter, drawing: SealDrawing) -> None:
    matrix = generic.ArrayObject([generic.FloatObject(number) for number in (9, 0, 0, 9, 0, 0)])
    content = slice_appearance(2, LEAVES, drawing.box)
    show(writer, f"{THEIRS}Seam002", content, drawing.reference, more={"/Matrix": matrix})


def _optional(writer: IncrementalPdfFileWriter, drawing: SealDrawing) -> None:
    layer = generic.DictionaryObject({pdf_name("/Type"): pdf_name("/OCG")})
    content = slice_appearance(2, LEAVES, drawing.box)
    show(writer, f"{THEIRS}Seam002", content, drawing.reference, more={"/OC": writer.add_object(layer)})


def _face_for_the_mouse(writer: IncrementalPdfFileWriter, drawing: SealDrawing) -> None:
    looks = show(writer, f"{THEIRS}Seam002", slice_appearance(2, LEAVES, drawing.box), drawing.reference)[
        "/AP"
    ]
    looks[pdf_name("/R")] = looks.raw_get("/N")


def _moved(writer: IncrementalPdfFileWriter, drawing: SealDrawing) -> None:
    del drawing
    rectangle = generic.ArrayObject([generic.NumberObject(number) for number in (40, 100, 555, 700)])
    field_of(writer, f"{THEIRS}Seam002")[pdf_name("/Rect")] = rectangle


def _unlocked(writer: IncrementalPdfFileWriter, drawing: SealDrawing) -> None:
    del drawing
    field_of(writer, f"{THEIRS}Seam002")[pdf_name("/F")] = generic.NumberObject(4)


def _writable(writer: IncrementalPdfFileWriter, drawing: SealDrawing) -> None:
    del drawing
    field_of(writer, f"{THEIRS}Seam002")[pdf_name("/Ff")] = generic.NumberObject(0)


def _with_a_value(writer: IncrementalPdfFileWriter, drawing: SealDrawing) -> None:
    del drawing
    field_of(writer, f"{THEIRS}Seam002")[pdf_name("/V")] = generic.TextStringObject("price: 1 fen")


def _on_another_leaf(writer: IncrementalPdfFileWriter, drawing: SealDrawing) -> None:
    del drawing
    first = writer.root["/Pages"]["/Kids"].raw_get(0)
    field_of(writer, f"{THEIRS}Seam002")[pdf_name("/P")] = first


@pytest.mark.parametrize(
    "forgery",
    [
        _other_content,
        _swapped_slices,
        _other_drawing,
        _first_partys_drawing,
        _wider_strip,
        _scaled,
        _optional,
        _face_for_the_mouse,
        _moved,
        _unlocked,
        _writable,
        _with_a_value,
        _on_another_leaf,
    ],
)
def test_a_seal_whose_own_revision_shows_something_else_is_forged(
    office: Office, sealed: bytes, forgery: Change
) -> None:
    def change(writer: IncrementalPdfFileWriter, drawing: SealDrawing) -> None:
        slices(writer, drawing, THEIRS)
        forgery(writer, drawing)

    found = codes(office.inspect(sealed_by_hand(office, sealed, THEIRS, change)))
    assert found[THEIRS] == FORGED
    assert found[OURS][0] is Verdict.REFUTED


def test_a_leaf_left_unsealed_is_missing_its_seam(office: Office, sealed: bytes) -> None:
    def change(writer: IncrementalPdfFileWriter, drawing: SealDrawing) -> None:
        for page in (1, 3):
            content = slice_appearance(page, LEAVES, drawing.box)
            show(writer, f"{THEIRS}Seam{page:03d}", content, drawing.reference)

    found = codes(office.inspect(sealed_by_hand(office, sealed, THEIRS, change)))
    assert found == {OURS: (Verdict.PROVEN, "ok"), THEIRS: (Verdict.REFUTED, "seam_missing")}


def test_a_seal_without_any_seam_is_missing_them(office: Office, sealed: bytes) -> None:
    found = codes(office.inspect(office.sign(sealed, THEIRS)))
    assert found == {OURS: (Verdict.PROVEN, "ok"), THEIRS: (Verdict.REFUTED, "seam_missing")}


def test_a_seam_added_later_to_a_seal_without_is_forged(office: Office, sealed: bytes) -> None:
    def change(writer: IncrementalPdfFileWriter) -> None:
        drawn = field_of(writer, THEIRS)["/AP"]["/N"]["/Resources"]["/XObject"].raw_get("/Drawn")
        show(writer, f"{THEIRS}Seam001", slice_appearance(1, LEAVES, BOX), drawn)

    unsealed = office.sign(sealed, THEIRS)
    assert codes(office.inspect(appended(unsealed, change))) == {OURS: FORGED, THEIRS: FORGED}


def test_a_seam_widget_that_appears_after_signing_is_refuted(office: Office, sealed: bytes) -> None:
    def change(writer: IncrementalPdfFileWriter) -> None:
        copy = generic.DictionaryObject(field_of(writer, f"{THEIRS}Seam002"))
        copy[pdf_name("/T")] = generic.TextStringObject(f"{THEIRS}Seam004")
        writer.root["/AcroForm"]["/Fields"].append(writer.add_object(copy))
        writer.update_container(writer.root["/AcroForm"]["/Fields"])

    assert office.inspect(appended(sealed, change)).signatures[0].integrity is Verdict.REFUTED


def test_a_party_that_has_not_sealed_leaves_its_seams_empty_and_nothing_wrong(
    office: Office, sealed: bytes
) -> None:
    assert codes(office.inspect(sealed)) == {OURS: (Verdict.PROVEN, "ok")}
