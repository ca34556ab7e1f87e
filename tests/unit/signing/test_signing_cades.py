"""Detached signatures: proven, refuted or undecided, and never anything else."""

from __future__ import annotations

import pytest
from asn1crypto import cms
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.errors import RefutedError
from signing.cades import (
    DetachedSignatureRefutedError,
    DetachedSignatureUndecidedError,
    MalformedCmsError,
    UntrustedCredentialError,
    sign_detached,
    verify_detached,
)
from signing.model import SignatureTrust
from signing.signed_message import MOST_LISTS
from tests.unit.signing.signed_samples import COMPANY, Office

CONTENT = "证据包 manifest".encode()


@pytest.fixture(scope="module")
def signature(office: Office) -> bytes:
    return sign_detached(
        CONTENT, office.seal(), office.tsa, office.ca, (*office.ca.roots, *office.ca.tsa_roots)
    )


def test_a_genuine_signature_gives_signer_and_time(office: Office, signature: bytes) -> None:
    signer, moment = verify_detached(CONTENT, signature, office.trust)
    assert signer.organisation == COMPANY
    assert moment <= office.clock.now()


def test_the_content_is_not_inside(signature: bytes) -> None:
    assert CONTENT not in signature


def test_other_content_is_refuted(office: Office, signature: bytes) -> None:
    with pytest.raises(DetachedSignatureRefutedError) as problem:
        verify_detached(CONTENT + b".", signature, office.trust)
    assert problem.value.finding == "content_changed"


def test_a_look_alike_is_refuted(forger: Office, office: Office) -> None:
    forged = sign_detached(CONTENT, forger.seal(), forger.tsa, forger.ca, forger.ca.roots)
    with pytest.raises(DetachedSignatureRefutedError) as problem:
        verify_detached(CONTENT, forged, office.trust)
    assert problem.value.finding.startswith("look_alike")


def test_an_unknown_issuer_is_undecided(office: Office, signature: bytes) -> None:
    with pytest.raises(DetachedSignatureUndecidedError) as problem:
        verify_detached(CONTENT, signature, SignatureTrust(ca_roots=(), tsa_roots=office.ca.tsa_roots))
    assert problem.value.finding == "unknown_issuer"


def test_an_unknown_time_stamping_authority_is_undecided(office: Office, signature: bytes) -> None:
    with pytest.raises(DetachedSignatureUndecidedError) as problem:
        verify_detached(CONTENT, signature, SignatureTrust(ca_roots=office.ca.roots, tsa_roots=()))
    assert problem.value.finding == "unknown_tsa"


def test_without_its_lists_it_is_undecided(office: Office, signature: bytes) -> None:
    message = cms.ContentInfo.load(signature)
    message["content"]["crls"] = []
    with pytest.raises(DetachedSignatureUndecidedError) as problem:
        verify_detached(CONTENT, message.dump(), office.trust)
    assert problem.value.finding == "no_revocation_data"


def test_a_credential_of_another_authority_is_rejected(office: Office, forger: Office) -> None:
    with pytest.raises(UntrustedCredentialError):
        sign_detached(CONTENT, forger.seal(), office.tsa, office.ca, office.ca.roots)


@pytest.mark.parametrize("content", [b"", b"\x30\x00", b"not DER at all"])
def test_what_is_no_cms_is_malformed(office: Office, content: bytes) -> None:
    with pytest.raises(MalformedCmsError):
        verify_detached(CONTENT, content, office.trust)


def test_a_signature_with_a_heap_of_lists_is_not_read(office: Office, signature: bytes) -> None:
    """Nobody signed that they are there, and six thousand of them took a quarter of a minute."""
    heaped = cms.ContentInfo.load(signature)
    heaped["content"]["crls"] = list(heaped["content"]["crls"]) * MOST_LISTS
    with pytest.raises(MalformedCmsError):
        verify_detached(CONTENT, heaped.dump(), office.trust)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_flipped_bit_never_changes_signer_or_time(
    office: Office, signature: bytes, data: st.DataObject
) -> None:
    """Most flips refute; one in spare certificates or lists may leave the proof as it was."""
    genuine = verify_detached(CONTENT, signature, office.trust)
    forged = bytearray(signature)
    forged[data.draw(st.integers(0, len(signature) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    try:
        found = verify_detached(CONTENT, bytes(forged), office.trust)
    except (RefutedError, DetachedSignatureUndecidedError):
        return
    assert found == genuine
