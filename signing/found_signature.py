"""The signatures on file: read one by one, each judged for its own shape (rules V1, V2, V6).

A signature that cannot even be read is a finding, not an error. Decides nothing on trust
and nothing on what came after.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel

from signing.byte_ranges import judge_byte_range
from signing.judgement import SOUND, Judgement, pass_exhaustion, refuted
from signing.pdf_reading import FieldOnFile
from signing.signed_message import SignedMessage

__all__ = ["SIGNATURE_FORMATS", "TIMESTAMP_FORMATS", "FoundSignature", "FoundSignatures", "PartySignature"]

SIGNATURE_FORMATS = frozenset({"/ETSI.CAdES.detached", "/adbe.pkcs7.detached"})
TIMESTAMP_FORMATS = frozenset({"/ETSI.RFC3161"})


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
    """A signature of a person or seal, with its CMS message."""

    message: SignedMessage


class FoundSignatures:
    """All signatures of a file in the order of their revisions, and those that cannot be read."""

    def __init__(self, pdf: bytes, reader: PdfFileReader, fields: Sequence[FieldOnFile]) -> None:
        """Read every signed field."""
        self._pdf = pdf
        self._reader = reader
        self.broken: list[tuple[str, Exception]] = []
        found = [one for field in fields if field.signed for one in self._attempt(field)]
        readable = sorted(found, key=lambda one: one.revision)
        self.parties = tuple(one for one in readable if isinstance(one, PartySignature))
        self.timestamps = tuple(one for one in readable if not isinstance(one, PartySignature))
        self._objects = Counter(one.field.value for one in readable)
        self._copies = Counter(one.embedded.pkcs7_content for one in readable)
        self._names = Counter(field.name for field in fields)

    def judge_form(self, found: FoundSignature, accepted: frozenset[str]) -> Judgement:
        """An accepted format, shared with no other field, over exactly one whole revision."""
        written = str(found.embedded.sig_object.get("/SubFilter", ""))
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
        except Exception as problem:  # noqa: BLE001 - pyHanko raises anything over a forged signature (V1)
            pass_exhaustion(problem)
            self.broken.append((field.name, problem))
            return []

    def _read(self, field: FieldOnFile) -> FoundSignature:
        if field.value is None:
            raise ValueError("the signature is not an object of its own")
        embedded = EmbeddedPdfSignature(self._reader, field.field, field.name)
        shape = self._judge_range(embedded)
        _, _, resume, rest = embedded.byte_range if shape is SOUND else (0, 0, 0, 0)
        covered = int(resume) + int(rest)
        if embedded.sig_object_type == "/DocTimeStamp":
            return FoundSignature(field=field, embedded=embedded, covered=covered, shape=shape)
        message = SignedMessage.of(embedded.signed_data, embedded.signer_info)
        return PartySignature(field=field, embedded=embedded, covered=covered, shape=shape, message=message)

    def _judge_range(self, embedded: EmbeddedPdfSignature) -> Judgement:
        byte_range = [part if isinstance(part, int) else None for part in embedded.byte_range]
        shape = judge_byte_range(self._pdf, byte_range, embedded.pkcs7_content)
        if shape is SOUND and embedded.evaluate_signature_coverage() < SignatureCoverageLevel.ENTIRE_REVISION:
            return refuted("partial_revision", "the signature does not cover its whole revision")
        return shape
