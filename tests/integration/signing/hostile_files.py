"""PDFs made to exhaust whoever reads them: by size once unpacked, by depth, by number, by going round."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from functools import cache
from io import BytesIO

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

MEBIBYTE = 1 << 20
CATALOGUE = b"<< /Type /Catalog /Pages 2 0 R /AcroForm 3 0 R >>"
PAGES = b"<< /Type /Pages /Kids [] /Count 0 >>"


def raw_pdf(objects: Mapping[int, bytes], *, more: bytes = b"") -> bytes:
    """A file of these objects with a table and a trailer; object 1 is the catalogue."""
    body, offsets = bytearray(b"%PDF-1.7\n"), {}
    for number, content in objects.items():
        offsets[number] = len(body)
        body += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    table = len(body)
    body += b"xref\n0 1\n0000000000 65535 f \n"
    for number, offset in offsets.items():
        body += b"%d 1\n%010d 00000 n \n" % (number, offset)
    size = max(objects) + 1
    return bytes(body) + b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (
        size,
        more,
        table,
    )


def stream(content: bytes, entries: bytes) -> bytes:
    return b"<< %s /Length %d >>\nstream\n" % (entries, len(content)) + content + b"\nendstream"


@cache
def bomb(mebibytes: int) -> bytes:
    """Zeros that Flate keeps at a thousandth of their size: one packed mebibyte again and again."""
    packer = zlib.compressobj(6)
    head = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    packed = packer.compress(bytes(MEBIBYTE)) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + packed * mebibytes


def flate_bomb_for_a_table() -> bytes:
    body = b"%PDF-1.7\n"
    entries = b"/Type /XRef /Size 9999999 /W [1 4 2] /Root 1 0 R /Filter /FlateDecode"
    return body + b"1 0 obj\n" + stream(bomb(2000), entries) + b"\nendobj\nstartxref\n9\n%%EOF\n"


def nested_flate_bomb() -> bytes:
    packed = zlib.compress(bomb(2000), 9)
    entries = b"/Type /XRef /Size 9 /W [1 4 2] /Root 1 0 R /Filter [/FlateDecode /FlateDecode]"
    return b"%PDF-1.7\n1 0 obj\n" + stream(packed, entries) + b"\nendobj\nstartxref\n9\n%%EOF\n"


def hexadecimal_chain() -> bytes:
    chain = b"/Filter [" + b"/ASCIIHexDecode " * 2_000 + b"]"
    form = b"<< /Fields 4 0 R >>"
    return raw_pdf({1: CATALOGUE, 2: PAGES, 3: form, 4: stream(b"5b5d" * 500_000, chain)})


def object_stream_bomb() -> bytes:
    packed = stream(bomb(2000), b"/Type /ObjStm /N 9999999 /First 99999999 /Filter /FlateDecode")
    body = b"%PDF-1.7\n1 0 obj\n" + packed + b"\nendobj\n"
    rows = b"".join(
        row
        for number in range(4)
        for row in [b"\x02\x00\x00\x01\x00" if number != 1 else b"\x01\x00\x00\x09\x00"]
    )
    table = stream(rows, b"/Type /XRef /Size 4 /W [1 3 1] /Root 3 0 R")
    return body + b"9 0 obj\n" + table + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(body)


def deep_arrays() -> bytes:
    return raw_pdf({1: b"[" * 3_000_000 + b"]" * 3_000_000, 2: PAGES})


def deep_dictionaries() -> bytes:
    return raw_pdf({1: CATALOGUE, 2: PAGES, 3: b"<</A" * 1_000_000 + b" 0 " + b">>" * 1_000_000})


def deep_parentheses() -> bytes:
    return raw_pdf(
        {1: CATALOGUE, 2: PAGES, 3: b"<< /Fields (" + b"(" * 4_000_000 + b")" * 4_000_001 + b" >>"}
    )


def a_million_entries() -> bytes:
    rows = b"0000000009 00000 n \n" * 1_000_000
    body = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"
    table = b"xref\n0 1000000\n" + rows + b"trailer\n<< /Size 1000000 /Root 1 0 R >>\n"
    return body + table + b"startxref\n%d\n%%%%EOF\n" % len(body)


def a_table_that_claims_millions() -> bytes:
    body = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"
    table = b"xref\n0 999999999\n0000000000 65535 f \ntrailer\n<< /Size 999999999 /Root 1 0 R >>\n"
    return body + table + b"startxref\n%d\n%%%%EOF\n" % len(body)


def tables_that_go_round() -> bytes:
    plain = raw_pdf({1: CATALOGUE, 2: PAGES, 3: b"<< /Fields [] >>"})
    return raw_pdf(
        {1: CATALOGUE, 2: PAGES, 3: b"<< /Fields [] >>"}, more=b"/Prev %d" % plain.rindex(b"xref\n0")
    )


def fields_that_go_round() -> bytes:
    field = b"<< /FT /Sig /T (A) /Kids [4 0 R 4 0 R] /Parent 4 0 R >>"
    return raw_pdf({1: CATALOGUE, 2: PAGES, 3: b"<< /Fields [4 0 R] >>", 4: field})


def references_that_go_round() -> bytes:
    return raw_pdf({1: CATALOGUE, 2: PAGES, 3: b"4 0 R", 4: b"5 0 R", 5: b"3 0 R"})


def a_length_beyond_the_file() -> bytes:
    giant = b"<< /Length 99999999999999 >>\nstream\nx\nendstream"
    return raw_pdf({1: CATALOGUE, 2: PAGES, 3: b"<< /Fields 4 0 R >>", 4: giant})


def a_name_of_megabytes() -> bytes:
    name = b"/" + b"#41" * 3_000_000
    return raw_pdf({1: CATALOGUE, 2: PAGES, 3: b"<< " + name + b" 0 /Fields [] >>"})


def two_hundred_thousand_fields() -> bytes:
    field = b"<< /FT /Sig /T (A) >>"
    return raw_pdf({1: CATALOGUE, 2: PAGES, 3: b"<< /Fields [" + b"4 0 R " * 200_000 + b"] >>", 4: field})


def comment_without_end() -> bytes:
    return raw_pdf({1: CATALOGUE, 2: PAGES, 3: b"<< " + b"%\n" * 8_000_000 + b" /Fields [] >>"})


def with_message(message: bytes, *, fields: int = 1) -> bytes:
    """Signed fields that share a message; the byte range is as wide as integers are."""
    value = b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached " + (
        b"/ByteRange [0 9 99999999999999999999 99999999999999999999] /Contents <%s> >>"
        % message.hex().encode()
    )
    field = b"<< /FT /Sig /T (A) /V 5 0 R >>"
    return raw_pdf(
        {1: CATALOGUE, 2: PAGES, 3: b"<< /Fields [" + b"4 0 R " * fields + b"] >>", 4: field, 5: value}
    )


def a_message_of_open_values() -> bytes:
    return with_message(b"\x30\x80" * 100_000 + b"\0\0" * 100_000)


def a_message_of_a_million_values() -> bytes:
    return with_message(b"\x30\x80" + b"\x05\0" * 400_000 + b"\0\0")


def a_message_of_megabytes_in_many_frames() -> bytes:
    return with_message(b"\x30\x80" * 9 + b"\x04\x83\x10\x00\x00" + bytes(MEBIBYTE) + b"\0\0" * 9)


def a_message_that_says_it_is_longer() -> bytes:
    return with_message(b"\x30\x88" + b"\x7f" * 8 + b"\0" * 64)


def a_hundred_thousand_signed_fields() -> bytes:
    return with_message(b"\x30\x80\x06\x01\x2a\0\0", fields=100_000)


def object_streams_that_extend_each_other() -> bytes:
    one = stream(b"6 0 << >>", b"/Type /ObjStm /N 1 /First 4 /Extends 5 0 R")
    other = stream(b"7 0 << >>", b"/Type /ObjStm /N 1 /First 4 /Extends 4 0 R")
    return raw_pdf({1: CATALOGUE, 2: PAGES, 3: b"<< /Fields 6 0 R >>", 4: one, 5: other})


def pages_that_go_round() -> bytes:
    """A field on a page whose parent is its own child."""
    field = b"<< /FT /Sig /T (A) /V 5 0 R /P 2 0 R >>"
    round_about = b"<< /Type /Pages /Kids [2 0 R] /Parent 2 0 R /Count 9 >>"
    return raw_pdf({1: CATALOGUE, 2: round_about, 3: b"<< /Fields [4 0 R] >>", 4: field, 5: b"2 0 R"})


FROM_NOTHING: tuple[Callable[[], bytes], ...] = (
    flate_bomb_for_a_table,
    nested_flate_bomb,
    hexadecimal_chain,
    object_stream_bomb,
    deep_arrays,
    deep_dictionaries,
    deep_parentheses,
    a_million_entries,
    a_table_that_claims_millions,
    tables_that_go_round,
    fields_that_go_round,
    references_that_go_round,
    a_length_beyond_the_file,
    a_name_of_megabytes,
    two_hundred_thousand_fields,
    comment_without_end,
    a_message_of_open_values,
    a_message_of_a_million_values,
    a_message_of_megabytes_in_many_frames,
    a_message_that_says_it_is_longer,
    a_hundred_thousand_signed_fields,
    object_streams_that_extend_each_other,
    pages_that_go_round,
)


def _revised(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    writer, output = IncrementalPdfFileWriter(BytesIO(pdf)), BytesIO()
    change(writer)
    writer.write(output)
    return output.getvalue()


def _packed(mebibytes: int) -> generic.StreamObject:
    return generic.StreamObject({pdf_name("/Filter"): pdf_name("/FlateDecode")}, encoded_data=bomb(mebibytes))


def validation_data_bomb(pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        store = writer.root["/DSS"]
        store["/CRLs"].append(writer.add_object(_packed(2000)))
        writer.update_container(store["/CRLs"])

    return _revised(pdf, change)


def metadata_bomb(pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        writer.root[pdf_name("/Metadata")] = writer.add_object(_packed(2000))
        writer.update_root()

    return _revised(pdf, change)


def metadata_with_entities(pdf: bytes) -> bytes:
    """Ten entities, each ten times the one before."""
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    text = f'<!DOCTYPE x [<!ENTITY e0 "ten letters">{entities}]><x>&e9;</x>'

    def change(writer: IncrementalPdfFileWriter) -> None:
        writer.root[pdf_name("/Metadata")] = writer.add_object(
            generic.StreamObject(stream_data=text.encode())
        )
        writer.update_root()

    return _revised(pdf, change)


def hundreds_of_revisions(pdf: bytes) -> bytes:
    for number in range(300):
        table = len(pdf)
        previous = pdf[pdf.rindex(b"startxref") + 10 :].split()[0]
        body = b"%d 0 obj\n(%d)\nendobj\n" % (900 + number, number)
        pdf += body + b"xref\n%d 1\n%010d 00000 n \n" % (900 + number, table)
        pdf += b"trailer\n<< /Size %d /Root 1 0 R /Prev %s >>\n" % (901 + number, previous)
        pdf += b"startxref\n%d\n%%%%EOF\n" % (table + len(body))
    return pdf


def one_list_named_a_hundred_thousand_times(pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        store = writer.root["/DSS"]
        lists = store["/CRLs"]
        for _ in range(100_000):
            lists.append(lists.raw_get(0))
        writer.update_container(lists)

    return _revised(pdf, change)


AFTER_A_SIGNATURE: tuple[Callable[[bytes], bytes], ...] = (
    validation_data_bomb,
    metadata_bomb,
    metadata_with_entities,
    hundreds_of_revisions,
    one_list_named_a_hundred_thousand_times,
)
