"""Judge the document timestamps of a file, in their order (ISO 32000-2 12.8.5, rule V9).

A sound one proves that all bytes before it existed at its time: it keeps signatures
provable beyond their certificates, and times those that have no token of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kernel.verdict import Verdict
from signing.certificates import ValidationMaterial
from signing.found_signature import TIMESTAMP_FORMATS, FoundSignature, FoundSignatures
from signing.judgement import SOUND, pass_exhaustion, refuted
from signing.model import TimestampFinding
from signing.signed_message import Verifier
from signing.timestamp_tokens import TokenJudgement
from signing.unprotected_bytes import judge_unprotected

__all__ = ["JudgedStamp", "find_earliest", "judge_stamps"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedStamp:
    """One document timestamp and what it proves of the bytes before ``covered``."""

    covered: int
    time: TokenJudgement

    def finding(self) -> TimestampFinding:
        """As told to the caller."""
        return TimestampFinding(
            verdict=self.time.judgement.verdict,
            time_utc=self.time.proven_utc,
            covered_length=self.covered,
            code=self.time.judgement.code,
        )


def find_earliest(stamps: Sequence[JudgedStamp], covered: int) -> JudgedStamp | None:
    """The first sound timestamp over at least ``covered`` bytes; ``None`` if there is none."""
    if not covered:
        return None
    proven = [one for one in stamps if one.time.proven_utc is not None and one.covered >= covered]
    return proven[0] if proven else None


async def judge_stamps(
    found: FoundSignatures, verifier: Verifier, material: ValidationMaterial, *, skew: timedelta
) -> tuple[JudgedStamp, ...]:
    """Judge each; one that claims a time before its predecessor's is refuted."""
    judged: list[JudgedStamp] = []
    newest: datetime | None = None
    for stamp in found.timestamps:
        time = await _judge_one(stamp, found, verifier, material)
        if newest is not None and time.proven_utc is not None and time.proven_utc + skew < newest:
            time = _refused("out_of_order", "older than the one before")
        newest = time.proven_utc or newest
        judged.append(JudgedStamp(covered=stamp.covered, time=time))
    return tuple(judged)


async def _judge_one(
    stamp: FoundSignature, found: FoundSignatures, verifier: Verifier, material: ValidationMaterial
) -> TokenJudgement:
    form = found.judge_form(stamp, TIMESTAMP_FORMATS)
    if form is not SOUND:
        return TokenJudgement(judgement=form, claimed_utc=None)
    try:
        algorithm = stamp.embedded.external_md_algorithm
        digest = stamp.embedded.compute_digest()
        time = await verifier.judge_document_time(stamp.embedded.signed_data, digest, algorithm, material)
        if time.judgement.verdict is not Verdict.PROVEN:
            return time
        loose = judge_unprotected(stamp.embedded.pkcs7_content, verifier.tsa_roots)
    except Exception as problem:  # noqa: BLE001 - the parsers raise anything over a forged token (V1)
        pass_exhaustion(problem)
        return _refused("malformed_timestamp", str(problem))
    return time if loose is SOUND else TokenJudgement(judgement=loose, claimed_utc=time.claimed_utc)


def _refused(code: str, detail: str) -> TokenJudgement:
    return TokenJudgement(judgement=refuted(code, detail[:500]), claimed_utc=None)
