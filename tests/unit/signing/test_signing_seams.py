"""Straddling seals: where the slices stand, what they show, and that no signature suffers by them."""

from __future__ import annotations

from io import BytesIO
from itertools import pairwise

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel

from signing.model import SignatureField
from signing.refusals import CannotSignError
from signing.seam_drawing import (
    GREATEST_GROUP,
    GREATEST_SLICE,
    SeamField,
    is_seam_of,
    place_seams,
    seam_name,
    seam_names,
    slice_appearance,
    slice_box,
    slice_of,
)
from signing.signature_fields import add_signature_fields
from tests.unit.signing.signed_samples import Office, saved

A4 = (595.28, 841.89)
SLOTS = ("SupplierSeal", "ConsumerSeal")


def leaves(pages: int) -> bytes:
    """A document of empty A4 pages."""
    pdf = pikepdf.new()
    for _ in range(pages):
        pdf.add_blank_page(page_size=A4)
    return saved(pdf)


def with_seams(pages: int, slots: tuple[str, ...] = SLOTS) -> bytes:
    """Those pages with seal fields on the last one and their seams on all."""
    fields = [
        SignatureField(name=name, page=pages, box=(40 + 130 * place, 60, 160 + 130 * place, 180))
        for place, name in enumerate(slots)
    ]
    return add_signature_fields(leaves(pages), fields, placed(pages, slots))


def placed(pages: int, slots: tuple[str, ...] = SLOTS) -> tuple[SeamField, ...]:
    return place_seams(slots, pages, page_width=A4[0], page_height=A4[1])


@given(pages=st.integers(2, 400))
def test_every_slice_of_every_group_is_on_exactly_one_page(pages: int) -> None:
    slices = [slice_of(page, pages) for page in range(1, pages + 1)]
    page = 0
    while page < pages:
        _, n = slices[page]
        assert slices[page : page + n] == [(k, n) for k in range(1, n + 1)]
        page += n
    assert max(n for _, n in slices) <= GREATEST_GROUP
    assert max(n for _, n in slices) - min(n for _, n in slices) <= 1


@given(pages=st.integers(2, 120), slots=st.integers(1, 8))
def test_no_seam_leaves_its_page_or_touches_another(pages: int, slots: int) -> None:
    seams = placed(pages, tuple(f"P{slot}Seal" for slot in range(slots)))
    assert len({seam.name for seam in seams}) == len(seams) == pages * slots
    for page in (1, pages):
        boxes = sorted((seam.box for seam in seams if seam.page == page), key=lambda box: box[1])
        for left, bottom, right, top in boxes:
            assert A4[0] - GREATEST_SLICE - 0.01 <= left < right == A4[0]
            assert 60 < bottom < top < A4[1] - 60
        for lower, higher in pairwise(boxes):
            assert lower[3] <= higher[1]


@given(n=st.integers(1, 20), side=st.floats(50, 300), left=st.floats(-50, 50))
def test_the_slices_of_a_drawing_join_without_gap_or_overlap(n: int, side: float, left: float) -> None:
    box = (left, 0.0, left + side, side)
    shifts = [float(slice_appearance(k, n, box).split()[5]) for k in range(1, n + 1)]
    width = slice_box(n, box)[2]
    for place, shift in enumerate(shifts):
        assert -shift == pytest.approx(left + place * side / n, abs=2e-4)
    assert width * n == pytest.approx(side, abs=0.01 * n)


def test_a_document_of_one_page_has_no_seam() -> None:
    assert placed(1) == ()
    assert seam_names("ConsumerSeal", 1) == ()


def test_a_seam_belongs_to_one_slot_only() -> None:
    assert seam_name("ConsumerSeal", 3) == "ConsumerSealSeam003"
    assert is_seam_of("ConsumerSealSeam003", "ConsumerSeal", 3)
    assert not is_seam_of("ConsumerSealSeam004", "ConsumerSeal", 3)
    assert not is_seam_of("ConsumerSealSeam003", "SupplierSeal", 3)


def test_the_bytes_of_a_slice_are_fixed() -> None:
    """A verifier years from now recomputes exactly these."""
    assert slice_appearance(1, 3, (0, 0, 119.0551, 119.0551)) == b"q 1 0 0 1 0 0 cm /Drawn Do Q"
    assert slice_appearance(3, 3, (0, 0, 119.0551, 119.0551)) == b"q 1 0 0 1 -79.3701 0 cm /Drawn Do Q"
    assert slice_box(3, (0, 0, 119.0551, 119.0551)) == (0.0, 0.0, 39.69, 119.06)


def test_the_same_draft_and_seams_give_the_same_bytes() -> None:
    assert with_seams(4) == with_seams(4)


def test_empty_seams_are_read_only_printed_and_show_nothing() -> None:
    with pikepdf.open(BytesIO(with_seams(3))) as opened:
        seams = [field for field in opened.Root.AcroForm.Fields if "Seam" in str(field.T)]
        assert [str(field.T) for field in seams][:2] == ["SupplierSealSeam001", "ConsumerSealSeam001"]
        assert len(seams) == 6
        for field in seams:
            assert (field.FT, int(field.Ff), int(field.F) & 4) == (pikepdf.Name.Tx, 1, 4)
            assert field.AP.N.read_bytes() == b""
        assert len(list(opened.pages[0].Annots)) == 2


def test_a_seam_on_a_page_that_is_not_there_or_twice_is_refused() -> None:
    seal = [SignatureField(name="S", page=1, box=(0, 0, 9, 9))]
    for bad in (
        [SeamField(name="SSeam003", page=3, box=(0, 0, 9, 9))],
        [SeamField(name="SSeam001", page=1, box=(0, 0, 9, 9))] * 2,
        [SeamField(name="S", page=1, box=(0, 0, 9, 9))],
    ):
        with pytest.raises(CannotSignError):
            add_signature_fields(leaves(2), seal, bad)


@pytest.fixture(scope="module")
def sealed_twice(office: Office) -> bytes:
    pdf = with_seams(3)
    for place, slot in enumerate(SLOTS):
        pdf = office.sign(pdf, slot, certify=place == 0, seams=seam_names(slot, 3))
    return pdf


def test_each_seam_shows_its_slice_of_the_drawing_in_the_seals_own_field(sealed_twice: bytes) -> None:
    with pikepdf.open(BytesIO(sealed_twice)) as opened:
        fields = {str(field.T): field for field in opened.Root.AcroForm.Fields}
        for slot in SLOTS:
            drawing = fields[slot].AP.N.Resources.XObject["/Drawn"]
            for page, name in enumerate(seam_names(slot, 3), start=1):
                shown = fields[name].AP.N
                assert shown.Resources.XObject["/Drawn"].objgen == drawing.objgen
                box = tuple(float(side) for side in drawing.BBox)
                assert shown.read_bytes() == slice_appearance(page, 3, box)
                assert [float(side) for side in shown.BBox] == pytest.approx(slice_box(3, box))


def test_pyhankos_strict_policy_sees_form_filling_and_nothing_worse(sealed_twice: bytes) -> None:
    first, second = PdfFileReader(BytesIO(sealed_twice)).embedded_regular_signatures
    for signature, level in (
        (first, ModificationLevel.FORM_FILLING),
        (second, ModificationLevel.LTA_UPDATES),
    ):
        signature.compute_integrity_info()
        assert isinstance(signature.diff_result, DiffResult)
        assert signature.diff_result.modification_level == level
        assert signature.summarise_integrity_info()["docmdp_ok"]


def test_seams_change_in_the_revision_of_their_own_seal_only(sealed_twice: bytes) -> None:
    reader = PdfFileReader(BytesIO(sealed_twice))
    first, second = reader.embedded_regular_signatures
    for field in reader.root["/AcroForm"]["/Fields"]:
        name = str(field.get_object()["/T"])
        if "Seam" in name:
            own = first if name.startswith(SLOTS[0]) else second
            changed = reader.xrefs.get_last_change(field.reference)
            assert changed == own.signed_revision, name


@pytest.mark.parametrize(
    "names", [("ConsumerSealSeam001",), ("SupplierSealSeam009",), ("SupplierSealSeam01",), ("SupplierSeal",)]
)
def test_a_seal_cannot_fill_what_is_no_seam_of_its_own(office: Office, names: tuple[str, ...]) -> None:
    with pytest.raises(CannotSignError):
        office.sign(with_seams(3), "SupplierSeal", certify=True, seams=names)


def test_a_seam_cannot_be_filled_in_a_document_without_seams(office: Office) -> None:
    pdf = add_signature_fields(leaves(2), [SignatureField(name="S", page=1, box=(0, 0, 90, 90))])
    with pytest.raises(CannotSignError):
        office.sign(pdf, "S", certify=True, seams=("SSeam001",))
