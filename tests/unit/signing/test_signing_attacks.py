"""One named test for each known way to forge a signed PDF (reference: attack classes)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pikepdf
import pytest
from asn1crypto import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from kernel.verdict import Verdict
from signing.certificate_profile import (
    Authority,
    authority_name,
    certify_authority,
    certify_signer,
    subject_name,
)
from signing.model import Credential, PdfFindings, SignatureTrust
from signing.pdf_reading import UnreadablePdfError
from signing.pyhanko_adapters import CredentialSigner
from signing.refusals import RevocationUnavailableError
from signing.software_key import SoftwareKey
from tests.unit.signing.signed_samples import (
    PARTIES,
    START,
    Office,
    bare_signature,
    draft,
    is_proven,
    with_fields,
    with_revocation_lists,
    with_text_field,
)

FIRST, SECOND = PARTIES[:2]


def _appended(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    change(writer)
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


def _page(writer: IncrementalPdfFileWriter) -> generic.DictionaryObject:
    page = writer.root["/Pages"]["/Kids"].raw_get(0)
    writer.mark_update(page.reference)
    return page.get_object()


def _field(writer: IncrementalPdfFileWriter, name: str) -> generic.DictionaryObject:
    for reference in writer.root["/AcroForm"]["/Fields"]:
        if reference.get_object()["/T"] == name:
            writer.mark_update(reference.reference)
            return reference.get_object()
    raise AssertionError(name)


def _assert_integrity_refuted(findings: PdfFindings, code: str, field: str = FIRST) -> None:
    finding = next(one for one in findings.signatures if one.field == field)
    assert (finding.integrity, finding.code) == (Verdict.REFUTED, code)
    assert not is_proven(findings)


def _end_marker(pdf: bytes) -> bytes:
    return pdf[pdf.rindex(b"startxref") :]


def test_a_genuine_file_is_proven(office: Office, executed: bytes) -> None:
    assert is_proven(office.inspect(executed))


def test_objects_appended_without_a_table_are_refuted(office: Office, signed_once: bytes) -> None:
    forged = signed_once + b"1 0 obj\n<</Type /Catalog>>\nendobj\n"
    _assert_integrity_refuted(office.inspect(forged), "unaccounted_bytes")


def test_objects_appended_with_a_copied_end_marker_are_refuted(office: Office, signed_once: bytes) -> None:
    forged = signed_once + b"1 0 obj\n<</Type /Catalog>>\nendobj\n" + _end_marker(signed_once)
    _assert_integrity_refuted(office.inspect(forged), "unaccounted_bytes")


def test_an_undeclared_object_inside_a_well_formed_revision_is_refuted(
    office: Office, signed_once: bytes
) -> None:
    forged = _appended(signed_once, lambda writer: writer.update_root())
    body = forged[len(signed_once) :]
    hidden = b"\n77777 0 obj\n<</Type /Page>>\nendobj"
    cut = body.index(b"endobj") + len(b"endobj")
    moved = len(forged) + len(hidden)
    forged = signed_once + body[:cut] + hidden + body[cut:]
    table = forged.rindex(b"xref\n0 ")
    forged = re.sub(rb"startxref\n\d+\n%%EOF\s*\Z", b"startxref\n%d\n%%%%EOF\n" % table, forged)
    forged = _shifted(forged, table, len(signed_once) + cut, len(hidden))
    assert len(forged) == moved
    _assert_integrity_refuted(office.inspect(forged), "unaccounted_bytes")


def _shifted(pdf: bytes, table: int, beyond: int, by: int) -> bytes:
    def corrected(entry: re.Match[bytes]) -> bytes:
        offset = int(entry[1])
        return b"%010d 00000 n" % (offset + by if beyond <= offset < 9_999_999 else offset)

    return pdf[:table] + re.sub(rb"(\d{10}) 00000 n", corrected, pdf[table:])


def test_a_page_redefined_in_a_later_revision_is_refuted(office: Office, signed_once: bytes) -> None:
    def change(writer: IncrementalPdfFileWriter) -> None:
        stream = generic.StreamObject(stream_data=b"0 g 0 0 600 800 re f")
        _page(writer)[pdf_name("/Contents")] = writer.add_object(stream)

    _assert_integrity_refuted(office.inspect(_appended(signed_once, change)), "changed_after_signing")


def test_a_page_added_in_a_later_revision_is_refuted(office: Office, signed_once: bytes) -> None:
    def change(writer: IncrementalPdfFileWriter) -> None:
        pages = writer.root["/Pages"]
        copy = generic.DictionaryObject(_page(writer))
        pages["/Kids"].append(writer.add_object(copy))
        pages[pdf_name("/Count")] = generic.NumberObject(2)
        writer.update_container(pages)

    _assert_integrity_refuted(office.inspect(_appended(signed_once, change)), "changed_after_signing")


def test_an_annotation_over_the_text_is_refuted(office: Office, signed_once: bytes) -> None:
    def change(writer: IncrementalPdfFileWriter) -> None:
        note = generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Annot"),
                pdf_name("/Subtype"): pdf_name("/FreeText"),
                pdf_name("/Rect"): generic.ArrayObject(
                    [generic.NumberObject(n) for n in (40, 700, 540, 780)]
                ),
                pdf_name("/Contents"): generic.TextStringObject("price: 1 fen"),
            }
        )
        _page(writer)["/Annots"].append(writer.add_object(note))
        writer.update_container(_page(writer)["/Annots"])

    _assert_integrity_refuted(office.inspect(_appended(signed_once, change)), "changed_after_signing")


def test_a_text_field_laid_over_the_contract_is_refuted(office: Office) -> None:
    signed = office.sign(with_fields(with_text_field(draft())), FIRST, certify=True)

    def change(writer: IncrementalPdfFileWriter) -> None:
        _field(writer, "Price")[pdf_name("/V")] = generic.TextStringObject("999")

    assert is_proven(office.inspect(signed))
    _assert_integrity_refuted(office.inspect(_appended(signed, change)), "form_overlay")


def test_one_signature_in_two_fields_is_refuted(office: Office, signed_once: bytes) -> None:
    def change(writer: IncrementalPdfFileWriter) -> None:
        _field(writer, SECOND)[pdf_name("/V")] = _field(writer, FIRST).raw_get("/V")

    findings = office.inspect(_appended(signed_once, change))
    _assert_integrity_refuted(findings, "shared_signature")
    _assert_integrity_refuted(findings, "shared_signature", SECOND)


def test_a_copied_signature_object_is_refuted(office: Office, signed_once: bytes) -> None:
    def change(writer: IncrementalPdfFileWriter) -> None:
        original = _field(writer, FIRST)["/V"]
        _field(writer, SECOND)[pdf_name("/V")] = writer.add_object(generic.DictionaryObject(original))

    findings = office.inspect(_appended(signed_once, change))
    assert all(one.integrity is Verdict.REFUTED for one in findings.signatures)


def test_a_stripped_signature_leaves_its_field_empty_and_other_executed_bytes(
    office: Office, signed_once: bytes, signed_twice: bytes
) -> None:
    stripped, whole = office.inspect(signed_once), office.inspect(signed_twice)
    assert [one.field for one in stripped.signatures] == [FIRST]
    assert SECOND in stripped.fields
    assert stripped.executed != whole.executed


def test_a_visible_field_added_after_an_approval_signature_is_refuted(office: Office) -> None:
    approved = office.sign(with_fields(draft(), (FIRST,)), FIRST)
    with_sneaky = with_fields(approved, ("Sneaky",))
    forged = office.sign(with_sneaky, "Sneaky")
    _assert_integrity_refuted(office.inspect(forged), "field_added")


def test_a_field_added_after_certification_is_refuted(office: Office, signed_once: bytes) -> None:
    _assert_integrity_refuted(office.inspect(with_fields(signed_once, ("Sneaky",))), "changed_after_signing")


def test_a_changed_title_is_refuted(office: Office, signed_once: bytes) -> None:
    def change(writer: IncrementalPdfFileWriter) -> None:
        info = writer.prev.trailer.raw_get("/Info")
        info.get_object()[pdf_name("/Title")] = generic.TextStringObject("another contract")
        writer.mark_update(info.reference)

    _assert_integrity_refuted(office.inspect(_appended(signed_once, change)), "metadata_changed")


def _last_signature(pdf: bytes) -> slice:
    """Bytes of the party signature's dictionary in a file signed once."""
    start = pdf.index(b"/Type /Sig\n") if b"/Type /Sig\n" in pdf else pdf.index(b"/ByteRange")
    start = pdf.rindex(b" obj", 0, start)
    return slice(start, pdf.index(b"endobj", start))


@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [
        (rb"/ByteRange \[[^\]]*\]", b"/ByteRange null"),
        (rb"/ByteRange \[[^\]]*\]", b"/ByteRange [0 0 0 0]"),
        (rb"/ByteRange \[[^\]]*\]", b"/ByteRange [0 10 20 -5]"),
        (rb"/ByteRange \[[^\]]*\]", b"/ByteRange [0 99999999 99999999 9]"),
        (rb"/ByteRange \[[^\]]*\]", b"/ByteRange [0 10]"),
        (rb"/ByteRange", b"/ByteRanje"),
        (rb"/Contents <[0-9A-F]*>", b"/Contents null"),
        (rb"/Contents <[0-9A-F]*>", b"/Contents <>"),
        (rb"/Contents <[0-9A-F]*>", b"/Contents <00>"),
        (rb"/Contents", b"/Kontents"),
        (rb"/SubFilter /ETSI.CAdES.detached", b"/SubFilter /ETSI.CAdES.detacheX"),
        (rb"/SubFilter /ETSI.CAdES.detached", b"/SubFilter /adbe.x509.rsa_sha1"),
        (rb"/Type /Sig", b"/Type /Six"),
        (rb"/Type /Sig", b"/Type /DocTimeStamp"),
    ],
)
def test_a_universal_forgery_of_the_signature_object_is_never_proven(
    office: Office, signed_once: bytes, pattern: bytes, replacement: bytes
) -> None:
    place = _last_signature(signed_once)
    original = signed_once[place]
    changed = re.sub(pattern, replacement, original, count=1)
    assert changed != original
    forged = signed_once[: place.start] + changed.ljust(len(original)) + signed_once[place.stop :]
    try:
        findings = office.inspect(forged[: len(signed_once)])
    except UnreadablePdfError:
        return
    assert not is_proven(findings)
    assert findings.tail is not Verdict.PROVEN


def test_a_widened_gap_is_refuted(office: Office, signed_once: bytes) -> None:
    """Signature wrapping: more than the signature is left unsigned."""
    found = re.search(rb"/ByteRange \[ ?(\d+) (\d+) (\d+) (\d+)\s*\]\s*", signed_once)
    assert found
    length, resume, rest = (int(number) for number in found.groups()[1:])
    wider = b"/ByteRange [0 %d %d %d]" % (length - 40, resume, rest)
    forged = signed_once.replace(found[0], wider.ljust(len(found[0])), 1)
    _assert_integrity_refuted(office.inspect(forged), "unsigned_gap")


def test_bytes_behind_the_cms_are_refuted(office: Office, signed_once: bytes) -> None:
    end = re.search(rb"/Contents <[0-9A-F]*(0000)>", signed_once)
    assert end
    forged = signed_once[: end.start(1)] + b"DEAD" + signed_once[end.end(1) :]
    _assert_integrity_refuted(office.inspect(forged), "padded_signature")


def test_a_signature_over_part_of_its_revision_is_refuted(office: Office, signed_once: bytes) -> None:
    found = re.search(rb"/ByteRange \[ ?(\d+) (\d+) (\d+) (\d+)\s*\]\s*", signed_once)
    assert found
    length, resume, rest = (int(number) for number in found.groups()[1:])
    shorter = b"/ByteRange [0 %d %d %d]" % (length, resume, rest - 12)
    forged = signed_once.replace(found[0], shorter.ljust(len(found[0])), 1)
    _assert_integrity_refuted(office.inspect(forged), "partial_revision")


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_file_with_one_flipped_bit_in_the_executed_part_is_never_proven(
    office: Office, signed_once: bytes, data: st.DataObject
) -> None:
    executed = office.inspect(signed_once).executed
    assert executed
    place = data.draw(st.integers(0, executed.length - 1))
    forged = bytearray(signed_once)
    forged[place] ^= 1 << data.draw(st.integers(0, 7))
    try:
        findings = office.inspect(bytes(forged))
    except UnreadablePdfError:
        return
    assert not is_proven(findings)


class _Sha1Signer(CredentialSigner):
    """Signs with SHA-1, as ours refuses to."""

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        key = self._key
        assert isinstance(key, SoftwareKey)
        return bytes(72) if dry_run else key.private_key.sign(data, ec.ECDSA(hashes.SHA1()))


def test_a_sha1_signature_is_refuted(office: Office, prepared: bytes) -> None:
    forged = bare_signature(prepared, FIRST, _Sha1Signer(office.person()), moment=START, digest="sha1")
    _assert_integrity_refuted(office.inspect(forged), "weak_algorithm")


def test_a_look_alike_authority_is_refuted(office: Office, forger: Office, prepared: bytes) -> None:
    finding = office.inspect(forger.sign(prepared, FIRST, certify=True)).signatures[0]
    assert finding.integrity is Verdict.PROVEN
    assert finding.chain is Verdict.REFUTED
    assert finding.code in {"look_alike_ca", "look_alike_tsa"}


def test_a_stranger_is_undecided_and_his_signature_still_intact(office: Office, prepared: bytes) -> None:
    key = SoftwareKey.generate()
    root = certify_authority(
        authority_name("Some other CA"), key, issuer=None, path_length=0, moment=office.clock.now(), days=9
    )
    own = SoftwareKey.generate()
    leaf = certify_signer(
        subject_name("李四", organisation=None, organisation_id=None),
        own.public_key_der,
        issuer=Authority(certificate=root, key=key),
        moment=office.clock.now(),
        lifetime=timedelta(hours=1),
    )
    chain = (leaf, root.public_bytes(Encoding.DER))
    stranger = Credential(certificate=chain[0], chain=chain, key=own)
    signed = bare_signature(prepared, FIRST, CredentialSigner(stranger), moment=START, authority=office.tsa)
    finding = office.inspect(
        with_revocation_lists(signed, office.ca.crls_for(_tsa_chain(office)))
    ).signatures[0]
    assert (finding.integrity, finding.timestamp) == (Verdict.PROVEN, Verdict.PROVEN)
    assert (finding.chain, finding.code) == (Verdict.UNDECIDED, "unknown_issuer")


def test_a_signature_by_another_key_than_the_certificates_is_refuted(office: Office, prepared: bytes) -> None:
    honest = office.person()
    stolen = Credential(certificate=honest.certificate, chain=honest.chain, key=SoftwareKey.generate())
    forged = bare_signature(prepared, FIRST, CredentialSigner(stolen), moment=START, authority=office.tsa)
    _assert_integrity_refuted(office.inspect(forged), "signature_forged")


def test_a_timestamp_by_a_look_alike_authority_is_refuted(
    office: Office, forger: Office, prepared: bytes
) -> None:
    signed = bare_signature(
        prepared, FIRST, CredentialSigner(office.person()), moment=START, authority=forger.tsa
    )
    finding = office.inspect(signed).signatures[0]
    assert (finding.timestamp, finding.timestamp_utc) == (Verdict.REFUTED, None)
    assert finding.code == "look_alike_tsa"


def test_an_untrusted_timestamp_leaves_time_and_chain_undecided(office: Office, signed_once: bytes) -> None:
    trust = SignatureTrust(ca_roots=office.ca.roots, tsa_roots=())
    finding = office.inspect(signed_once, trust).signatures[0]
    assert (finding.timestamp, finding.chain) == (Verdict.UNDECIDED, Verdict.UNDECIDED)
    assert (finding.code, finding.timestamp_utc) == ("unknown_tsa", None)


def test_a_signature_without_a_timestamp_is_undecided(office: Office, prepared: bytes) -> None:
    signed = bare_signature(prepared, FIRST, CredentialSigner(office.person()), moment=START)
    finding = office.inspect(signed).signatures[0]
    assert (finding.integrity, finding.timestamp) == (Verdict.PROVEN, Verdict.UNDECIDED)
    assert (finding.chain, finding.code) == (Verdict.UNDECIDED, "timestamp_pending")


def test_a_signature_without_revocation_data_is_undecided(office: Office, prepared: bytes) -> None:
    signed = bare_signature(
        prepared, FIRST, CredentialSigner(office.person()), moment=START, authority=office.tsa
    )
    finding = office.inspect(signed).signatures[0]
    assert (finding.chain, finding.code) == (Verdict.UNDECIDED, "no_revocation_data")


def _tsa_chain(office: Office) -> tuple[bytes, ...]:
    return office.ca.tsa_credential.chain


def test_a_revoked_signer_is_refuted(office: Office, prepared: bytes) -> None:
    credential = office.person()
    office.ca.revoke(credential.certificate)
    office.clock.advance(timedelta(minutes=2))
    signed = bare_signature(prepared, FIRST, CredentialSigner(credential), moment=START, authority=office.tsa)
    crls = office.ca.crls_for((*credential.chain, *_tsa_chain(office)))
    finding = office.inspect(with_revocation_lists(signed, crls)).signatures[0]
    assert (finding.integrity, finding.timestamp) == (Verdict.PROVEN, Verdict.PROVEN)
    assert (finding.chain, finding.code) == (Verdict.REFUTED, "revoked_signer")


def test_a_revoked_signer_cannot_sign_here(office: Office, prepared: bytes) -> None:
    credential = office.person()
    office.ca.revoke(credential.certificate)
    with pytest.raises(RevocationUnavailableError):
        office.sign(prepared, FIRST, certify=True, credential=credential)


def test_an_expired_signer_is_refuted(office: Office, prepared: bytes) -> None:
    credential = office.person()
    office.clock.advance(timedelta(minutes=30))
    signed = bare_signature(prepared, FIRST, CredentialSigner(credential), moment=START, authority=office.tsa)
    crls = office.ca.crls_for((*credential.chain, *_tsa_chain(office)))
    finding = office.inspect(with_revocation_lists(signed, crls)).signatures[0]
    assert (finding.chain, finding.code) == (Verdict.REFUTED, "expired_certificate")


def test_a_certificate_not_meant_for_signing_is_refuted(office: Office, prepared: bytes) -> None:
    signed = bare_signature(
        prepared, FIRST, CredentialSigner(office.ca.tsa_credential), moment=START, authority=office.tsa
    )
    signed = with_revocation_lists(signed, office.ca.crls_for(_tsa_chain(office)))
    trust = SignatureTrust(ca_roots=office.ca.tsa_roots, tsa_roots=office.ca.tsa_roots)
    finding = office.inspect(signed, trust).signatures[0]
    assert (finding.chain, finding.code) == (Verdict.REFUTED, "wrong_key_usage")


def test_a_rewritten_file_is_never_proven(office: Office, signed_once: bytes) -> None:
    """Shadow attacks by whole-file rewriting: new object numbers, same look."""
    output = BytesIO()
    pikepdf.open(BytesIO(signed_once)).save(output)
    assert not is_proven(office.inspect(output.getvalue()))


def test_a_broken_archive_timestamp_refutes_the_tail(office: Office, signed_once: bytes) -> None:
    stamp = signed_once.rindex(b"/Type /DocTimeStamp")
    contents = signed_once.rindex(b"/Contents <30", 0, stamp) + len(b"/Contents <") + 2400
    digit = b"0" if signed_once[contents : contents + 1] != b"0" else b"1"
    forged = signed_once[:contents] + digit + signed_once[contents + 1 :]
    findings = office.inspect(forged)
    assert findings.signatures[0].integrity is Verdict.PROVEN
    assert (findings.tail, findings.tail_code) == (Verdict.REFUTED, "archive_timestamp_broken")


def test_the_certificate_of_every_party_is_named_exactly(office: Office, executed: bytes) -> None:
    names = [one.signer.common_name for one in office.inspect(executed).signatures if one.signer]
    assert names[0] == "张三"
    assert names[1].endswith("供用电合同专用章 TEST")
    assert x509.Certificate.load(office.ca.roots[0]).subject.native["common_name"].count("TEST") == 1
