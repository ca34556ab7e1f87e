from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace

import pypdfium2
import pytest
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st
from pdfgen_sample import sample_contract

from pdfgen.document import Clause
from pdfgen.font_subset import FontSubset
from pdfgen.fonts import SANS, SERIF, font_file, typeface
from pdfgen.render import render

CHARACTERS = st.sets(st.sampled_from("供用电合同王㛃䶮喆赟〇①℃‰（）Aé ñ½ÅgQ@€"), min_size=1, max_size=30)


@pytest.fixture(scope="module")
def whole() -> Iterator[TTFont]:
    with TTFont(font_file(SANS), lazy=True) as font:
        yield font


def outline(font: TTFont, glyph: str) -> list[object]:
    pen = DecomposingRecordingPen(font.getGlyphSet())
    font.getGlyphSet()[glyph].draw(pen)
    return pen.value


@settings(max_examples=25, deadline=None)
@given(CHARACTERS)
def test_every_glyph_of_a_subset_is_the_fonts_own(whole: TTFont, characters: set[str]) -> None:
    subset = FontSubset(typeface(SANS).face, characters)
    part = TTFont(io.BytesIO(subset.program))
    places = subset.glyph_of_code
    for char in characters:
        glyph = int.from_bytes(places[2 * ord(char) : 2 * ord(char) + 2])
        original = whole.getBestCmap()[ord(char)]
        assert outline(part, part.getGlyphName(glyph)) == outline(whole, original)
        assert part["hmtx"][part.getGlyphName(glyph)] == whole["hmtx"][original]


def test_checksums_are_those_a_font_checker_expects() -> None:
    program = FontSubset(typeface(SANS).face, "供用电").program
    words = [int.from_bytes(program[at : at + 4]) for at in range(0, len(program), 4)]
    assert sum(words) & 0xFFFFFFFF == 0xB1B0AFBA
    with TTFont(io.BytesIO(program), checkChecksums=2) as font:
        assert font["maxp"].numGlyphs == 4


@given(CHARACTERS)
@settings(max_examples=25, deadline=None)
def test_a_subset_follows_from_which_characters_not_from_their_order(characters: set[str]) -> None:
    face = typeface(SERIF).face
    one, other = FontSubset(face, sorted(characters)), FontSubset(face, sorted(characters, reverse=True))
    assert (one.name, one.program, one.widths, one.to_unicode) == (
        other.name,
        other.program,
        other.widths,
        other.to_unicode,
    )


@settings(max_examples=15, deadline=None)
@given(st.text(alphabet="供用电合同王㛃䶮喆赟𠮷𬎆Aa19，。（）", min_size=1, max_size=60))
def test_what_is_printed_can_be_copied_out_again(text: str) -> None:
    document = replace(sample_contract(1), blocks=(Clause(number="第一条", title="户名", text=text),))
    pdf = pypdfium2.PdfDocument(render(document).pdf)
    try:
        words = pdf[1].get_textpage().get_text_range()
    finally:
        pdf.close()
    assert "".join(text.split()) in "".join(words.split())
