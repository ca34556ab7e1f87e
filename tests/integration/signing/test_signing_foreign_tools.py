"""PDFs signed by other people's tools, NSS, mutool and ``openssl cms``: told what holds, and nobody's.

No line of pyHanko or of ours made these signatures. A byte that is changed afterwards is found.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from asn1crypto import cms

from kernel.verdict import Verdict
from signing.model import Modification, PdfFindings
from tests.integration.signing.foreign_files import (
    in_ber,
    run,
    signed_by_mutool,
    signed_by_nss,
    signed_by_openssl,
)
from tests.unit.signing.signed_samples import Office, is_proven


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office.founded(tmp_path / "office")


def verify_nobodys(findings: PdfFindings) -> None:
    (one,) = findings.signatures
    assert findings.foreign
    assert (one.integrity, one.modification) == (Verdict.PROVEN, Modification.NONE), one
    assert one.chain is Verdict.UNDECIDED
    assert one.signer is not None
    assert one.signer.common_name == "Jean Dupont"
    assert not is_proven(findings)


def test_a_signature_by_openssl_is_intact_and_nobodys(office: Office, tmp_path: Path) -> None:
    signed = signed_by_openssl(tmp_path)
    verify_nobodys(office.inspect(signed))
    verify_changed(office, signed, b"[ 0 0 300 300 ]", b"[ 0 0 300 301 ]")


def verify_changed(office: Office, signed: bytes, old: bytes, new: bytes) -> None:
    changed = signed.replace(old, new, 1)
    assert changed != signed
    (one,) = office.inspect(changed).signatures
    assert (one.integrity, one.integrity_code) == (Verdict.REFUTED, "content_changed")


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        (("-cades",), ("rsa:2048",)),
        (("-noattr",), ("rsa:2048",)),
        (("-keyopt", "rsa_padding_mode:pss"), ("rsa:2048",)),
        (("-keyid",), ("ec", "-pkeyopt", "ec_paramgen_curve:P-384")),
    ],
    ids=["cades", "no-attributes", "pss", "p384-by-key-id"],
)
@pytest.mark.parametrize("encoding", [bytes, in_ber], ids=["der", "ber"])
def test_whatever_openssl_writes_is_intact_and_nobodys(
    office: Office,
    tmp_path: Path,
    options: tuple[str, ...],
    kind: tuple[str, ...],
    encoding: Callable[[bytes], bytes],
) -> None:
    signed = signed_by_openssl(tmp_path, *options, kind=kind, change=encoding)
    verify_nobodys(office.inspect(signed))
    verify_changed(office, signed, b"[ 0 0 300 300 ]", b"[ 0 0 300 301 ]")


def test_a_message_with_the_content_inside_is_left_open(office: Office, tmp_path: Path) -> None:
    """Streaming, openssl writes BER and puts the content in: ISO 32000-2 12.8.3.3.1 forbids that."""
    signed = signed_by_openssl(tmp_path, "-stream")
    (one,) = office.inspect(signed).signatures
    assert (one.integrity, one.integrity_code) == (Verdict.UNDECIDED, "content_inside")


@pytest.mark.parametrize("encoding", [bytes, in_ber], ids=["der", "ber"])
def test_a_signature_over_sha1_is_refuted_in_either_encoding(
    office: Office, tmp_path: Path, encoding: Callable[[bytes], bytes]
) -> None:
    (one,) = office.inspect(signed_by_openssl(tmp_path, digest="sha1", change=encoding)).signatures
    assert (one.integrity, one.integrity_code) == (Verdict.REFUTED, "weak_algorithm")


def test_a_short_key_is_refuted(office: Office, tmp_path: Path) -> None:
    (one,) = office.inspect(signed_by_openssl(tmp_path, kind=("rsa:1024",))).signatures
    assert (one.integrity, one.integrity_code) == (Verdict.REFUTED, "weak_algorithm")


def test_bytes_behind_a_message_in_ber_are_refuted(office: Office, tmp_path: Path) -> None:
    """No length says where it ends, but the reading of it does."""
    signed = signed_by_openssl(tmp_path, change=lambda message: in_ber(message) + b"\x04\x01x")
    (one,) = office.inspect(signed).signatures
    assert (one.integrity, one.integrity_code) == (Verdict.REFUTED, "padded_signature")


def test_a_signature_by_nss_is_intact_and_nobodys(office: Office, tmp_path: Path) -> None:
    """In BER, where ISO 32000-2 12.8.3 asks for DER."""
    signed = signed_by_nss(tmp_path)
    assert re.search(rb"/Contents\s*<3080", signed)
    verify_nobodys(office.inspect(signed))
    verify_changed(office, signed, b" 842 ", b" 841 ")


def test_a_signature_by_mutool_is_refuted_for_its_digest(office: Office, tmp_path: Path) -> None:
    """mutool 1.21 signs with SHA-1."""
    (one,) = office.inspect(signed_by_mutool(tmp_path)).signatures
    assert (one.integrity, one.integrity_code) == (Verdict.REFUTED, "weak_algorithm")


def test_the_judges_agree_on_a_signature_in_ber(tmp_path: Path) -> None:
    path = tmp_path / "judged.pdf"
    path.write_bytes(signed_by_openssl(tmp_path, change=in_ber))
    assert b"Signature is Valid." in run("pdfsig", "-nocert", str(path))
    assert b"The document is unchanged since signing." in run("mutool", "sign", "-v", str(path))


def test_attributes_sent_in_another_order_than_signed_are_left_open(office: Office, tmp_path: Path) -> None:
    """RFC 5652 §5.4 has the signature over their DER; pdfsig and mutool take them as they were sent."""
    signed = signed_by_openssl(tmp_path, change=in_reverse)
    (one,) = office.inspect(signed).signatures
    assert (one.integrity, one.integrity_code) == (Verdict.UNDECIDED, "signature_not_der")
    path = tmp_path / "judged.pdf"
    path.write_bytes(signed)
    assert b"Signature is Invalid." in run("pdfsig", "-nocert", str(path))


def in_reverse(message: bytes) -> bytes:
    signer = cms.ContentInfo.load(message)["content"]["signer_infos"][0]
    attributes = [bytes(one.dump()) for one in signer["signed_attrs"]]
    assert message.count(b"".join(attributes)) == 1
    return message.replace(b"".join(attributes), b"".join(reversed(attributes)))


def test_the_other_tool_finds_the_signature_by_openssl_valid_as_well(tmp_path: Path) -> None:
    path = tmp_path / "signed.pdf"
    path.write_bytes(signed_by_openssl(tmp_path))
    assert b"Signature is Valid." in run("pdfsig", "-nocert", str(path))
