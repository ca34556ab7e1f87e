"""Files of others: integrity and what was done afterwards are told, who signed is not, nothing is held
against them that only our contracts promise. Never proven as a whole.
"""

from __future__ import annotations

import re
from io import BytesIO

import pikepdf
import pytest
from asn1crypto import cms
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.timestamps import DummyTimeStamper

from kernel.verdict import Verdict
from signing.model import Modification, PadesLevel, PdfFindings, TimeSource
from signing.pyhanko_adapters import AuthorityTimeStamper
from tests.unit.signing.foreign_samples import edwards_stranger, signed_abroad, stranger, with_message
from tests.unit.signing.sealed_samples import appended, field_of
from tests.unit.signing.signed_samples import (
    PARTIES,
    Office,
    draft,
    is_proven,
    one_page,
    with_fields,
    with_revocation_lists,
    with_text_field,
)

TOKEN = "signature_time_stamp_token"
PROVEN, UNDECIDED, REFUTED = Verdict.PROVEN, Verdict.UNDECIDED, Verdict.REFUTED


def integrities(findings: PdfFindings) -> list[tuple[Verdict, Modification]]:
    assert findings.foreign
    assert not is_proven(findings)
    assert all(one.chain is UNDECIDED for one in findings.signatures)
    return [(one.integrity, one.modification) for one in findings.signatures]


@pytest.mark.parametrize("subfilter", [SigSeedSubFilter.ADOBE_PKCS7_DETACHED, SigSeedSubFilter.PADES])
@pytest.mark.parametrize("curve", [False, True])
@pytest.mark.parametrize("permission", [None, MDPPerm.NO_CHANGES, MDPPerm.FILL_FORMS])
def test_a_strangers_signature_is_intact_and_nobodys(
    office: Office, subfilter: SigSeedSubFilter, curve: bool, permission: MDPPerm | None
) -> None:
    signer = stranger(curve=curve)
    findings = office.inspect(
        signed_abroad(draft(), signer=signer, subfilter=subfilter, permission=permission)
    )
    assert integrities(findings) == [(PROVEN, Modification.NONE)]
    (one,) = findings.signatures
    assert (one.timestamp_code, one.time_source, one.level) == (
        "no_timestamp",
        TimeSource.NONE,
        PadesLevel.B_B,
    )
    assert one.signer is not None
    assert one.signer.common_name == "Jean Dupont"
    assert findings.tail is PROVEN


def test_an_ed25519_signature_is_intact_and_nobodys(office: Office) -> None:
    signed = signed_abroad(draft(), signer=edwards_stranger(), digest="sha512")
    assert integrities(office.inspect(signed)) == [(PROVEN, Modification.NONE)]


def test_an_annotation_after_a_certification_that_allows_it_is_not_proven(office: Office) -> None:
    """P3 lets annotations be added; what they cover, nobody can judge (the evil annotation)."""

    def cover(writer: IncrementalPdfFileWriter) -> None:
        page = writer.root["/Pages"]["/Kids"][0]
        note = {"/Type": "/Annot", "/Subtype": "/Square"}
        made = generic.DictionaryObject({pdf_name(key): pdf_name(value) for key, value in note.items()})
        made[pdf_name("/Rect")] = generic.ArrayObject([generic.NumberObject(one) for one in (0, 0, 600, 800)])
        annotations = page.setdefault(pdf_name("/Annots"), generic.ArrayObject())
        annotations.append(writer.add_object(made))
        writer.update_container(annotations)

    signed = signed_abroad(draft(), permission=MDPPerm.ANNOTATE)
    assert integrities(office.inspect(appended(signed, cover))) == [(REFUTED, Modification.OTHER)]


def test_approval_signatures_in_new_fields_one_after_the_other_are_intact(office: Office) -> None:
    """What our contracts refuse (rule V7) is how everybody else signs."""
    signed = signed_abroad(signed_abroad(signed_abroad(draft(), "A"), "B"), "C")
    assert integrities(office.inspect(signed)) == [
        (PROVEN, Modification.SIGNATURES),
        (PROVEN, Modification.SIGNATURES),
        (PROVEN, Modification.NONE),
    ]


def test_a_form_filled_in_between_is_told_and_not_refuted(office: Office) -> None:
    def fill(writer: IncrementalPdfFileWriter) -> None:
        field_of(writer, "Price")[pdf_name("/V")] = generic.TextStringObject("999")

    signed = signed_abroad(with_text_field(draft()), permission=MDPPerm.FILL_FORMS)
    findings = office.inspect(appended(signed, fill))
    assert integrities(findings) == [(PROVEN, Modification.FORM_FILLING)]
    assert (findings.tail, findings.tail_code) == (UNDECIDED, "tail_changes_document")


def test_anything_after_a_certification_without_changes_is_refuted(office: Office) -> None:
    def fill(writer: IncrementalPdfFileWriter) -> None:
        field_of(writer, "Price")[pdf_name("/V")] = generic.TextStringObject("999")

    signed = signed_abroad(with_text_field(draft()), permission=MDPPerm.NO_CHANGES)
    assert integrities(office.inspect(appended(signed, fill))) == [(REFUTED, Modification.OTHER)]


def test_a_changed_page_of_a_foreign_file_is_refuted(office: Office) -> None:
    def change(writer: IncrementalPdfFileWriter) -> None:
        page = writer.root["/Pages"]["/Kids"].raw_get(0)
        stream = generic.StreamObject(stream_data=b"0 g 0 0 600 800 re f")
        page.get_object()[pdf_name("/Contents")] = writer.add_object(stream)
        writer.mark_update(page.reference)

    findings = office.inspect(appended(signed_abroad(draft()), change))
    assert integrities(findings) == [(REFUTED, Modification.OTHER)]
    assert findings.tail is REFUTED


def test_a_flipped_byte_of_a_foreign_file_is_refuted(office: Office) -> None:
    finding = office.inspect(signed_abroad(draft()).replace(b" 842 ", b" 841 ", 1)).signatures[0]
    assert (finding.integrity, finding.integrity_code) == (REFUTED, "content_changed")


def test_freed_objects_in_a_foreign_file_are_not_judged(office: Office) -> None:
    """Legitimate in others' files (iText frees objects), a shadow attack in ours: said to be open."""
    signed = signed_abroad(draft())
    with pikepdf.open(BytesIO(signed)) as opened:
        metadata, _ = opened.Root.Metadata.objgen
    size = max(int(number) for number in re.findall(rb"/Size (\d+)", signed))
    root = re.findall(rb"/Root (\d+ \d+ R)", signed)[-1]
    previous = re.findall(rb"startxref\s+(\d+)", signed)[-1]
    freed = signed + b"xref\n%d 1\n0000000000 00001 f \ntrailer\n<< /Size %d /Root %s /Prev %s >>\n" % (
        metadata,
        size,
        root,
        previous,
    )
    findings = office.inspect(freed + b"startxref\n%d\n%%%%EOF\n" % len(signed))
    (one,) = findings.signatures
    assert (one.integrity, one.integrity_code) == (UNDECIDED, "objects_freed")


def test_bytes_behind_a_foreign_file_are_not_judged(office: Office) -> None:
    findings = office.inspect(signed_abroad(draft()) + b"1 0 obj\n<</Type /Catalog>>\nendobj\n")
    (one,) = findings.signatures
    assert (one.integrity, one.integrity_code) == (UNDECIDED, "unaccounted_bytes")


def test_a_foreign_signature_with_our_timestamp_has_a_proven_time(office: Office) -> None:
    signed = signed_abroad(draft(), timestamper=AuthorityTimeStamper(office.tsa))
    (one,) = office.inspect(signed).signatures
    assert (one.integrity, one.chain) == (PROVEN, UNDECIDED)
    assert one.time_source is TimeSource.SIGNATURE_TOKEN


def test_of_several_timestamps_a_sound_one_decides(office: Office) -> None:
    """A stranger's token and ours in one signature: the stranger's leaves open, ours proves."""
    signed = signed_abroad(draft(), timestamper=_strangers_authority())

    def add_ours(message: cms.ContentInfo) -> None:
        signer = message["content"]["signer_infos"][0]
        (tokens,) = (one["values"] for one in signer["unsigned_attrs"] if one["type"].native == TOKEN)
        tokens.append(cms.ContentInfo.load(office.tsa.token(signer["signature"].native)))

    lists = office.ca.crls_for(office.ca.tsa_credential.chain)
    (alone,) = office.inspect(with_revocation_lists(signed, lists)).signatures
    assert (alone.integrity, alone.timestamp, alone.timestamp_code) == (PROVEN, UNDECIDED, "unknown_tsa")
    (both,) = office.inspect(with_revocation_lists(with_message(signed, add_ours), lists)).signatures
    assert (both.integrity, both.timestamp, both.chain) == (PROVEN, PROVEN, UNDECIDED)
    assert both.timestamp_utc == office.clock.now()


def _strangers_authority() -> DummyTimeStamper:
    signer = stranger("Horodateur")
    return DummyTimeStamper(tsa_cert=signer.signing_cert, tsa_key=signer.signing_key)


def test_a_file_with_two_kinds_of_cross_references_is_not_judged(office: Office) -> None:
    findings = office.inspect(signed_abroad(_hybrid(), strict=False))
    (one,) = findings.signatures
    assert (one.integrity, one.integrity_code) == (UNDECIDED, "hybrid_file")


def _hybrid() -> bytes:
    """One page with a classic table whose trailer also names a cross-reference stream."""
    plain = one_page(200, 200, b"0 g 10 10 50 50 re f")
    start = int(re.findall(rb"startxref\s+(\d+)", plain)[-1])
    size = int(re.findall(rb"/Size (\d+)", plain)[-1])
    entry = b"\x00\x00\x00\x00"
    stream = (
        b"%d 0 obj\n<< /Type /XRef /Size %d /W [1 2 1] /Index [0 1] /Length 4 >>\n"
        b"stream\n%s\nendstream\nendobj\n" % (size, size + 1, entry)
    )
    table = plain[start:].replace(b"trailer <<", b"trailer << /XRefStm %d" % start, 1)
    table = table.replace(b"/Size %d" % size, b"/Size %d" % (size + 1), 1)
    table = re.sub(rb"startxref\s+\d+", b"startxref\n%d" % (start + len(stream)), table)
    return plain[:start] + stream + table


def test_our_own_signature_makes_the_file_ours(office: Office, signed_once: bytes) -> None:
    """The foreign rules are no way out: a file that bears one of our signatures is held to ours."""
    findings = office.inspect(signed_abroad(signed_once))
    assert not findings.foreign
    assert findings.signatures[0].integrity is REFUTED


def test_a_look_alike_does_not_pass_as_foreign(office: Office, forger: Office, prepared: bytes) -> None:
    findings = office.inspect(forger.sign(prepared, PARTIES[0], certify=True))
    assert not findings.foreign
    assert findings.signatures[0].chain is REFUTED


def test_an_unsigned_file_is_nobodys(office: Office) -> None:
    for content in (draft(), with_fields(draft())):
        findings = office.inspect(content)
        assert (findings.foreign, findings.tail, findings.signatures) == (False, UNDECIDED, ())


def test_a_foreign_file_saved_anew_is_refuted(office: Office) -> None:
    output = BytesIO()
    with pikepdf.open(BytesIO(signed_abroad(draft()))) as opened:
        opened.save(output)
    assert not is_proven(office.inspect(output.getvalue()))
    assert office.inspect(output.getvalue()).signatures[0].integrity is REFUTED
