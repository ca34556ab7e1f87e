"""Signing: one revision upon another, and nothing made when something is wanting."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from kernel.digests import digests_of
from kernel.sized_bytes import Bytes32
from kernel.verdict import Verdict
from signing.inspection import inspect_pdf
from signing.model import SignatureField
from signing.pdf_reading import (
    GREATEST_PDF,
    EncryptedPdfError,
    MalformedPdfError,
    NotPdfError,
    OversizePdfError,
    TruncatedPdfError,
    UnreadablePdfError,
    open_pdf,
)
from signing.refusals import CannotSignError, RevocationUnavailableError
from signing.rfc3161_authority import TestTsa, TimestampUnavailableError
from signing.signature_fields import add_signature_fields
from signing.software_key import KeyDestroyedError
from tests.unit.signing.signed_samples import (
    COMPANY,
    PARTIES,
    USCC,
    Office,
    draft,
    is_proven,
    saved,
    with_fields,
)


class _FailingTsa(TestTsa):
    """Gives some tokens, then none."""

    def __init__(self, office: Office, tokens: int) -> None:
        super().__init__(office.ca.tsa_credential, office.clock)
        self.left = tokens

    def token_over(self, digest: Bytes32) -> bytes:
        self.left -= 1
        if self.left < 0:
            raise TimestampUnavailableError("test outage")
        return super().token_over(digest)


def test_each_signature_only_appends(
    prepared: bytes, signed_once: bytes, signed_twice: bytes, executed: bytes
) -> None:
    for earlier, later in ((prepared, signed_once), (signed_once, signed_twice), (signed_twice, executed)):
        assert later.startswith(earlier)


def test_later_signatures_leave_the_earlier_ones_valid(office: Office, executed: bytes) -> None:
    findings = office.inspect(executed)
    assert [one.field for one in findings.signatures] == list(PARTIES)
    assert {one.code for one in findings.signatures} == {"ok"}
    assert len(findings.document_timestamps) == len(PARTIES)
    assert set(PARTIES) < set(findings.fields)


def test_the_executed_part_ends_with_the_last_signatures_revision(office: Office, executed: bytes) -> None:
    findings = office.inspect(executed)
    covered = findings.signatures[-1].covered_length
    assert findings.executed == digests_of(executed[:covered])
    assert executed[:covered].rstrip().endswith(b"%%EOF")
    assert findings.tail is Verdict.PROVEN


def test_the_executed_part_alone_is_already_intact(office: Office, executed: bytes) -> None:
    covered = office.inspect(executed).signatures[-1].covered_length
    findings = office.inspect(executed[:covered])
    assert {one.integrity for one in findings.signatures} == {Verdict.PROVEN}
    assert findings.executed == office.inspect(executed).executed


def test_an_archive_renewal_changes_nothing_that_was_executed(office: Office, executed: bytes) -> None:
    renewed = office.renew(executed)
    before, after = office.inspect(executed), office.inspect(renewed)
    assert is_proven(after)
    assert after.executed == before.executed
    assert len(after.document_timestamps) == len(before.document_timestamps) + 1


def test_the_signer_is_read_from_the_certificate(office: Office, signed_once: bytes) -> None:
    signer = office.inspect(signed_once).signatures[0].signer
    assert signer is not None
    assert (signer.common_name, signer.organisation, signer.organisation_id) == ("张三", COMPANY, USCC)
    assert "TEST" in signer.issuer
    assert signer.not_after_utc - signer.not_before_utc <= timedelta(minutes=11)


def test_only_the_first_signature_certifies_and_at_form_filling(signed_twice: bytes) -> None:
    assert signed_twice.count(b"/TransformMethod /DocMDP") == 1
    assert re.search(rb"/V /1.2\s+/P 2\b", signed_twice)


@pytest.mark.parametrize("tokens", [0, 1])
def test_a_timestamp_outage_at_any_step_makes_nothing(office: Office, prepared: bytes, tokens: int) -> None:
    failing = _FailingTsa(office, tokens)
    with pytest.raises(TimestampUnavailableError) as outage:
        office.sign(prepared, PARTIES[0], certify=True, authority=failing)
    assert failing.left == -1
    assert outage.value.retry_after


def test_a_mistyped_field_is_refused_and_not_created(office: Office, prepared: bytes) -> None:
    with pytest.raises(CannotSignError):
        office.sign(prepared, "SuplierPerson", certify=True)


def test_a_field_cannot_be_signed_twice(office: Office, signed_once: bytes) -> None:
    with pytest.raises(CannotSignError):
        office.sign(signed_once, PARTIES[0])


def test_a_second_certification_is_refused(office: Office, signed_once: bytes) -> None:
    with pytest.raises(CannotSignError):
        office.sign(signed_once, PARTIES[1], certify=True)


def test_an_expired_certificate_cannot_sign(office: Office, prepared: bytes) -> None:
    credential = office.person()
    office.clock.advance(timedelta(minutes=30))
    with pytest.raises(RevocationUnavailableError):
        office.sign(prepared, PARTIES[0], certify=True, credential=credential)


def test_with_an_expired_authority_nothing_is_signed_or_stamped(tmp_path: Path) -> None:
    """Complaint 3: an expired certificate is met by the issuer, not by the reader's viewer."""
    own = Office.founded(tmp_path / "ca")
    executed = own.sign(with_fields(draft()), PARTIES[0], certify=True)
    own.clock.advance(timedelta(days=3660))
    with pytest.raises((RevocationUnavailableError, CannotSignError)):
        own.sign(executed, PARTIES[1], credential=own.seal())
    with pytest.raises(RevocationUnavailableError):
        own.renew(executed)


def test_a_signature_is_two_revisions_and_looks_at_no_clock_of_the_machine(
    prepared: bytes, signed_once: bytes
) -> None:
    """The signature, then validation data with the archive timestamp; metadata stay the draft's."""
    before, after = open_pdf(prepared), open_pdf(signed_once)
    assert after.xrefs.total_revisions == before.xrefs.total_revisions + 2
    assert after.root.raw_get("/Metadata") == before.root.raw_get("/Metadata")
    assert b"pyHanko" not in signed_once[len(prepared) :]


def test_a_destroyed_key_cannot_sign(office: Office, prepared: bytes) -> None:
    credential = office.person()
    credential.key.destroy()
    with pytest.raises(KeyDestroyedError):
        office.sign(prepared, PARTIES[0], certify=True, credential=credential)


def test_two_fields_of_one_name_are_refused() -> None:
    with pytest.raises(CannotSignError):
        with_fields(draft(), ("Same", "Same"))


def test_a_field_on_a_page_that_is_not_there_is_refused() -> None:
    with pytest.raises(CannotSignError):
        add_signature_fields(draft(), [SignatureField(name="A", page=2, box=(0, 0, 9, 9))])


def test_a_field_stands_where_it_was_placed(prepared: bytes) -> None:
    with pikepdf.open(BytesIO(prepared)) as opened:
        fields = list(opened.Root.AcroForm.Fields)
        assert [str(field.T) for field in fields] == list(PARTIES)
        assert [float(side) for side in fields[0].Rect] == [40, 60, 160, 118]


def test_the_appearance_fills_the_field(signed_once: bytes) -> None:
    with pikepdf.open(BytesIO(signed_once)) as opened:
        shown = opened.Root.AcroForm.Fields[0].AP.N
        drawn = shown.Resources.XObject["/Drawn"]
        assert b"107 45 re S" in drawn.read_bytes() or b"107 45 re S" in b"".join(
            inner.read_bytes() for inner in drawn.get("/Resources", {}).get("/XObject", {}).values()
        )


def test_a_file_without_signatures_is_undecided(office: Office) -> None:
    findings = office.inspect(draft())
    assert (findings.signatures, findings.executed, findings.fields) == ((), None, ())
    assert (findings.tail, findings.tail_code) == (Verdict.UNDECIDED, "no_signature")


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", NotPdfError),
        (b"PK\x03\x04 a zip", NotPdfError),
        (b"%PDF-1.7\nnothing more", TruncatedPdfError),
        (b"%PDF-1.7\nstartxref\n99999\n%%EOF\n", MalformedPdfError),
        (b"%PDF-1.7\n" + bytes(GREATEST_PDF), OversizePdfError),
    ],
)
def test_what_cannot_be_read_is_named(
    office: Office, content: bytes, error: type[UnreadablePdfError]
) -> None:
    with pytest.raises(error) as problem:
        inspect_pdf(content, office.trust)
    assert problem.value.code == error.code
    assert problem.value.zh


def test_an_encrypted_file_is_named(office: Office) -> None:
    with pikepdf.open(BytesIO(draft())) as opened:
        locked = saved(opened, encryption=pikepdf.Encryption(owner="o", user="u"))
    with pytest.raises(EncryptedPdfError):
        office.inspect(locked)


def test_a_broken_download_is_truncated_and_not_forged(office: Office, executed: bytes) -> None:
    with pytest.raises(TruncatedPdfError):
        office.inspect(executed[:-1500])


def test_inspection_works_inside_a_running_loop(office: Office, signed_once: bytes) -> None:
    import asyncio

    async def from_within() -> bool:
        return is_proven(office.inspect(signed_once))

    assert asyncio.run(from_within())
