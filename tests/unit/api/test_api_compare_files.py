from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from drawn_samples import sample_bytes

from api.compare_files import compare_files
from api.draft_file import draft_file
from contracts_chain.agreements.classes.book import class_named
from contracts_chain.agreements.terms_json import load_terms, terms_bytes
from kernel.digests import sha256
from pdfgen.page_images import UnreadablePageError, body_texts

NUMBER = "SGZJMZ00YXGY2600001"


@pytest.fixture(scope="module")
def drafts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The sample of a class and the same with another special term."""
    folder = tmp_path_factory.mktemp("drafts")
    content = sample_bytes(class_named("LV_RES_SUPPLY"))
    terms = load_terms(content)
    changed = replace(terms, special_terms="用电人每季度报送用电计划。")
    texts = (content, terms_bytes(changed))
    for name, text in zip("ab", texts, strict=True):
        (folder / f"{name}.json").write_bytes(text)
        draft_file(folder / f"{name}.json", folder / f"{name}.pdf", NUMBER, None, folder / f"{name}.html")
    return folder / "a.pdf", folder / "b.pdf"


def test_a_draft_and_its_twin_are_written_together(drafts: tuple[Path, Path]) -> None:
    twin = drafts[0].with_suffix(".html").read_text("utf-8")
    assert sha256(drafts[0].read_bytes()).hex() in twin


def test_files_that_print_the_same_words_are_the_same(drafts: tuple[Path, Path], tmp_path: Path) -> None:
    assert compare_files(drafts[0], drafts[0], tmp_path / "d.pdf") == 0


def test_a_difference_is_shown_and_told_by_the_exit_code(drafts: tuple[Path, Path], tmp_path: Path) -> None:
    assert compare_files(*drafts, tmp_path / "d.pdf") == 10
    words = "".join("".join(body_texts((tmp_path / "d.pdf").read_bytes())).split())
    assert "用电人每季度报送用电计划" in words


def test_the_same_comparison_gives_the_same_bytes(drafts: tuple[Path, Path], tmp_path: Path) -> None:
    for name in ("one", "two"):
        compare_files(*drafts, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_what_is_no_pdf_is_refused_and_nothing_is_written(drafts: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "no.pdf").write_bytes(b"hello")
    with pytest.raises(UnreadablePageError):
        compare_files(drafts[0], tmp_path / "no.pdf", tmp_path / "d.pdf")
    assert not (tmp_path / "d.pdf").exists()
