"""Seals, name chops and hands: inside their rim, red or ink only, the same bytes twice."""

from __future__ import annotations

import io
import math

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from pdfgen.fonts import SERIF_BOLD, typeface
from pdfgen.glyphs import MissingGlyphError, missing_glyphs
from pdfgen.handwriting import Stroke, handwriting
from pdfgen.page_images import page_png
from pdfgen.photo_hand import PhotoUnfitError, photo_hand
from pdfgen.seal import organisation_seal
from pdfgen.square_seal import SealNameError, name_seal

COVERED = sorted(
    chr(code) for code in typeface(SERIF_BOLD).face.charToGlyph if code > 32 and not missing_glyphs(chr(code))
)
SIDE = 630
MM_PX = SIDE / 42
NAMES = st.text(st.sampled_from(COVERED), min_size=1, max_size=28)
CHOPS = st.text(st.sampled_from([char for char in COVERED if "一" <= char <= "鿿"]), min_size=1, max_size=16)


def picture(pdf: bytes, width: int = SIDE) -> Image.Image:
    return Image.open(io.BytesIO(page_png(pdf, 1, width))).convert("L")


def dark_within(image: Image.Image, inner_mm: float, outer_mm: float) -> bool:
    """Whether anything is drawn between two circles around the middle."""
    mask = Image.new("L", image.size, 0)
    draw, middle = ImageDraw.Draw(mask), SIDE / 2
    for radius, fill in ((outer_mm, 255), (inner_mm, 0)):
        reach = radius * MM_PX
        draw.ellipse((middle - reach, middle - reach, middle + reach, middle + reach), fill=fill)
    ring = Image.composite(image, Image.new("L", image.size, 255), mask)
    return ring.getextrema()[0] < 250  # type: ignore[operator]


@settings(max_examples=12, deadline=None)
@given(NAMES, st.sampled_from(["", "合同专用章", "供用电合同专用章"]))
def test_any_name_of_the_fonts_stays_between_the_star_and_the_rim(name: str, purpose: str) -> None:
    image = picture(organisation_seal(name, purpose, mark="TEST"))
    assert dark_within(image, 18.9, 19.9)  # the rim itself
    assert not dark_within(image, 20.1, 21.0)
    assert not dark_within(image, 18.3, 18.7)


@pytest.mark.parametrize("length", [4, 6, 8, 12, 18, 22, 28])
def test_characters_of_a_name_never_touch_each_other(length: int) -> None:
    """Between any two of them a ray from the middle meets no ink."""
    image = picture(organisation_seal("国" * length, "", mark=""))
    gaps = [_is_clear(image, math.radians(tenth / 4)) for tenth in range(4 * 360)]
    rises = sum(1 for at, clear in enumerate(gaps) if clear and not gaps[at - 1])
    assert rises == length


def _is_clear(image: Image.Image, angle: float) -> bool:
    middle = SIDE / 2
    reach = [radius * MM_PX / 10 for radius in range(134, 180)]
    spots = ((middle + r * math.sin(angle), middle - r * math.cos(angle)) for r in reach)
    return all(image.getpixel((round(x), round(y))) > 250 for x, y in spots)  # type: ignore[operator]


def test_the_star_is_14_mm_and_the_rim_40_mm_across() -> None:
    image = picture(organisation_seal("示例公司", ""))
    middle = SIDE // 2
    up = [y for y in range(middle) if image.getpixel((middle, y)) < 128]  # type: ignore[operator]
    star = [y for y in up if y > middle - 8 * MM_PX]
    assert abs((middle - min(star)) / MM_PX - 7.0) < 0.15
    assert abs((middle - min(up)) / MM_PX - 20.0) < 0.15


def test_an_official_seal_bears_no_word_under_its_star() -> None:
    official = organisation_seal("示例公司", "公章")
    assert official == organisation_seal("示例公司", "")
    assert official != organisation_seal("示例公司", "合同专用章")
    assert "公章" not in text_of(official)


@settings(max_examples=20, deadline=None)
@given(CHOPS)
def test_a_name_chop_of_any_name_keeps_to_its_square_of_20_mm(name: str) -> None:
    image = picture(name_seal(name))
    box = image.point([255 if level < 250 else 0 for level in range(256)]).getbbox()
    assert box is not None
    assert [round(edge / MM_PX, 1) for edge in box] == [11.0, 11.0, 31.0, 31.0]
    inside = 1.05 * MM_PX  # the line is 1 mm wide, and nothing touches it from within
    frame = (box[0] + inside, box[1] + inside, box[2] - inside, box[3] - inside)
    for edge in _edges(image, frame, 0.3 * MM_PX):
        assert edge.getextrema()[0] > 250  # type: ignore[operator]


def _edges(image: Image.Image, frame: tuple[float, ...], width: float) -> list[Image.Image]:
    left, top, right, bottom = frame
    return [
        image.crop((round(left), round(top), round(right), round(top + width))),
        image.crop((round(left), round(bottom - width), round(right), round(bottom))),
        image.crop((round(left), round(top), round(left + width), round(bottom))),
        image.crop((round(right - width), round(top), round(right), round(bottom))),
    ]


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return str(document[0].get_textpage().get_text_range()).replace("\r\n", "")
    finally:
        document.close()


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("王明", "王明之印"),
        ("王小明", "王小明印"),
        ("欧阳修文", "欧阳修文"),
        ("陈䶮", "陈䶮之印"),
        ("买买提·艾力", "买买提·艾力"),
    ],
)
def test_a_name_chop_is_read_down_its_columns_from_the_right(name: str, columns: str) -> None:
    assert sorted(text_of(name_seal(name))) == sorted(columns)
    first = picture(name_seal("口一"))  # 口 over 一 to the right, 之印 to the left
    assert first.crop((430, 230, 610, 410)).getextrema()[0] < 128  # type: ignore[operator]


@pytest.mark.parametrize("name", ["", "阿" * 17])
def test_a_name_that_fits_no_chop_is_refused(name: str) -> None:
    with pytest.raises(SealNameError):
        name_seal(name)


def test_an_unprintable_character_is_refused_before_anything_is_cut() -> None:
    with pytest.raises(MissingGlyphError):
        name_seal("王\U0010fffe")


def hand(*, fast: bool = False) -> list[Stroke]:
    step = 2 if fast else 20
    rise = tuple((100 + 20 * at, 500 - 10 * at, at * step) for at in range(30))
    return [rise, ((800, 200, 5000),), tuple((600 + at, 600 + at, 6000 + at) for at in range(0, 200, 10))]


def test_a_hand_is_vectors_in_ink_on_nothing_and_the_same_bytes_twice() -> None:
    pdf = handwriting(hand(), "电子签名 王小明\n2026-11-20 15:32:05", "TEST")
    assert pdf == handwriting(hand(), "电子签名 王小明\n2026-11-20 15:32:05", "TEST")
    assert b"/Image" not in pdf
    assert "电子签名 王小明" in text_of(pdf)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1000), st.integers(0, 9)), max_size=12),
        min_size=1,
        max_size=6,
    ).filter(any)
)
def test_any_strokes_stay_above_the_caption_and_inside_the_slot(
    drawn: list[list[tuple[int, int, int]]],
) -> None:
    width = 520
    strokes = [tuple((x, y, 100 * at) for at, (x, y, _) in enumerate(stroke)) for stroke in drawn]
    image = picture(handwriting(strokes, ""), width)
    box = image.point([255 if level < 250 else 0 for level in range(256)]).getbbox()
    assert box is not None
    mm = width / 52
    assert box[0] >= 1.7 * mm
    assert box[2] <= 50.3 * mm
    assert box[1] >= 0.0
    assert box[3] <= 13.9 * mm


def test_a_fast_stroke_is_thinner_than_a_slow_one() -> None:
    slow, fast = (picture(handwriting(hand(fast=fast)[:1], ""), 1040).histogram() for fast in (False, True))
    assert sum(fast[:128]) < 0.8 * sum(slow[:128])


def test_no_strokes_are_a_fault_of_the_caller() -> None:
    for nothing in ([], [()]):
        with pytest.raises(ValueError, match="nothing"):
            handwriting(nothing, "")


def photo(form: str = "JPEG", *, ink: int = 30, paper: int = 200) -> bytes:
    image = Image.linear_gradient("L").resize((1200, 800)).point([paper + level // 5 for level in range(256)])
    draw = ImageDraw.Draw(image)
    draw.line([(200, 500), (400, 200), (600, 560), (1000, 300)], fill=ink, width=12, joint="curve")
    content = io.BytesIO()
    image.filter(ImageFilter.GaussianBlur(2)).save(content, form)
    return content.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_of_a_photo_only_the_ink_is_drawn(form: str) -> None:
    pdf = photo_hand(photo(form), "电子签名（照片）", "TEST")
    assert pdf == photo_hand(photo(form), "电子签名（照片）", "TEST")
    assert b"/Image" not in pdf
    share = sum(picture(pdf, 1040).crop((0, 0, 850, 270)).histogram()[:128]) / (850 * 270)
    assert 0.005 < share < 0.1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-1.7",
        photo()[:200],
        photo()[: len(photo()) // 2],
        photo(ink=195),
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        bytes(6_000_001),
    ],
)
def test_what_is_no_readable_ink_is_refused(content: bytes) -> None:
    with pytest.raises(PhotoUnfitError):
        photo_hand(content, "")


def test_a_photo_in_the_dark_a_tiny_and_a_huge_one_are_refused() -> None:
    stripes = Image.new("L", (600, 400), 255)
    for x in range(0, 600, 12):
        ImageDraw.Draw(stripes).rectangle((x, 0, x + 6, 400), fill=0)
    for image in (stripes, Image.new("L", (30, 30), 255), Image.new("1", (8000, 8000), 1)):
        content = io.BytesIO()
        image.save(content, "PNG")
        with pytest.raises(PhotoUnfitError):
            photo_hand(content.getvalue(), "")
