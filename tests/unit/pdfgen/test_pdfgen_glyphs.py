from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pdfgen import fonts
from pdfgen.glyphs import MissingGlyphError, missing_glyphs, require_glyphs


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    absent = tuple((name, Path("/nonexistent") / name) for name, _ in fonts._RARE_FONTS)
    monkeypatch.setattr(fonts, "_RARE_FONTS", absent)
    fonts._stand_in.cache_clear()
    yield
    fonts._stand_in.cache_clear()


def told(text: str) -> MissingGlyphError:
    with pytest.raises(MissingGlyphError) as caught:
        require_glyphs([text])
    return caught.value


def test_names_of_the_brief_print_with_the_bundled_fonts(nothing_installed: None) -> None:
    assert missing_glyphs("王㛃䶮喆赟〇镕堃") == ()


def test_gb_18030_level_three_prints_with_the_fall_back_fonts() -> None:
    assert missing_glyphs("𠮷𬎆𫟼𬺈𠀀𪛖𫝀𬺡") == ()


def test_every_character_of_extensions_b_to_f_prints_with_the_fall_back_fonts() -> None:
    codes = [*range(0x20000, 0x2A6E0), *range(0x2A700, 0x2B73A), *range(0x2B740, 0x2B81E)]
    codes += [*range(0x2B820, 0x2CEA2), *range(0x2CEB0, 0x2EBE1)]
    assert missing_glyphs("".join(map(chr, codes))) == ()


@pytest.mark.parametrize(
    ("char", "package"),
    [("𠮷", "fonts-hanazono"), ("𬎆", "fonts-hanazono"), ("\U00030001", "fonts-lxgw-wenkai")],
)
def test_a_rare_character_is_named_with_the_package_that_has_it(
    nothing_installed: None, char: str, package: str
) -> None:
    problem = told(f"王{char}")
    assert problem.packages == (package,)
    assert package in problem.zh
    assert f"U+{ord(char):04X}" in problem.en


def test_no_package_is_named_that_would_not_help() -> None:
    assert told("\U000323ae").packages == ()
    assert "改签纸质文本" in told("\U000323ae").zh


@pytest.mark.parametrize(
    ("char", "word"),
    [
        ("\u0301", "组合符号"),
        ("\ufe00", "变体选择符"),
        ("\U000e0101", "变体选择符"),
        ("\u202e", "方向字符"),
        ("\u200b", "控制字符"),
        ("\x00", "控制字符"),
        ("\ue000", "专用区"),
    ],
)
def test_what_has_no_shape_of_its_own_is_refused_with_the_reason(char: str, word: str) -> None:
    problem = told(f"王{char}明")
    assert word in problem.zh
    assert problem.characters == (char,)
    assert char not in problem.zh
