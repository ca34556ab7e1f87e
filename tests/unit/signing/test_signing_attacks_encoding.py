"""An own signature has one encoding: written in any other way that BER allows it is never proven.

The formats of old that sign a SHA-1 digest are refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from asn1crypto import cms, parser

from kernel.verdict import Verdict
from signing.model import PdfFindings
from tests.unit.signing.foreign_samples import signed_abroad
from tests.unit.signing.signed_samples import Office, draft, is_proven

CONTENTS = re.compile(rb"/Contents <([0-9a-fA-F]+)>")
CONSTRUCTED = 0x20


def rewritten(pdf: bytes, place: int, change: Callable[[bytes], bytes]) -> bytes:
    """The message of one signature of the file written anew in the room it has; ``change`` gets it bare."""
    found = list(CONTENTS.finditer(pdf))[place]
    contents = bytes.fromhex(found[1].decode())
    digits = change(bare(contents)).hex().encode()
    assert len(digits) <= len(found[1])
    return pdf[: found.start(1)] + digits.ljust(len(found[1]), b"0") + pdf[found.end(1) :]


def bare(contents: bytes) -> bytes:
    _, _, _, header, content, trailer = parser.parse(contents)
    return bytes(header + content + trailer)


def opened(message: bytes) -> bytes:
    """The outermost value with an open end."""
    _, _, _, _, content, _ = parser.parse(message)
    return b"\x30\x80" + bytes(content) + b"\0\0"


def opened_within(message: bytes) -> bytes:
    """The outermost value closed, as DER has it, and the one inside with an open end."""
    _, _, _, _, content, _ = parser.parse(message)
    kind = bare(content)
    return sequence(kind + b"\xa0\x80" + bytes(parser.parse(content[len(kind) :])[4]) + b"\0\0")


def spaced(message: bytes) -> bytes:
    """A needless zero in the first length."""
    _, _, _, _, content, _ = parser.parse(message)
    return b"\x30\x83" + len(content).to_bytes(3) + bytes(content)


def sequence(content: bytes) -> bytes:
    return b"\x30\x82" + len(content).to_bytes(2) + content


@pytest.mark.parametrize("change", [opened, opened_within, spaced], ids=lambda one: one.__name__)
@pytest.mark.parametrize("archived", [False, True])
def test_an_own_signature_written_anew_in_ber_is_never_proven(
    office: Office, signed_once: bytes, change: Callable[[bytes], bytes], archived: bool
) -> None:
    """Also where no archive timestamp covers it yet: only its own encoding could tell."""
    first = office.inspect(signed_once).signatures[0].covered_length
    whole = signed_once if archived else signed_once[:first]
    forged = rewritten(whole, 0, change)
    findings = office.inspect(forged)
    assert not findings.foreign
    assert not is_proven(findings)
    assert (findings.signatures[0].integrity, findings.signatures[0].integrity_code) == (
        Verdict.UNDECIDED,
        "signature_not_der",
    )


@pytest.mark.parametrize("change", [opened, opened_within, spaced], ids=lambda one: one.__name__)
def test_an_archive_timestamp_written_anew_in_ber_is_never_proven(
    office: Office, signed_once: bytes, change: Callable[[bytes], bytes]
) -> None:
    findings = office.inspect(rewritten(signed_once, -1, change))
    assert not is_proven(findings)
    (stamp,) = findings.document_timestamps
    assert (stamp.verdict, stamp.code) == (Verdict.UNDECIDED, "signature_not_der")


def with_content(message: bytes) -> bytes:
    """Content of its own in a message that has none; nothing that is signed changes."""
    envelope = cms.ContentInfo.load(message)
    envelope["content"]["encap_content_info"]["content"] = b"another contract"
    return bytes(envelope.dump())


def test_content_slipped_into_an_own_message_is_never_proven(office: Office, signed_once: bytes) -> None:
    first = office.inspect(signed_once).signatures[0].covered_length
    findings = office.inspect(rewritten(signed_once[:first], 0, with_content))
    finding = findings.signatures[0]
    assert (finding.integrity, finding.integrity_code) == (Verdict.UNDECIDED, "content_inside")


@pytest.mark.parametrize("written", [b"/adbe.pkcs7.sha1", b"/adbe.x509.rsa_sha1"])
@pytest.mark.parametrize("ours", [False, True])
def test_a_format_that_signs_a_sha1_digest_is_refuted(
    office: Office, signed_once: bytes, written: bytes, ours: bool
) -> None:
    pdf = signed_once if ours else signed_abroad(draft())
    named = b"/SubFilter /ETSI.CAdES.detached" if ours else b"/SubFilter /adbe.pkcs7.detached"
    findings: PdfFindings = office.inspect(same_length(pdf, named, b"/SubFilter " + written))
    assert not is_proven(findings)
    finding = findings.signatures[0]
    assert (finding.integrity, finding.integrity_code) == (Verdict.REFUTED, "weak_algorithm")


def same_length(pdf: bytes, old: bytes, new: bytes) -> bytes:
    assert pdf.count(old) == 1
    return pdf.replace(old, new.ljust(len(old)))
