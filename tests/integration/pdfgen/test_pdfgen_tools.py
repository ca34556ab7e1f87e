"""What independent programs say of our files: qpdf, poppler, a QR reader."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pytest
import zxingcpp
from pdfgen_sample import sample_contract, sample_invoice
from PIL import Image

from pdfgen.invoice_drawing import render_invoice
from pdfgen.page_images import page_png
from pdfgen.render import render
from pdfgen.seal import organisation_seal, person_signature


def files() -> dict[str, bytes]:
    return {
        "draft.pdf": render(sample_contract()).pdf,
        "invoice.pdf": render_invoice(sample_invoice()),
        "seal.pdf": organisation_seal("明州示例精密铸造有限公司", code="3302990067890", mark="TEST"),
        "hand.pdf": person_signature("王小明", "电子签名 TEST"),
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("pdf")
    for name, content in files().items():
        (place / name).write_bytes(content)
    return place


NAMES = ["draft.pdf", "invoice.pdf", "seal.pdf", "hand.pdf"]


@pytest.mark.parametrize("name", NAMES)
def test_qpdf_finds_no_error(folder: Path, name: str) -> None:
    checked = subprocess.run(
        ["qpdf", "--check", str(folder / name)], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr
    assert "No syntax or stream encoding errors found" in checked.stdout


@pytest.mark.parametrize("name", NAMES)
def test_every_font_is_embedded_subset_and_mapped_to_unicode(folder: Path, name: str) -> None:
    listing = subprocess.run(
        ["pdffonts", str(folder / name)], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split() for line in listing.splitlines()[2:]]
    assert rows
    assert all(row[-5:-2] == ["yes", "yes", "yes"] for row in rows), listing


def test_the_text_of_a_draft_can_be_copied(folder: Path) -> None:
    command = ["pdftotext", "-layout", str(folder / "draft.pdf"), "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout.replace(" ", "")
    assert "MZGD-YX-GY-2026-000123" in text
    assert "第十条\u3000电费违约金".replace("\u3000", "") in text.replace("\u3000", "")
    assert "第1页" in text


def test_the_attachments_leave_the_file_as_they_went_in(folder: Path) -> None:
    command = ["qpdf", "--show-attachment=terms.json", str(folder / "draft.pdf")]
    assert subprocess.run(command, capture_output=True, check=True).stdout == b'{"schema":1}'


@pytest.mark.parametrize(
    ("name", "page", "content"),
    [("draft.pdf", 2, sample_contract(1).qr_text), ("invoice.pdf", 1, sample_invoice().qr_text)],
)
def test_the_printed_code_reads_back(folder: Path, name: str, page: int, content: str) -> None:
    image = Image.open(io.BytesIO(page_png((folder / name).read_bytes(), page, 1600)))
    assert [found.text for found in zxingcpp.read_barcodes(image)] == [content]
