from __future__ import annotations

from pathlib import Path

import pytest

from pdfgen import fonts
from pdfgen.fonts import FontUnreadableError, typeface
from pdfgen.glyphs import MissingGlyphError, missing_glyphs, require_glyphs


def test_every_unified_ideograph_to_9fff_and_of_extension_a_is_covered() -> None:
    assert missing_glyphs("".join(map(chr, [*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000)]))) == ()


def test_names_units_and_marks_of_contracts_are_covered() -> None:
    assert missing_glyphs("喆赟〇镕堃淼㎡℃‰±×Ω①②③□■√—…《》（）【】·￥kWh") == ()


@pytest.mark.parametrize(("plain", "bold"), [(fonts.SERIF, fonts.SERIF_BOLD), (fonts.SANS, fonts.SANS_BOLD)])
def test_bold_covers_what_plain_covers(plain: str, bold: str) -> None:
    assert set(typeface(plain).face.charToGlyph) <= set(typeface(bold).face.charToGlyph)


def test_a_character_of_one_family_only_is_drawn_by_that_family() -> None:
    assert missing_glyphs("\u4db6") == ()
    assert fonts.font_runs(fonts.SANS, "王\u4db6明") == [
        (fonts.SANS, "王"),
        (fonts.SERIF, "\u4db6"),
        (fonts.SANS, "明"),
    ]
    assert fonts.advances(fonts.SANS)["\u4db6"] == 1.0


def test_every_missing_character_is_named_once_with_its_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_RARE_FONTS", ())
    fonts._stand_in.cache_clear()
    with pytest.raises(MissingGlyphError) as caught:
        require_glyphs(["王\U0010fffd小", "\U0002f81a明\U0010fffd"])
    assert "U+10FFFD" in caught.value.zh
    assert "U+2F81A" in caught.value.en
    assert caught.value.characters == ("\U0010fffd", "\U0002f81a")
    fonts._stand_in.cache_clear()


@pytest.mark.parametrize("hidden", ["\u202e", "\u200b", "\t", "\r", "\x00", "\ufeff", "\u2066"])
def test_a_character_that_cannot_be_seen_is_refused(hidden: str) -> None:
    with pytest.raises(MissingGlyphError):
        require_glyphs([f"每日2‰{hidden}"])


def test_a_missing_font_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CONTRACTS_CHAIN_FONTS", str(tmp_path))
    with pytest.raises(FontUnreadableError, match="make setup"):
        typeface(fonts.SERIF)


def test_a_corrupt_font_is_a_fault_not_a_crash(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "NotoSerifSC_400Regular.ttf").write_bytes(b"\x00\x01\x00\x00 no font")
    monkeypatch.setenv("CONTRACTS_CHAIN_FONTS", str(tmp_path))
    with pytest.raises(FontUnreadableError):
        typeface(fonts.SERIF)
