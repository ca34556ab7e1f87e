"""What merely passes for archive material, and what a first signature could smuggle in (own classes)."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from io import BytesIO

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner

from kernel.verdict import Verdict
from signing.model import OpeningFinding, PdfFindings
from signing.pyhanko_adapters import AuthorityTimeStamper, CredentialSigner
from signing.seal_stamp import SealStampStyle, import_drawing
from tests.unit.signing.signed_samples import PARTIES, Office, draft, is_proven, one_page, with_fields

FIRST = PARTIES[0]
Change = Callable[[IncrementalPdfFileWriter], None]


def _dict(**entries: generic.PdfObject) -> generic.DictionaryObject:
    return generic.DictionaryObject({pdf_name(f"/{key}"): value for key, value in entries.items()})


def _script() -> generic.DictionaryObject:
    return _dict(S=pdf_name("/JavaScript"), JS=generic.TextStringObject("app.alert(1)"))


def _numbers(*values: int) -> generic.ArrayObject:
    return generic.ArrayObject(generic.NumberObject(value) for value in values)


def _appended(pdf: bytes, change: Change) -> bytes:
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    change(writer)
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


def _in_form(key: str, value: generic.PdfObject) -> Change:
    def change(writer: IncrementalPdfFileWriter) -> None:
        form = writer.root["/AcroForm"]
        form[pdf_name(key)] = value
        writer.update_container(form)

    return change


def _in_catalogue(key: str, value: generic.PdfObject) -> Change:
    def change(writer: IncrementalPdfFileWriter) -> None:
        writer.root[pdf_name(key)] = value
        writer.update_root()

    return change


def _with_field(**entries: generic.PdfObject) -> Change:
    """An invisible signature field on the first page, as archive timestamps have one."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        page = writer.root["/Pages"]["/Kids"].raw_get(0)
        field = _dict(
            T=generic.TextStringObject("Timestamp-1"),
            FT=pdf_name("/Sig"),
            Type=pdf_name("/Annot"),
            Subtype=pdf_name("/Widget"),
            F=generic.NumberObject(132),
            P=page,
            **{"Rect": _numbers(0, 400, 600, 400), **entries},
        )
        added = writer.add_object(field)
        for listing in (writer.root["/AcroForm"]["/Fields"], page.get_object()["/Annots"]):
            listing.append(added)
            writer.update_container(listing)

    return change


def _assert_stray(findings: PdfFindings) -> None:
    finding = next(one for one in findings.signatures if one.field == FIRST)
    assert (finding.integrity, finding.code) == (Verdict.REFUTED, "stray_entry")
    assert findings.tail is Verdict.REFUTED
    assert not is_proven(findings)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("/NeedAppearances", generic.BooleanObject(True)),
        ("/DA", generic.TextStringObject("/Helv 0 Tf")),
        ("/Q", generic.NumberObject(1)),
        ("/DR", _dict(Font=_dict())),
    ],
)
def test_a_form_that_tells_viewers_to_draw_it_anew_is_refuted(
    office: Office, executed: bytes, key: str, value: generic.PdfObject
) -> None:
    findings = office.inspect(_appended(executed, _in_form(key, value)))
    assert findings.signatures[0].code == findings.tail_code == "changed_after_signing"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("/Version", pdf_name("/9.9")),
        ("/Version", _script()),
        ("/MarkInfo", _dict(Suspects=generic.BooleanObject(True))),
    ],
)
def test_a_catalogue_entry_no_archive_needs_is_refuted(
    office: Office, executed: bytes, key: str, value: generic.PdfObject
) -> None:
    findings = office.inspect(_appended(executed, _in_catalogue(key, value)))
    assert findings.signatures[0].code == findings.tail_code == "changed_after_signing"


def test_a_developer_extension_that_is_none_is_refuted(office: Office, executed: bytes) -> None:
    _assert_stray(office.inspect(_appended(executed, _in_catalogue("/Extensions", _dict(EVIL=_script())))))


def test_the_flags_of_a_signed_field_changed_are_refuted(office: Office, executed: bytes) -> None:
    def change(writer: IncrementalPdfFileWriter) -> None:
        field = writer.root["/AcroForm"]["/Fields"][0]
        field[pdf_name("/Ff")] = generic.NumberObject(1)
        writer.update_container(field)

    assert office.inspect(_appended(executed, change)).signatures[0].code == "changed_after_signing"


@pytest.mark.parametrize(
    "entries",
    [
        {},
        {"AA": _dict(PO=_script())},
        {"A": _script()},
        {"Border": _numbers(0, 0, 900), "C": _numbers(1, 0, 0)},
        {"MK": _dict(BG=_numbers(1))},
    ],
    ids=["empty", "script on opening the page", "script", "border", "background"],
)
def test_an_invisible_field_that_is_no_archive_timestamp_is_refuted(
    office: Office, executed: bytes, entries: dict[str, generic.PdfObject]
) -> None:
    _assert_stray(office.inspect(_appended(executed, _with_field(**entries))))


@pytest.mark.parametrize("extra", [b"\n4 0 obj << /Type /Page >> endobj\n", None])
def test_a_stored_value_that_is_something_else_besides_is_refuted(
    office: Office, executed: bytes, extra: bytes | None
) -> None:
    """Bytes behind the certificate, or a certificate that is a form to draw."""
    entries = _dict() if extra else _dict(Subtype=pdf_name("/Form"), Resources=_dict(X=_script()))

    def change(writer: IncrementalPdfFileWriter) -> None:
        stored = writer.root["/DSS"]["/Certs"]
        stream = generic.StreamObject(entries, stream_data=office.ca.roots[0] + (extra or b""))
        stored.append(writer.add_object(stream))
        writer.update_container(stored)

    _assert_stray(office.inspect(_appended(executed, change)))


@pytest.mark.parametrize(
    ("pattern", "written"),
    [
        (rb"/Size (\d+)", rb"/Size \1 /Evil (x)"),
        (rb"/ID \[ <..", rb"/ID [ <0e"),
        (rb"/Info \d+ 0 R", rb""),
        (rb"/Size \d+", rb"/Size 1000000000"),
    ],
    ids=["entry", "other file", "no information", "size"],
)
def test_a_trailer_that_says_something_of_its_own_is_refuted(
    office: Office, executed: bytes, pattern: bytes, written: bytes
) -> None:
    trailer = re.findall(rb"trailer\s+<<.*?>>\s*startxref", executed, re.DOTALL)[-1]
    entries = {name: re.search(rb"/%s (\d+ 0 R|\d+|\[.*?\])" % name, trailer, re.DOTALL) for name in KNOWN}
    body = b" ".join(found[0] for found in entries.values() if found)
    table = int(re.findall(rb"startxref\s+(\d+)", executed)[-1])
    honest = b"%s /Prev %d" % (re.sub(rb"\s+", b" ", body), table)
    changed, count = re.subn(pattern, written, honest)
    assert count == 1
    place = len(executed)
    for told, proven in ((honest, True), (changed, False)):
        revision = b"xref\n0 0\ntrailer\n<< %s >>\nstartxref\n%d\n%%%%EOF\n" % (told, place)
        findings = office.inspect(executed + revision)
        assert is_proven(findings) is proven
    _assert_stray(findings)


KNOWN = (b"Size", b"Root", b"Info", b"ID")


def _smuggled(office: Office, prepared: bytes, change: Change) -> bytes:
    """A first signature whose own revision holds another change; everything it covers is as signed."""
    output, writer = BytesIO(), IncrementalPdfFileWriter(BytesIO(prepared))
    change(writer)
    meta = PdfSignatureMetadata(
        field_name=FIRST,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.FILL_FORMS,
    )
    style = SealStampStyle(drawing=import_drawing(writer, one_page(119, 57, b"")))
    signer = CredentialSigner(office.person())
    PdfSigner(meta, signer, timestamper=AuthorityTimeStamper(office.tsa), stamp_style=style).sign_pdf(
        writer, existing_fields_only=True, output=output
    )
    return output.getvalue()


def _opening(findings: PdfFindings) -> OpeningFinding:
    assert findings.opening is not None
    return findings.opening


def test_a_first_signature_alone_opens_the_file(office: Office, prepared: bytes, executed: bytes) -> None:
    for signed in (_smuggled(office, prepared, lambda _: None), executed):
        opening = _opening(office.inspect(signed))
        assert (opening.verdict, opening.code) == (Verdict.PROVEN, "ok")
        assert opening.ends <= len(prepared) <= opening.resumes


def _page_drawn_over(writer: IncrementalPdfFileWriter) -> None:
    page = writer.root["/Pages"]["/Kids"][0]
    drawing = generic.StreamObject(stream_data=b"1 0 0 rg 50 50 400 400 re f")
    page[pdf_name("/Contents")] = writer.add_object(drawing)
    writer.update_container(page)


@pytest.mark.parametrize(
    "change",
    [
        _page_drawn_over,
        _in_catalogue("/OpenAction", _script()),
        _in_catalogue("/Perms", _dict(UR3=_dict())),
        _in_form("/Q", generic.NumberObject(1)),
        _with_field(),
    ],
    ids=["page", "script", "permissions", "form", "field"],
)
def test_a_first_signature_that_changes_the_agreed_document_is_told(
    office: Office, prepared: bytes, change: Change
) -> None:
    findings = office.inspect(_smuggled(office, prepared, change))
    assert findings.signatures[0].integrity is Verdict.PROVEN  # what it covers is what was signed
    assert _opening(findings).verdict is Verdict.REFUTED


def test_a_revision_between_the_agreed_bytes_and_the_first_signature_moves_the_opening(
    office: Office, prepared: bytes
) -> None:
    changed = _appended(prepared, _page_drawn_over)
    opening = _opening(office.inspect(office.sign(changed, FIRST, certify=True)))
    assert opening.ends > len(prepared)


def _compressed(pdf: bytes, hidden: bytes) -> bytes:
    """A revision that writes the catalogue once more, unchanged, inside an object stream; and what else?"""
    reader = PdfFileReader(BytesIO(pdf))
    root, size = reader.trailer.raw_get("/Root").idnum, int(reader.trailer["/Size"])
    kept = BytesIO()
    reader.root.write_to_stream(kept)
    head = b"%d 0 " % root + (b"5 %d " % (kept.tell() + 1) if hidden else b"")
    body = head + kept.getvalue() + b" " + hidden
    stream = b"%d 0 obj\n<< /Type /ObjStm /N %d /First %d /Length %d >>\nstream\n" % (
        *(size, 2 if hidden else 1, len(head), len(body)),
    )
    held, table = len(pdf), len(pdf) + len(stream) + len(body) + len(b"\nendstream\nendobj\n")
    places = {root: (2, size, 0), size: (1, held, 0), size + 1: (1, table, 0)}
    rows = b"".join(struct.pack(">BIH", *places[number]) for number in sorted(places))
    trailer = re.findall(rb"/Type /XRef.*?stream", pdf.replace(b"\n", b" "), re.DOTALL)[-1]
    names = re.search(rb"/ID \[.*?\]", trailer, re.DOTALL)
    assert names is not None
    written = (
        b"%d 0 obj\n<< /Type /XRef /Size %d /W [1 4 2] /Index [%s] /Root %d 0 R /Info %d 0 R %s /Prev %d"
        % (
            *(size + 1, size + 2, b" ".join(b"%d 1" % number for number in sorted(places)), root),
            *(reader.trailer.raw_get("/Info").idnum, names[0], reader.last_startxref),
        )
    )
    return pdf + b"".join(
        (
            *(stream, body, b"\nendstream\nendobj\n"),
            *(written, b" /Length %d >>\nstream\n" % len(rows), rows, b"\nendstream\nendobj\n"),
            b"startxref\n%d\n%%%%EOF\n" % table,
        )
    )


def test_an_object_hidden_in_an_object_stream_is_refuted(office: Office) -> None:
    """Viewers that rebuild the table would take it for the page."""
    compact = BytesIO()
    with pikepdf.open(BytesIO(draft())) as opened:
        opened.save(compact, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
    signed = office.sign(with_fields(compact.getvalue()), FIRST, certify=True)
    assert is_proven(office.inspect(_compressed(signed, b"")))
    findings = office.inspect(_compressed(signed, b"<< /Type /Page /MediaBox [0 0 9 9] >>"))
    assert findings.signatures[0].code == findings.tail_code == "unaccounted_bytes"
