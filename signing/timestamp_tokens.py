"""Judge one RFC 3161 token against trusted time-stamping roots (rule V9).

A token proves a time only if its imprint is over the right bytes, its own signature is
sound, and its certificate, made for time-stamping alone, leads to a root given by the
caller. A stranger's token leaves the time undecided; a forged one refutes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from asn1crypto import cms, tsp, x509
from pyhanko.sign.general import extract_signer_info
from pyhanko.sign.validation.generic_cms import extract_certs_for_validation, validate_sig_integrity

from kernel.verdict import Verdict
from signing.algorithms import judge_algorithms, judge_digest_algorithm
from signing.certificates import ValidationMaterial, judge_chain
from signing.judgement import SOUND, Judgement, refuted, undecided

__all__ = ["NO_TOKEN", "TokenJudgement", "judge_token"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenJudgement:
    """What a token proves; ``claimed_utc`` is genTime, proven only if the verdict says so."""

    judgement: Judgement
    claimed_utc: datetime | None

    @property
    def proven_utc(self) -> datetime | None:
        """The time, if proven."""
        return self.claimed_utc if self.judgement.verdict is Verdict.PROVEN else None


NO_TOKEN = TokenJudgement(
    judgement=undecided("no_timestamp", "no RFC 3161 token covers this"), claimed_utc=None
)


async def judge_token(
    signed: cms.SignedData,
    imprint_of: Callable[[str], bytes],
    material: ValidationMaterial,
    *,
    roots: Sequence[x509.Certificate],
    skew: timedelta,
) -> TokenJudgement:
    """Judge a token.

    Args:
        signed: SignedData of the token.
        imprint_of: Digest name → digest of the bytes that the token must be over.
        material: Untrusted certificates and lists.
        roots: Trusted time-stamping roots.
        skew: Tolerance for the certificate's validity.

    Raises:
        Exception: Whatever the ASN.1 and CMS libraries raise over malformed tokens.
    """
    statement = _statement(signed)
    if statement is None:
        return TokenJudgement(judgement=refuted("malformed_timestamp", "no TSTInfo inside"), claimed_utc=None)
    moment: datetime = statement["gen_time"].native
    judgement = _judge_imprint(statement, imprint_of)
    if judgement is SOUND:
        judgement = _judge_signature(signed)
    if judgement is SOUND:
        judgement = await _judge_authority(signed, material, roots=roots, moment=moment, skew=skew)
    return TokenJudgement(judgement=judgement, claimed_utc=moment)


def _statement(signed: cms.SignedData) -> tsp.TSTInfo | None:
    content = signed["encap_content_info"]
    if content["content_type"].native != "tst_info":
        return None
    parsed = content["content"].parsed
    return parsed if isinstance(parsed, tsp.TSTInfo) else None


def _judge_imprint(statement: tsp.TSTInfo, imprint_of: Callable[[str], bytes]) -> Judgement:
    imprint = statement["message_imprint"]
    algorithm = str(imprint["hash_algorithm"]["algorithm"].native)
    acceptable = judge_digest_algorithm(algorithm)
    if acceptable is not SOUND:
        return acceptable
    if bytes(imprint["hashed_message"].native) != imprint_of(algorithm):
        return refuted("timestamp_mismatch", "the token is over other bytes")
    return SOUND


def _judge_signature(signed: cms.SignedData) -> Judgement:
    signer = extract_signer_info(signed)
    certificate = extract_certs_for_validation(signed).signer_cert
    acceptable = judge_algorithms(signer, certificate.public_key)
    if acceptable is not SOUND:
        return acceptable
    content = bytes(signed["encap_content_info"]["content"])
    digest = hashlib.new(signer["digest_algorithm"]["algorithm"].native, content).digest()
    intact, valid = validate_sig_integrity(signer, certificate, "tst_info", digest)
    if not (intact and valid):
        return refuted("timestamp_forged", "the token's own signature does not verify")
    return SOUND


async def _judge_authority(
    signed: cms.SignedData,
    material: ValidationMaterial,
    *,
    roots: Sequence[x509.Certificate],
    moment: datetime,
    skew: timedelta,
) -> Judgement:
    certificates = extract_certs_for_validation(signed)
    judgement = await judge_chain(
        certificates.signer_cert,
        material.joined(certificates.other_certs),
        roots=roots,
        moment=moment,
        skew=skew,
        key_usage=frozenset(),
        extended_key_usage=frozenset({"time_stamping"}),
    )
    return _RENAMED.get(judgement.code, judgement)


_RENAMED = {
    "unknown_issuer": undecided("unknown_tsa", "the token's authority is not in the trust bundle"),
    "look_alike_ca": refuted("look_alike_tsa", "a trusted authority's name is used with another key"),
    "revoked_signer": refuted("revoked_tsa", "the authority's certificate had been revoked"),
}
