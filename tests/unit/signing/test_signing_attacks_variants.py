"""Fresh forgeries of every published class, with variations drawn by Hypothesis: none is ever proven."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm

from kernel.verdict import Verdict
from signing.model import Modification, PdfFindings
from signing.pdf_reading import UnreadablePdfError
from tests.unit.signing.foreign_samples import signed_abroad, stranger
from tests.unit.signing.sealed_samples import appended, field_of
from tests.unit.signing.signed_samples import PARTIES, Office, draft, is_proven, one_page, with_fields

FIRST, SECOND = PARTIES[:2]
SHORT = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
RANGE = re.compile(rb"/ByteRange \[ ?(\d+) (\d+) (\d+) (\d+)\s*\]\s*")
COVER = b"1 g 0 0 600 850 re f 0 g BT /F1 20 Tf 60 700 Td (price: 1 fen) Tj ET"


def first_of(findings: PdfFindings) -> tuple[Verdict, Modification]:
    one = next(one for one in findings.signatures if one.field == FIRST)
    return one.integrity, one.modification


def never_proven(office: Office, content: bytes) -> bool:
    try:
        return not is_proven(office.inspect(content))
    except UnreadablePdfError:
        return True


CHANGED = (Verdict.REFUTED, Modification.OTHER)


# ---- universal signature forgery -----------------------------------------------------------------


@SHORT
@given(numbers=st.lists(st.integers(-(2**33), 2**33), min_size=0, max_size=6))
def test_any_other_byte_range_is_never_proven(office: Office, signed_once: bytes, numbers: list[int]) -> None:
    found = next(RANGE.finditer(signed_once))
    written = b"/ByteRange [" + b" ".join(b"%d" % number for number in numbers) + b"]"
    forged = signed_once[: found.start()] + written.ljust(len(found[0])) + signed_once[found.end() :]
    assert never_proven(office, forged)


@SHORT
@given(contents=st.binary(max_size=200))
def test_any_other_contents_are_never_proven(office: Office, signed_once: bytes, contents: bytes) -> None:
    found = next(re.finditer(rb"/Contents <([0-9A-F]+)>", signed_once))
    digits = contents.hex().upper().encode().ljust(len(found[1]), b"0")
    assert never_proven(office, signed_once[: found.start(1)] + digits + signed_once[found.end(1) :])


# ---- incremental saving --------------------------------------------------------------------------


def _redefined(signed: bytes, number: int, content: bytes, ending: bytes) -> bytes:
    previous = re.findall(rb"startxref\s+(\d+)", signed)[-1]
    size = max(int(found) for found in re.findall(rb"/Size (\d+)", signed))
    body = b"%d 0 obj\n%s\nendobj\n" % (number, content)
    parts = {
        b"place": b"%010d" % len(signed),
        b"number": b"%d" % number,
        b"table": b"%d" % (len(signed) + len(body)),
        b"previous": previous,
        b"size": b"%d" % size,
    }
    for name, value in parts.items():
        ending = ending.replace(b"{" + name + b"}", value)
    return signed + body + ending


TABLE = b"xref\n{number} 1\n{place} 00000 n \n"
TRAILER = b"trailer\n<< /Size {size} /Root 1 0 R /Prev {previous} >>\n"
END = b"startxref\n{table}\n%%EOF\n"


@pytest.mark.parametrize(
    "ending",
    [
        TABLE + TRAILER + END,
        TABLE + b"trailer\n<< /Size {size} /Root 1 0 R >>\n" + END,
        TABLE + b"trailer\n<< >>\n" + END,
        TABLE + END,
        TABLE + TRAILER,
        TRAILER + END,
        b"startxref\n{previous}\n%%EOF\n",
        b"%%EOF\n",
        b"",
    ],
    ids=["whole", "no prev", "empty trailer", "no trailer", "no end", "no table", "old", "marker", "bare"],
)
@pytest.mark.parametrize("number", [1, 3, 4, 5])
def test_objects_redefined_after_signing_are_never_proven(
    office: Office, signed_once: bytes, ending: bytes, number: int
) -> None:
    """Incremental saving with and without the parts of a revision (ISA and its variants)."""
    assert never_proven(office, _redefined(signed_once, number, b"<< /Type /Page >>", ending))


# ---- signature wrapping --------------------------------------------------------------------------


@SHORT
@given(data=st.data(), padding=st.integers(1, 400))
def test_a_moved_second_range_is_never_proven(
    office: Office, signed_once: bytes, data: st.DataObject, padding: int
) -> None:
    """The signed second part goes to the end; the attacker's own objects take its place."""
    found = next(RANGE.finditer(signed_once))
    _, length, resume, rest = (int(number) for number in found.groups())
    own = data.draw(st.sampled_from([b"5 0 obj\n<< >>\nendobj\n", b"%" * 30, b"xref\n0 0\n"]))
    gap = own.ljust(padding + len(own), b" ")
    written = b"/ByteRange [0 %d %d %d]" % (length, resume + len(gap), rest)
    moved = bytearray(signed_once[:resume] + gap + signed_once[resume:])
    moved[found.start() : found.end()] = written.ljust(len(found[0]))
    assert never_proven(office, bytes(moved))


# ---- shadow attacks ------------------------------------------------------------------------------


def _with_overlay(pdf: bytes) -> bytes:
    """Before signing a stamp annotation covers the page."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        page = writer.root["/Pages"]["/Kids"].raw_get(0)
        overlay = _annotation(writer, "/Stamp")
        page.get_object()[pdf_name("/Annots")] = generic.ArrayObject([writer.add_object(overlay)])
        writer.mark_update(page.reference)

    return appended(pdf, change)


def _annotation(writer: IncrementalPdfFileWriter, subtype: str) -> generic.DictionaryObject:
    box = generic.ArrayObject([generic.NumberObject(number) for number in (0, 0, 595, 842)])
    form = {
        pdf_name("/Type"): pdf_name("/XObject"),
        pdf_name("/Subtype"): pdf_name("/Form"),
        pdf_name("/BBox"): box,
    }
    looks = writer.add_object(generic.StreamObject(form, stream_data=COVER))
    return generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name(subtype),
            pdf_name("/Rect"): box,
            pdf_name("/AP"): generic.DictionaryObject({pdf_name("/N"): looks}),
        }
    )


def test_an_overlay_taken_away_after_signing_is_refuted(office: Office) -> None:
    """Shadow attack, hide."""
    signed = office.sign(with_fields(_with_overlay(draft())), FIRST, certify=True)

    def uncover(writer: IncrementalPdfFileWriter) -> None:
        annotations = writer.root["/Pages"]["/Kids"][0]["/Annots"]
        del annotations[0]
        writer.update_container(annotations)

    assert first_of(office.inspect(appended(signed, uncover))) == CHANGED


def test_an_overlay_made_empty_after_signing_is_refuted(office: Office) -> None:
    """Shadow attack, hide, by the overlay's own look."""
    signed = office.sign(with_fields(_with_overlay(draft())), FIRST, certify=True)

    def uncover(writer: IncrementalPdfFileWriter) -> None:
        overlay = writer.root["/Pages"]["/Kids"][0]["/Annots"][0]
        overlay["/AP"][pdf_name("/N")] = writer.add_object(generic.StreamObject(stream_data=b""))
        writer.update_container(overlay)

    assert first_of(office.inspect(appended(signed, uncover))) == CHANGED


def test_an_overlay_freed_after_signing_is_refuted(office: Office) -> None:
    """Shadow attack, hide, by the cross-reference table alone."""
    signed = office.sign(with_fields(_with_overlay(draft())), FIRST, certify=True)
    number = int(re.findall(rb"(\d+) 0 obj\n<<\n/Type /Annot\n/Subtype /Stamp", signed)[0])
    previous = re.findall(rb"startxref\s+(\d+)", signed)[-1]
    size = max(int(found) for found in re.findall(rb"/Size (\d+)", signed))
    table = b"xref\n%d 1\n0000000000 00001 f \n" % number
    trailer = b"trailer\n<< /Size %d /Root 1 0 R /Prev %s >>\n" % (size, previous)
    findings = office.inspect(signed + table + trailer + b"startxref\n%d\n%%%%EOF\n" % len(signed))
    assert first_of(findings) == CHANGED


def test_a_planted_object_redefined_after_signing_is_refuted(office: Office, signed_once: bytes) -> None:
    """Shadow attack, replace: the content stream itself, in place."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        page = writer.root["/Pages"]["/Kids"][0]
        place = page.raw_get("/Contents").reference
        writer.objects[(place.generation, place.idnum)] = generic.StreamObject(stream_data=COVER)

    assert first_of(office.inspect(appended(signed_once, change))) == CHANGED


def test_a_switch_to_a_second_document_inside_is_refuted(office: Office) -> None:
    """Shadow attack, hide and replace: a second page tree lies unused in the signed file."""
    places: list[generic.IndirectObject] = []

    def plant(writer: IncrementalPdfFileWriter) -> None:
        contents = writer.add_object(generic.StreamObject(stream_data=COVER))
        page = generic.DictionaryObject(writer.root["/Pages"]["/Kids"][0])
        page[pdf_name("/Contents")] = contents
        tree = generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Pages"),
                pdf_name("/Count"): generic.NumberObject(1),
                pdf_name("/Kids"): generic.ArrayObject([writer.add_object(page)]),
            }
        )
        places.append(writer.add_object(tree))

    def switch(writer: IncrementalPdfFileWriter) -> None:
        hidden = generic.IndirectObject(places[0].idnum, 0, writer)
        writer.root[pdf_name("/Pages")] = hidden
        writer.update_root()

    signed = office.sign(appended(with_fields(draft()), plant), FIRST, certify=True)
    assert is_proven(office.inspect(signed))
    assert first_of(office.inspect(appended(signed, switch))) == CHANGED


def test_another_root_named_by_a_later_trailer_is_refuted(office: Office, signed_once: bytes) -> None:
    """Shadow attack by the trailer: the catalogue is another object."""
    form = re.findall(rb"/AcroForm (\d+ \d+ R)", signed_once)[-1]
    other = b"<< /Type /Catalog /Pages 4 0 R /AcroForm %s >>" % form
    ending = TABLE + TRAILER.replace(b"/Root 1", b"/Root {number}").replace(b"{size}", b"901") + END
    findings = office.inspect(_redefined(signed_once, 900, other, ending))
    assert first_of(findings) == CHANGED


def test_an_object_that_nothing_refers_to_is_refuted(office: Office, signed_once: bytes) -> None:
    """Planted for a later switch; pyHanko alone lets it pass."""
    ending = TABLE + TRAILER.replace(b"{size}", b"901") + END
    assert first_of(office.inspect(_redefined(signed_once, 900, b"<< /Type /Page >>", ending))) == CHANGED


# ---- evil annotations, sneaky signatures, scripts ------------------------------------------------


@pytest.mark.parametrize("subtype", ["/FreeText", "/Stamp", "/Redact", "/Square", "/Widget", "/Watermark"])
@pytest.mark.parametrize("permission", [MDPPerm.FILL_FORMS, MDPPerm.ANNOTATE])
def test_an_annotation_over_the_page_is_refuted_at_every_permission(
    office: Office, subtype: str, permission: MDPPerm
) -> None:
    """Evil annotations, on documents certified at P2 and at P3, in files of ours and of others."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        page = writer.root["/Pages"]["/Kids"].raw_get(0)
        annotation = writer.add_object(_annotation(writer, subtype))
        page.get_object()[pdf_name("/Annots")].append(annotation)
        writer.mark_update(page.reference)
        writer.update_container(page.get_object()["/Annots"])

    foreign = office.inspect(appended(signed_abroad(draft(), permission=permission), change))
    assert foreign.signatures[0].integrity is Verdict.REFUTED
    ours = office.sign(with_fields(draft()), FIRST, certify=True)
    assert first_of(office.inspect(appended(ours, change))) == CHANGED


def test_a_self_made_signature_with_a_covering_look_is_refuted(office: Office, signed_once: bytes) -> None:
    """Sneaky signature: a new field whose look lies over the text, signed by a stranger."""
    forged = signed_abroad(signed_once, "Sneaky", signer=stranger("某某公司", curve=True))
    findings = office.inspect(forged)
    assert first_of(findings)[0] is Verdict.REFUTED
    sneaky = next(one for one in findings.signatures if one.field == "Sneaky")
    assert sneaky.chain is not Verdict.PROVEN


def test_a_strangers_signature_in_a_partys_own_field_is_nobodys(office: Office, signed_once: bytes) -> None:
    forged = signed_abroad_in(signed_once, SECOND)
    finding = next(one for one in office.inspect(forged).signatures if one.field == SECOND)
    assert (finding.integrity, finding.chain) == (Verdict.PROVEN, Verdict.UNDECIDED)


def signed_abroad_in(pdf: bytes, field: str) -> bytes:
    """A stranger's certificate in a field that waits for a party."""
    from io import BytesIO

    from pyhanko.sign.fields import SigSeedSubFilter
    from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner

    output = BytesIO()
    meta = PdfSignatureMetadata(field_name=field, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
    PdfSigner(meta, stranger()).sign_pdf(
        IncrementalPdfFileWriter(BytesIO(pdf)), existing_fields_only=True, output=output
    )
    return output.getvalue()


@pytest.mark.parametrize(
    "key",
    ["/OpenAction", "/AA", "/Names", "/OCProperties", "/PageLabels", "/Outlines", "/Collection", "/URI"],
)
def test_an_entry_added_to_the_catalogue_is_refuted(office: Office, signed_once: bytes, key: str) -> None:
    """Scripts, layers and names: what runs or shows when the file is opened."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        script = {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): generic.TextStringObject("x")}
        writer.root[pdf_name(key)] = generic.DictionaryObject(script)
        writer.update_root()

    assert first_of(office.inspect(appended(signed_once, change))) == CHANGED


@pytest.mark.parametrize("key", ["/AA", "/A", "/MK", "/TU", "/Rect", "/F", "/Lock", "/SV"])
def test_an_empty_signature_field_rewritten_by_nobody_is_never_proven(
    office: Office, signed_once: bytes, key: str
) -> None:
    """Between two signatures nobody may prepare the next party's field."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        values = {"/Rect": generic.ArrayObject([generic.NumberObject(number) for number in (0, 0, 595, 842)])}
        values["/F"] = generic.NumberObject(2)
        values["/TU"] = generic.TextStringObject("sign here")
        field_of(writer, SECOND)[pdf_name(key)] = values.get(
            key, generic.DictionaryObject({pdf_name("/Type"): pdf_name("/Any")})
        )

    assert never_proven(office, appended(signed_once, change))


def test_an_empty_field_that_shows_a_seal_without_signature_is_never_proven(
    office: Office, signed_once: bytes
) -> None:
    """A picture of a seal in a field that nobody signed."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        looks = _annotation(writer, "/Stamp").raw_get("/AP")
        field_of(writer, SECOND)[pdf_name("/AP")] = looks

    assert never_proven(office, appended(signed_once, change))


def test_a_page_drawn_from_another_file_bears_no_signature(office: Office) -> None:
    """The picture of a signed page is no signed page."""
    assert office.inspect(one_page(595, 842, COVER)).signatures == ()
