"""Inspect every signature of a PDF against the contract rules (V1–V7, V9, V10, V12).

1. the file is read strictly, within limits                          (V1, ``pdf_reading``)
2. every signed field is one readable signature, shared with no other (V1, V6, ``found_signature``)
3. its byte range is exactly its revision without its own contents    (V2, ``byte_ranges``)
4. digest, algorithm and CMS signature hold                           (V2, V10, ``signed_message``)
5. what came after is only further signatures and validation data     (V3–V5, V12, ``later_revisions``)
6. a trusted token covers it: its own, else a document timestamp      (V9, ``timestamp_tokens``)
7. the signer's chain was good at the token's time                    (V8 but for the party, ``certificates``)
8. behind the last signature stands only archive material             (``tail``)
9. the first signature's own revision changes nothing but its field   (``opening_revision``)

Which fields must be signed and by whom (rest of V7 and V8) is the caller's: this room
knows no contract. pyHanko does the reading, the cryptography and the comparison of
revisions; the rules marked own in the reference are ours. The network is never asked.

A file in which no signature even claims a root of the bundle is a file of others: its integrity
and what happened to it are judged by the standard alone, its signers are unknown here, and
nothing of it is refuted for not being a contract of ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from pyhanko.pdf_utils.reader import PdfFileReader

from kernel.digests import digests_of
from kernel.verdict import Verdict
from signing.certificates import identity_of
from signing.document_timestamps import JudgedStamp, find_earliest, judge_stamps
from signing.found_signature import NOT_DER, SIGNATURE_FORMATS, FoundSignatures, PartySignature, unreadable
from signing.judgement import SOUND, Judgement, pass_exhaustion, refuted, undecided
from signing.later_revisions import Aftermath, LaterRevisions
from signing.model import (
    Modification,
    OpeningFinding,
    PadesLevel,
    PdfFindings,
    SignatureFinding,
    SignatureTrust,
    TimeSource,
)
from signing.offline_loop import run_offline
from signing.opening_revision import judge_opening
from signing.pdf_reading import SlowPdfError, open_pdf, signature_fields, validation_material
from signing.signed_message import Verifier
from signing.timestamp_tokens import NO_TOKEN, TokenJudgement, names_its_certificate

__all__ = ["inspect_pdf"]


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
    verifier = Verifier(trust, skew)
    try:
        reader = open_pdf(pdf)
        return run_offline(_Inspection(pdf, reader, verifier, skew).findings())
    except MemoryError as problem:
        raise SlowPdfError("memory") from problem


class _Inspection:
    """One file, read once; judges each signature with what all of them share."""

    def __init__(self, pdf: bytes, reader: PdfFileReader, verifier: Verifier, skew: timedelta) -> None:
        self._pdf = pdf
        self._reader = reader
        self._verifier = verifier
        self._skew = skew
        self._fields = signature_fields(reader)
        self._material = validation_material(reader)
        self._found = FoundSignatures(pdf, reader, self._fields)
        self._foreign = self._is_foreign()
        if not self._foreign:
            self._found.demand_der()

    async def findings(self) -> PdfFindings:
        found, broken = self._found, [_unreadable(*one) for one in self._found.broken]
        stamps = await judge_stamps(found, self._verifier, self._material, skew=self._skew)
        later = self._compare()
        signatures = [await self._judge_party(one, later, stamps) for one in found.parties]
        last = found.parties[-1] if found.parties and not broken else None
        tail = self._judge_tail(last, later, stamps)
        return PdfFindings(
            signatures=(*signatures, *broken),
            document_timestamps=tuple(stamp.finding() for stamp in stamps),
            fields=tuple(field.name for field in self._fields),
            executed=digests_of(self._pdf[: last.covered]) if last and last.covered else None,
            tail=tail.verdict,
            tail_code=tail.code,
            opening=self._judge_opening(),
            foreign=self._foreign,
        )

    def _is_foreign(self) -> bool:
        """Signed, readable, and by nobody whose chain claims a root of the bundle."""
        parties = self._found.parties
        if not parties or self._found.broken:
            return False
        try:
            return not any(self._verifier.is_claimed(one.message, self._material) for one in parties)
        except Exception:  # noqa: BLE001 - asn1crypto raises anything over a forged name (V1)
            return False

    def _judge_opening(self) -> OpeningFinding | None:
        first = self._found.parties[0] if self._found.parties and not self._foreign else None
        if first is None or first.shape is not SOUND:
            return None
        try:
            return judge_opening(self._pdf, self._reader, self._fields, first)
        except Exception as problem:  # noqa: BLE001 - pyHanko raises anything over malformed revisions (V1)
            code = _malformed(problem).code
            return OpeningFinding(ends=0, resumes=0, verdict=Verdict.REFUTED, code=code)

    def _compare(self) -> LaterRevisions | Judgement:
        try:
            return LaterRevisions(
                self._pdf, self._reader, self._fields, self._found.parties, ours=not self._foreign
            )
        except Exception as problem:  # noqa: BLE001 - pyHanko raises anything over malformed revisions (V1)
            return _malformed(problem)

    async def _judge_party(
        self, found: PartySignature, later: LaterRevisions | Judgement, stamps: Sequence[JudgedStamp]
    ) -> SignatureFinding:
        try:
            integrity = self._judge_bytes(found)
            after = _judge_after(found, later) if integrity is SOUND else _unjudged(integrity)
            source, time = await self._judge_time(found, stamps)
            chain = await self._judge_signer(found, source, time)
            kept = find_earliest(stamps, found.covered) is not None
            return _finding(found, after, (source, time), chain, kept=kept)
        except Exception as problem:  # noqa: BLE001 - pyHanko and asn1crypto raise anything over a forged CMS (V1)
            pass_exhaustion(problem)
            return _unreadable(found.field.name, unreadable(problem))

    def _judge_bytes(self, found: PartySignature) -> Judgement:
        form = self._found.judge_form(found, SIGNATURE_FORMATS)
        if form is not SOUND:
            return form
        if not self._foreign and not names_its_certificate(found.message.signer):
            return refuted("unnamed_certificate", "the signature does not say which certificate it is by")
        digest = found.embedded.compute_digest()
        judgement = found.message.judge_signature(digest)
        if self._foreign and judgement.code == "signature_forged":
            # RFC 5652 §5.4 has these valid, pdfsig and mutool do not: nobody's word is final
            return NOT_DER if found.message.in_order().judge_signature(digest) is SOUND else judgement
        return judgement

    async def _judge_time(
        self, found: PartySignature, stamps: Sequence[JudgedStamp]
    ) -> tuple[TimeSource, TokenJudgement]:
        """The signature's own token; where it decides nothing, the earliest document timestamp."""
        own = await self._verifier.judge_time(found.message, self._material)
        if own.judgement.verdict is not Verdict.UNDECIDED:
            return TimeSource.SIGNATURE_TOKEN, own
        stamp = find_earliest(stamps, found.covered)
        if stamp is not None:
            return TimeSource.DOCUMENT_TIMESTAMP, stamp.time
        if own is not NO_TOKEN:
            return TimeSource.SIGNATURE_TOKEN, own
        return TimeSource.NONE, own if self._foreign else PENDING

    async def _judge_signer(
        self, found: PartySignature, source: TimeSource, time: TokenJudgement
    ) -> Judgement:
        chain = await self._verifier.judge_signer(found.message, time, self._material)
        if chain.code == "expired_certificate" and source is TimeSource.DOCUMENT_TIMESTAMP:
            return undecided(
                "expired_before_timestamp", "the certificate ended before any timestamp: the time is open"
            )
        return chain

    def _judge_tail(
        self, last: PartySignature | None, later: LaterRevisions | Judgement, stamps: Sequence[JudgedStamp]
    ) -> Judgement:
        if last is None:
            return _lastless(broken=bool(self._found.broken))
        if last.shape is not SOUND:
            return last.shape
        if any(
            one.time.judgement.verdict is Verdict.REFUTED and one.covered >= last.covered for one in stamps
        ):
            return refuted("archive_timestamp_broken", "an archive timestamp does not hold")
        if isinstance(later, Judgement):
            return later
        try:
            return later.judge_tail(last)
        except Exception as problem:  # noqa: BLE001 - pyHanko raises anything over malformed revisions (V1)
            return _malformed(problem)


def _lastless(*, broken: bool) -> Judgement:
    if broken:
        return refuted("malformed_signature", "a signature cannot be read")
    return undecided("no_signature", "the file bears no signature")


PENDING = TokenJudgement(
    judgement=undecided("timestamp_pending", "no timestamp covers the signature yet"), claimed_utc=None
)


def _judge_after(found: PartySignature, later: LaterRevisions | Judgement) -> Aftermath:
    return _unjudged(later) if isinstance(later, Judgement) else later.judge_after(found)


def _unjudged(judgement: Judgement) -> Aftermath:
    """The signature itself fails, so nothing is said in favour of what came after."""
    return Aftermath(judgement=judgement, modification=Modification.OTHER)


def _malformed(problem: Exception) -> Judgement:
    pass_exhaustion(problem)
    return refuted("malformed_revision", f"a later revision cannot be read: {problem}"[:500])


def _finding(
    found: PartySignature,
    after: Aftermath,
    timing: tuple[TimeSource, TokenJudgement],
    chain: Judgement,
    *,
    kept: bool,
) -> SignatureFinding:
    source, time = timing
    answers = (after.judgement, time.judgement, chain)
    wrong = [one for one in answers if one.verdict is Verdict.REFUTED]
    open_ = [one for one in answers if one.verdict is not Verdict.PROVEN]
    first = (*wrong, *open_, SOUND)[0]
    return SignatureFinding(
        field=found.field.name,
        signer=identity_of(found.message.certificate),
        integrity=after.judgement.verdict,
        chain=chain.verdict,
        timestamp=time.judgement.verdict,
        timestamp_utc=time.proven_utc,
        time_source=source,
        level=_level(time, chain, kept=kept),
        modification=after.modification,
        covered_length=found.covered,
        code=first.code,
        detail=first.detail,
        integrity_code=after.judgement.code,
        chain_code=chain.code,
        timestamp_code=time.judgement.code,
    )


def _level(time: TokenJudgement, chain: Judgement, *, kept: bool) -> PadesLevel:
    if time.proven_utc is None:
        return PadesLevel.B_B
    if chain is not SOUND:
        return PadesLevel.B_T
    return PadesLevel.B_LTA if kept else PadesLevel.B_LT


def _unreadable(field: str, judgement: Judgement) -> SignatureFinding:
    return SignatureFinding(
        field=field,
        signer=None,
        integrity=Verdict.REFUTED,
        chain=Verdict.UNDECIDED,
        timestamp=Verdict.UNDECIDED,
        timestamp_utc=None,
        time_source=TimeSource.NONE,
        level=PadesLevel.B_B,
        modification=Modification.OTHER,
        covered_length=0,
        code=judgement.code,
        detail=judgement.detail,
        integrity_code=judgement.code,
        chain_code=judgement.code,
        timestamp_code=judgement.code,
    )
