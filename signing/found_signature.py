"""The signatures on file: read one by one, each judged for its own shape (rules V1, V2, V6).

A signature that cannot even be read is a finding, not an error. Decides nothing on trust
and nothing on what came after. A message in BER is read as DER; whether that is good enough
depends on whose file it is (``demand_der``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from asn1crypto import cms
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import extract_signer_info
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature, extract_contents
from pyhanko.sign.validation.status import SignatureCoverageLevel

from signing.byte_ranges import judge_byte_range
from signing.judgement import SOUND, Judgement, pass_exhaustion, refuted, undecided
from signing.message_encoding import (
    MessageEncoding,
    MessageEncodingError,
    MessageTooLargeError,
    read_encoding,
)
from signing.pdf_reading import FieldOnFile, SlowPdfError
from signing.signed_message import SignedMessage

__all__ = [
    "NOT_DER",
    "SIGNATURE_FORMATS",
    "TIMESTAMP_FORMATS",
    "FoundSignature",
    "FoundSignatures",
    "PartySignature",
    "unreadable",
]

SIGNATURE_FORMATS = frozenset({"/ETSI.CAdES.detached", "/adbe.pkcs7.detached"})
TIMESTAMP_FORMATS = frozenset({"/ETSI.RFC3161"})
BARE_FORMAT = "/adbe.x509.rsa_sha1"
SHA1_FORMATS = frozenset({"/adbe.pkcs7.sha1", BARE_FORMAT})
"""Formats of old that sign a SHA-1 digest whatever algorithm they name (ISO 32000-2 12.8.3.3, deprecated)."""
NOT_DER = undecided("signature_not_der", "the signature is not in DER, which ISO 32000-2 12.8.3 asks for")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSignature:
    """One readable signature: its field, pyHanko's view of it, the bytes it covers.

    ``covered`` is 0 where the byte range is not sound; ``shape`` says why.
    """

    field: FieldOnFile
    embedded: EmbeddedPdfSignature
    covered: int
    shape: Judgement

    @property
    def revision(self) -> int:
        """The signed revision, 0-based."""
        return int(self.embedded.signed_revision)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartySignature(FoundSignature):
    """A signature of a person or seal, with its CMS message; ``strict`` if that was written in DER."""

    message: SignedMessage
    strict: bool


class FoundSignatures:
    """All signatures of a file in the order of their revisions, and those that cannot be read."""

    def __init__(self, pdf: bytes, reader: PdfFileReader, fields: Sequence[FieldOnFile]) -> None:
        """Read every signed field."""
        self._pdf = pdf
        self._reader = reader
        self.broken: list[tuple[str, Judgement]] = []
        found = [one for field in fields if field.signed for one in self._attempt(field)]
        readable = sorted(found, key=lambda one: one.revision)
        self.parties = tuple(one for one in readable if isinstance(one, PartySignature))
        self.timestamps = tuple(one for one in readable if not isinstance(one, PartySignature))
        self._objects = Counter(one.field.value for one in readable)
        self._copies = Counter(one.embedded.pkcs7_content for one in readable)
        self._names = Counter(field.name for field in fields)

    def demand_der(self) -> None:
        """Leave what is written in BER unjudged: our own signatures have one encoding each, and no other."""
        self.parties = tuple(
            one if one.strict else replace(one, shape=NOT_DER, covered=0) for one in self.parties
        )

    def judge_form(self, found: FoundSignature, accepted: frozenset[str]) -> Judgement:
        """An accepted format, shared with no other field, over exactly one whole revision."""
        written = str(found.embedded.sig_object.get("/SubFilter", ""))
        if written in SHA1_FORMATS:
            return _weak(written)
        if written not in accepted:
            return refuted("unknown_format", f"signature format '{written}' is not accepted")
        if self._objects[found.field.value] > 1 or self._copies[found.embedded.pkcs7_content] > 1:
            return refuted("shared_signature", "two fields show one and the same signature")
        if self._names[found.field.name] > 1:
            return refuted("doubled_field", "two signature fields bear the same name")
        return found.shape

    def _attempt(self, field: FieldOnFile) -> list[FoundSignature]:
        try:
            return [self._read(field)]
        except MessageTooLargeError as problem:
            raise SlowPdfError("values of a signature") from problem
        except Exception as problem:  # noqa: BLE001 - pyHanko raises anything over a forged signature (V1)
            pass_exhaustion(problem)
            self.broken.append((field.name, unreadable(problem)))
            return []

    def _read(self, field: FieldOnFile) -> FoundSignature:
        if field.value is None:
            raise ValueError("the signature is not an object of its own")
        if field.field["/V"].get("/SubFilter") == BARE_FORMAT:
            raise _NoMessageError
        encoding = _bounded(extract_contents(field.field["/V"]))
        embedded = EmbeddedPdfSignature(self._reader, field.field, field.name)
        shape = self._judge_range(embedded)
        _, _, resume, rest = embedded.byte_range if shape is SOUND else (0, 0, 0, 0)
        covered = int(resume) + int(rest)
        if embedded.sig_object_type == "/DocTimeStamp":
            shape = _judge_stamp(embedded.pkcs7_content, encoding) if shape is SOUND else shape
            return FoundSignature(field=field, embedded=embedded, covered=covered, shape=shape)
        if isinstance(encoding, MessageEncodingError):
            raise encoding
        shape = _judge_padding(embedded.pkcs7_content, encoding) if shape is SOUND else shape
        return PartySignature(
            field=field,
            embedded=embedded,
            covered=covered if shape is SOUND else 0,
            shape=shape,
            message=_message(embedded, encoding),
            strict=encoding.strict,
        )

    def _judge_range(self, embedded: EmbeddedPdfSignature) -> Judgement:
        byte_range = [part if isinstance(part, int) else None for part in embedded.byte_range]
        shape = judge_byte_range(self._pdf, byte_range, embedded.pkcs7_content)
        if shape is SOUND and embedded.evaluate_signature_coverage() < SignatureCoverageLevel.ENTIRE_REVISION:
            return refuted("partial_revision", "the signature does not cover its whole revision")
        return shape


def _judge_padding(contents: bytes, encoding: MessageEncoding) -> Judgement:
    if contents[encoding.length :].strip(b"\0"):
        return refuted("padded_signature", "bytes other than zeros stand behind the signature")
    return SOUND


def _bounded(contents: bytes) -> MessageEncoding | MessageEncodingError:
    """Read within the limits before any other parser does; what is no BER is the caller's to judge."""
    try:
        return read_encoding(contents)
    except MessageEncodingError as problem:
        return problem


def _judge_stamp(contents: bytes, encoding: MessageEncoding | MessageEncodingError) -> Judgement:
    """Document timestamps are taken in DER alone: the last one's bytes are covered by nothing else."""
    if isinstance(encoding, MessageEncodingError):
        return refuted("malformed_timestamp", f"the timestamp cannot be read: {encoding}")
    padding = _judge_padding(contents, encoding)
    return NOT_DER if padding is SOUND and not encoding.strict else padding


def _message(embedded: EmbeddedPdfSignature, encoding: MessageEncoding) -> SignedMessage:
    if encoding.strict:
        return SignedMessage.of(embedded.signed_data, embedded.signer_info)
    signed = cms.ContentInfo.load(encoding.der, strict=True)["content"]
    return SignedMessage.of(signed, extract_signer_info(signed))


class _NoMessageError(ValueError):
    """The format holds a bare RSA signature over a SHA-1 digest, no CMS message."""


def unreadable(problem: Exception) -> Judgement:
    """What is said of a signature over which the parsers raised."""
    if isinstance(problem, _NoMessageError):
        return _weak(BARE_FORMAT)
    return refuted(
        "malformed_signature", f"the signature cannot be read: {type(problem).__name__}: {problem}"[:500]
    )


def _weak(written: str) -> Judgement:
    return refuted("weak_algorithm", f"format '{written}' signs a SHA-1 digest, which is broken")
