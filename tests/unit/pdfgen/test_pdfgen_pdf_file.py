from __future__ import annotations

import io

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pdfgen_sample import sample_contract

from pdfgen.pdf_file import PdfFile, name, text_string
from pdfgen.render import render


def small(*streams: bytes) -> bytes:
    file = PdfFile()
    root = file.add("<< /Type /Catalog /Pages 2 0 R >>")
    file.add("<< /Type /Pages /Count 0 /Kids [] >>")
    refs = [file.add_stream(content) for content in streams]
    file.add("[" + " ".join(f"{ref} 0 R" for ref in refs) + "]")
    return file.finished(root=root)


@given(st.lists(st.binary(max_size=200), max_size=5))
def test_every_stream_is_found_again_through_the_cross_reference_table(streams: list[bytes]) -> None:
    with pikepdf.open(io.BytesIO(small(*streams))) as pdf:
        assert [pdf.get_object(3 + index, 0).read_bytes() for index in range(len(streams))] == streams
        assert pdf.check_pdf_syntax() == [] if hasattr(pdf, "check_pdf_syntax") else pdf.check() == []


def test_a_contract_has_no_syntax_that_qpdf_would_complain_of() -> None:
    with pikepdf.open(io.BytesIO(render(sample_contract()).pdf)) as pdf:
        problems = pdf.check_pdf_syntax() if hasattr(pdf, "check_pdf_syntax") else pdf.check()
        assert problems == []


def test_another_byte_gives_another_file_identifier() -> None:
    first, second = (pikepdf.open(io.BytesIO(small(content))).trailer.ID[0] for content in (b"a", b"b"))
    assert bytes(first) != bytes(second)


def test_an_object_that_was_never_written_is_not_passed_over() -> None:
    file = PdfFile()
    root = file.reserve()
    with pytest.raises(KeyError, match="object 1"):
        file.finished(root=root)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40))
def test_a_text_string_reads_back(text: str) -> None:
    read = pikepdf.Object.parse(text_string(text).encode())
    assert str(read) == text


def test_a_name_with_a_slash_is_escaped() -> None:
    assert name("application/json") == "/application#2fjson"
