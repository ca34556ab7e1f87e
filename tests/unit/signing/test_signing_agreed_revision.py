"""Between the agreed bytes and the end of the file stand signatures and nothing else."""

from __future__ import annotations

import re

import pytest
from signed_revisions import with_note, with_page

from signing.agreed_revision import ChangedSinceAgreedError, verify_only_signatures_since
from signing.model import SignatureField
from signing.signature_fields import add_signature_fields
from tests.unit.signing.signed_samples import PARTIES, Office


def test_the_agreed_bytes_alone_and_all_their_signatures_pass(
    office: Office, prepared: bytes, signed_once: bytes, executed: bytes
) -> None:
    for pdf in (prepared, signed_once, executed, office.sign_pending(prepared, PARTIES[0], certify=True)):
        verify_only_signatures_since(pdf, len(prepared), office.trust)


@pytest.mark.parametrize("change", [with_page, with_note])
def test_a_change_before_the_first_signature_is_refuted_although_the_signature_covers_it(
    office: Office, prepared: bytes, change: object
) -> None:
    forged = office.sign(change(prepared), PARTIES[0], certify=True)  # type: ignore[operator]
    with pytest.raises(ChangedSinceAgreedError):
        verify_only_signatures_since(forged, len(prepared), office.trust)


@pytest.mark.parametrize("change", [with_page, with_note, lambda pdf: pdf + b"\n% more"])
def test_a_change_after_a_signature_is_refuted(
    office: Office, prepared: bytes, signed_twice: bytes, change: object
) -> None:
    with pytest.raises(ChangedSinceAgreedError):
        verify_only_signatures_since(change(signed_twice), len(prepared), office.trust)  # type: ignore[operator]


def test_an_unsigned_revision_is_refuted(office: Office, prepared: bytes) -> None:
    more = add_signature_fields(prepared, [SignatureField(name="Late", page=1, box=(10, 10, 90, 50))])
    with pytest.raises(ChangedSinceAgreedError):
        verify_only_signatures_since(more, len(prepared), office.trust)


def test_a_field_added_before_the_first_signature_is_refuted(office: Office, prepared: bytes) -> None:
    more = add_signature_fields(prepared, [SignatureField(name="Late", page=1, box=(10, 10, 90, 50))])
    with pytest.raises(ChangedSinceAgreedError):
        verify_only_signatures_since(office.sign(more, PARTIES[0], certify=True), len(prepared), office.trust)


def test_a_signature_that_does_not_hold_is_refuted(
    office: Office, prepared: bytes, signed_once: bytes
) -> None:
    place = re.compile(rb"/Contents\s*<30").search(signed_once, len(prepared))
    assert place is not None
    at = place.end() + 200
    digit = b"0" if signed_once[at : at + 1] != b"0" else b"1"
    with pytest.raises(ChangedSinceAgreedError):
        verify_only_signatures_since(
            signed_once[:at] + digit + signed_once[at + 1 :], len(prepared), office.trust
        )
