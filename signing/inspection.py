"""Inspect every signature of a PDF against the contract rules (V1–V7, V9, V10, V12).

1. the file is read strictly, within limits                          (V1, ``pdf_reading``)
2. every signed field is one readable signature, shared with no other (V1, V6)
3. its byte range is exactly its revision without its own contents    (V2, ``byte_ranges``)
4. digest, algorithm and CMS signature hold                           (V2, V10, ``signed_message``)
5. what came after is only further signatures and validation data     (V3–V5, V12, ``later_revisions``)
6. a trusted token covers it                                          (V9, ``timestamp_tokens``)
7. the signer's chain was good at the token's time                    (V8 but for the party, ``certificates``)
8. behind the last signature stands only archive material             (``tail``)

Which fields must be signed and by whom (rest of V7 and V8) is the caller's: this room
knows no contract. pyHanko does the reading, the cryptography and the comparison of
revisions; the rules marked own in the reference are ours. The network is never asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from kernel.digests import digests_of
from kernel.verdict import Verdict
from signing.byte_ranges import judge_byte_range
from signing.certificates import identity_of
from signing.judgement import SOUND, Judgement, refuted, undecided
from signing.later_revisions import LaterRevisions
from signing.model import (
    PdfFindings,
    SignatureFinding,
    SignatureTrust,
    SignerIdentity,
    TimestampFinding,
)
from signing.offline_loop import run_offline
from signing.pdf_reading import FieldOnFile, open_pdf, signature_fields, validation_material
from signing.signed_message import SignedMessage, Verifier
from signing.timestamp_tokens import NO_TOKEN, TokenJudgement

__all__ = ["inspect_pdf"]

SIGNATURE_FORMATS = frozenset({"/ETSI.CAdES.detached", "/adbe.pkcs7.detached"})
TIMESTAMP_FORMAT = "/ETSI.RFC3161"


def inspect_pdf(pdf: bytes, trust: SignatureTrust, *, skew: timedelta = timedelta(0)) -> PdfFindings:
    """Judge all signatures of a PDF.

    Args:
        pdf: The file under test, at most 64 MiB.
        trust: Roots, never taken from the file.
        skew: Tolerance where certificate validity meets the token's time.

    Returns:
        Findings; an unsigned file has none, and its tail is undecided.

    Raises:
        UnreadablePdfError: The file as a whole cannot be read.
    """
    reader = open_pdf(pdf)
    return run_offline(_Inspection(pdf, reader, Verifier(trust, skew), skew).findings())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """One readable signature on file."""

    field: FieldOnFile
    embedded: EmbeddedPdfSignature
    covered: int
    shape: Judgement

    @property
    def is_timestamp(self) -> bool:
        return bool(self.embedded.sig_object_type == "/DocTimeStamp")

    @property
    def revision(self) -> int:
        return int(self.embedded.signed_revision)


class _Inspection:
    """One file, read once; judges each signature with what all of them share."""

    def __init__(self, pdf: bytes, reader: PdfFileReader, verifier: Verifier, skew: timedelta) -> None:
        self._pdf = pdf
        self._reader = reader
        self._verifier = verifier
        self._skew = skew
        self._fields = signature_fields(reader)
        self._material = validation_material(reader)
        self._broken: list[SignatureFinding] = []
        self._found = self._read_all()

    async def findings(self) -> PdfFindings:
        parties = [found for found in self._found if not found.is_timestamp]
        later = LaterRevisions(
            self._pdf,
            self._reader,
            self._fields,
            anchors=tuple((found.revision, found.covered) for found in self._found),
        )
        signatures = [await self._judge_party(found, later) for found in parties]
        timestamps = await self._judge_timestamps([found for found in self._found if found.is_timestamp])
        last = parties[-1] if parties and not self._broken else None
        tail = self._judge_tail(last, later, timestamps)
        return PdfFindings(
            signatures=(*signatures, *self._broken),
            document_timestamps=tuple(timestamps),
            fields=tuple(field.name for field in self._fields),
            executed=digests_of(self._pdf[: last.covered]) if last and last.covered else None,
            tail=tail.verdict,
            tail_code=tail.code,
        )

    def _read_all(self) -> tuple[_Found, ...]:
        found = []
        for field in self._fields:
            if not field.signed:
                continue
            try:
                found.append(self._read(field))
            except Exception as problem:  # noqa: BLE001 - pyHanko raises anything over a forged signature (V1)
                self._broken.append(_unreadable(field.name, problem))
        return tuple(sorted(found, key=lambda one: one.revision))

    def _read(self, field: FieldOnFile) -> _Found:
        if field.value is None:
            raise ValueError("the signature is not an object of its own")
        embedded = EmbeddedPdfSignature(self._reader, field.field, field.name)
        byte_range = [part if isinstance(part, int) else None for part in embedded.byte_range]
        shape = judge_byte_range(self._pdf, byte_range, embedded.pkcs7_content)
        covered = int(byte_range[2] or 0) + int(byte_range[3] or 0) if shape is SOUND else 0
        return _Found(field=field, embedded=embedded, covered=covered, shape=shape)

    async def _judge_party(self, found: _Found, later: LaterRevisions) -> SignatureFinding:
        try:
            return await self._judge_signature(found, later)
        except Exception as problem:  # noqa: BLE001 - pyHanko and asn1crypto raise anything over a forged CMS (V1)
            return _unreadable(found.field.name, problem)

    async def _judge_signature(self, found: _Found, later: LaterRevisions) -> SignatureFinding:
        message = SignedMessage.of(found.embedded.signed_data, found.embedded.signer_info)
        integrity = self._judge_integrity(found, message, later)
        time = await self._verifier.judge_time(message, self._material)
        chain = await self._verifier.judge_signer(message, time, self._material)
        return _finding(found, identity_of(message.certificate), integrity, time, chain)

    def _judge_integrity(self, found: _Found, message: SignedMessage, later: LaterRevisions) -> Judgement:
        for judgement in (self._judge_kind(found, SIGNATURE_FORMATS), self._judge_shared(found), found.shape):
            if judgement is not SOUND:
                return judgement
        signature = message.judge_signature(found.embedded.compute_digest())
        return signature if signature is not SOUND else later.judge_after(found.embedded)

    def _judge_kind(self, found: _Found, accepted: frozenset[str]) -> Judgement:
        written = str(found.embedded.sig_object.get("/SubFilter", ""))
        if written not in accepted:
            return refuted("unknown_format", f"signature format '{written}' is not accepted")
        return SOUND

    def _judge_shared(self, found: _Found) -> Judgement:
        """No two fields hold one signature (V6), as one object or as a copy, nor one name."""
        objects = Counter(one.field.value for one in self._found)
        copies = Counter(one.embedded.pkcs7_content for one in self._found)
        names = Counter(field.name for field in self._fields)
        if objects[found.field.value] > 1 or copies[found.embedded.pkcs7_content] > 1:
            return refuted("shared_signature", "two fields show one and the same signature")
        if names[found.field.name] > 1:
            return refuted("doubled_field", "two signature fields bear the same name")
        return SOUND

    async def _judge_timestamps(self, stamps: Sequence[_Found]) -> list[TimestampFinding]:
        judged: list[TimestampFinding] = []
        for found in stamps:
            finding = await self._judge_timestamp(found)
            if judged and _goes_back(judged[-1], finding, self._skew):
                finding = _stamp_finding(
                    found, NO_TOKEN, refuted("out_of_order", "older than the one before")
                )
            judged.append(finding)
        return judged

    async def _judge_timestamp(self, found: _Found) -> TimestampFinding:
        shape = self._judge_kind(found, frozenset({TIMESTAMP_FORMAT}))
        for judgement in (shape, self._judge_shared(found), found.shape):
            if judgement is not SOUND:
                return _stamp_finding(found, NO_TOKEN, judgement)
        try:
            algorithm = found.embedded.external_md_algorithm
            time = await self._verifier.judge_document_time(
                found.embedded.signed_data, found.embedded.compute_digest(), algorithm, self._material
            )
        except Exception as problem:  # noqa: BLE001 - the parsers raise anything over a forged token (V1)
            return _stamp_finding(found, NO_TOKEN, refuted("malformed_timestamp", str(problem)))
        return _stamp_finding(found, time, time.judgement)

    def _judge_tail(
        self, last: _Found | None, later: LaterRevisions, timestamps: Sequence[TimestampFinding]
    ) -> Judgement:
        if self._broken:
            return refuted("malformed_signature", "a signature cannot be read")
        if last is None:
            return undecided("no_signature", "the file bears no signature")
        if last.shape is not SOUND:
            return last.shape
        if any(
            stamp.verdict is Verdict.REFUTED and stamp.covered_length >= last.covered for stamp in timestamps
        ):
            return refuted("archive_timestamp_broken", "an archive timestamp does not hold")
        try:
            return later.judge_tail(last.embedded)
        except Exception as problem:  # noqa: BLE001 - pyHanko raises anything over malformed revisions (V1)
            return refuted("malformed_revision", f"a later revision cannot be read: {problem}"[:500])


def _goes_back(earlier: TimestampFinding, later: TimestampFinding, skew: timedelta) -> bool:
    if earlier.time_utc is None or later.time_utc is None:
        return False
    return later.time_utc + skew < earlier.time_utc


def _finding(
    found: _Found, signer: SignerIdentity, integrity: Judgement, time: TokenJudgement, chain: Judgement
) -> SignatureFinding:
    wrong = [one for one in (integrity, time.judgement, chain) if one.verdict is Verdict.REFUTED]
    open_ = [one for one in (integrity, time.judgement, chain) if one.verdict is not Verdict.PROVEN]
    first = (*wrong, *open_, SOUND)[0]
    return SignatureFinding(
        field=found.field.name,
        signer=signer,
        integrity=integrity.verdict,
        chain=chain.verdict,
        timestamp=time.judgement.verdict,
        timestamp_utc=time.proven_utc,
        covered_length=found.covered,
        code=first.code,
        detail=first.detail,
    )


def _stamp_finding(found: _Found, time: TokenJudgement, judgement: Judgement) -> TimestampFinding:
    return TimestampFinding(
        verdict=judgement.verdict,
        time_utc=time.proven_utc,
        covered_length=found.covered,
        code=judgement.code,
    )


def _unreadable(field: str, problem: Exception) -> SignatureFinding:
    return SignatureFinding(
        field=field,
        signer=None,
        integrity=Verdict.REFUTED,
        chain=Verdict.UNDECIDED,
        timestamp=Verdict.UNDECIDED,
        timestamp_utc=None,
        covered_length=0,
        code="malformed_signature",
        detail=f"the signature cannot be read: {type(problem).__name__}: {problem}"[:500],
    )
