"""Judge one RFC 3161 token against trusted time-stamping roots (rule V9).

A token proves a time only if its imprint is over the right bytes, its own signature is
sound and names its certificate, and that certificate, made for time-stamping alone, leads to a
root given by the caller. A stranger's token leaves the time undecided; a forged one refutes it.
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

__all__ = ["NO_TOKEN", "TokenJudgement", "judge_token", "names_its_certificate"]

LEAST_ACCURATE = timedelta(minutes=1)
"""A token that may be further off than this tells the order of nothing here (RFC 3161 §2.4.2)."""


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
        judgement = _judge_accuracy(statement)
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


def names_its_certificate(signer: cms.SignerInfo) -> bool:
    """Whether a signed attribute says which certificate is meant (RFC 5035 §3, RFC 2634 §5.4).

    Without it another certificate of the same key could be put in its place, unseen. That the
    attribute names the one that is used, pyHanko checks with the signature.
    """
    return any(
        attribute["type"].native in {"signing_certificate", "signing_certificate_v2"}
        for attribute in signer["signed_attrs"] or ()
    )


def _judge_accuracy(statement: tsp.TSTInfo) -> Judgement:
    named = statement["accuracy"].native or {}
    parts = {"seconds": named.get("seconds"), "milliseconds": named.get("millis")}
    parts["microseconds"] = named.get("micros")
    if timedelta(**{unit: float(value) for unit, value in parts.items() if value}) > LEAST_ACCURATE:
        return undecided("timestamp_inaccurate", "the token itself says that its time may be far off")
    return SOUND


def _judge_signature(signed: cms.SignedData) -> Judgement:
    signer = extract_signer_info(signed)
    certificate = extract_certs_for_validation(signed).signer_cert
    acceptable = judge_algorithms(signer, certificate.public_key)
    if acceptable is not SOUND:
        return acceptable
    if not names_its_certificate(signer):
        return refuted("malformed_timestamp", "the token does not say which certificate signed it")
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
    if judgement is SOUND and not _is_for_stamping_alone(certificates.signer_cert):
        return refuted("wrong_key_usage", "the token's certificate is not one for time-stamping alone")
    return _RENAMED.get(judgement.code, judgement)


def _is_for_stamping_alone(certificate: x509.Certificate) -> bool:
    """One extended key usage, marked critical, and a key that may sign (RFC 3161 §2.3)."""
    purposes, usage = certificate.extended_key_usage_value, certificate.key_usage_value
    may_sign = usage is None or bool({"digital_signature", "non_repudiation"} & usage.native)
    alone = purposes is not None and purposes.native == ["time_stamping"]
    return alone and may_sign and "extended_key_usage" in certificate.critical_extensions


_RENAMED = {
    "unknown_issuer": undecided("unknown_tsa", "the token's authority is not in the trust bundle"),
    "look_alike_ca": refuted("look_alike_tsa", "a trusted authority's name is used with another key"),
    "revoked_signer": refuted("revoked_tsa", "the authority's certificate had been revoked"),
}
