"""Whose certificate it is, and whether it leads to a trusted root at a proven moment (rule V8).

Trust comes from the caller's roots alone; certificates and lists found in the document
only help to build the path (RFC 5280 §6). Revocation data is required: without it the
answer is undecided, and an unknown issuer is undecided too, for he may be someone
else's trusted authority. A chain that carries a trusted root's name without its key is
refuted: that is a look-alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from asn1crypto import crl, ocsp, x509
from cryptography import x509 as pyca
from cryptography.exceptions import InvalidSignature
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import (
    DisallowedAlgorithmError,
    ExpiredError,
    InsufficientRevinfoError,
    InvalidCertificateError,
    NotYetValidError,
    PathBuildingError,
    PathError,
    RevokedError,
    ValidationError,
)
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy, FreshnessReqType
from pyhanko_certvalidator.revinfo.archival import OCSPContainer

from kernel.digests import sha256
from signing.certificate_profile import USCC_PREFIX
from signing.control_policies import sole_control_of
from signing.judgement import SOUND, Judgement, refuted, undecided
from signing.model import SignerIdentity

__all__ = ["ValidationMaterial", "identity_of", "is_under_root", "judge_chain"]

ORGANISATION_IDENTIFIER = "2.5.4.97"
REVOCATION_AGE = timedelta(hours=24)
"""A list may be this much older than the moment it speaks for."""
LONGEST_CHAIN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationMaterial:
    """Untrusted certificates and revocation data found in a document."""

    certificates: tuple[x509.Certificate, ...]
    crls: tuple[crl.CertificateList, ...]
    ocsps: tuple[ocsp.OCSPResponse, ...]

    def joined(
        self, certificates: Iterable[x509.Certificate], crls: Iterable[crl.CertificateList] = ()
    ) -> ValidationMaterial:
        """The same with more certificates and lists."""
        return ValidationMaterial(
            certificates=(*self.certificates, *certificates), crls=(*self.crls, *crls), ocsps=self.ocsps
        )


def identity_of(certificate: x509.Certificate) -> SignerIdentity:
    """Read the holder from the certificate; a missing common name becomes empty text."""
    subject, validity = _texts(certificate.subject), certificate["tbs_certificate"]["validity"]
    organisation_id = subject.get(ORGANISATION_IDENTIFIER)
    return SignerIdentity(
        common_name=subject.get("2.5.4.3", ""),
        organisation=subject.get("2.5.4.10"),
        organisation_id=organisation_id.removeprefix(USCC_PREFIX) if organisation_id else None,
        serial_number=format(certificate.serial_number, "x"),
        issuer=_texts(certificate.issuer).get("2.5.4.3", certificate.issuer.human_friendly),
        certificate_sha256=sha256(certificate.dump()),
        not_before_utc=validity["not_before"].native,
        not_after_utc=validity["not_after"].native,
        sole_control=sole_control_of(certificate),
    )


async def judge_chain(
    certificate: x509.Certificate,
    material: ValidationMaterial,
    *,
    roots: Sequence[x509.Certificate],
    moment: datetime,
    skew: timedelta,
    key_usage: frozenset[str],
    extended_key_usage: frozenset[str] = frozenset(),
) -> Judgement:
    """Judge path, validity, revocation and purpose of one certificate at ``moment``."""
    at_work = (one for one in material.certificates if one.not_valid_before <= moment <= one.not_valid_after)
    spoken_of = (certificate, *(one for one in at_work if one.ca))
    context = ValidationContext(
        trust_roots=list(roots),
        other_certs=list(material.certificates),
        crls=[one for one in material.crls if not _came_after(one, spoken_of)],
        ocsps=[one for one in material.ocsps if not _answered_after(one, spoken_of)],
        moment=moment,
        allow_fetching=False,
        revinfo_policy=CertRevTrustPolicy(
            REQUIRE_REVINFO, REVOCATION_AGE, FreshnessReqType.MAX_DIFF_REVOCATION_VALIDATION
        ),
        time_tolerance=timedelta(seconds=1) + skew,
    )
    validator = CertificateValidator(certificate, validation_context=context)
    try:
        await validator.async_validate_usage(  # type: ignore[no-untyped-call]
            set(key_usage), set(extended_key_usage) or None
        )
    except (PathError, ValidationError) as problem:
        if _is_look_alike(certificate, material.certificates, roots):
            return refuted("look_alike_ca", "a trusted authority's name is used with another key")
        return _reading(problem)
    return SOUND


def _came_after(found: crl.CertificateList, spoken_of: Iterable[x509.Certificate]) -> bool:
    """Whether a list is younger than a certificate it should speak of: it need not name ended ones (§3.3)."""
    start, issuer = found["tbs_cert_list"]["this_update"].native, found.issuer.hashable
    return any(one.issuer.hashable == issuer and start > one.not_valid_after for one in spoken_of)


def _answered_after(response: ocsp.OCSPResponse, spoken_of: Sequence[x509.Certificate]) -> bool:
    """The same of an answer of OCSP: a responder may forget a certificate that ended (RFC 6960 §4.4.4)."""
    for single in OCSPContainer.load_multi(response):
        answer = single.extract_single_response()
        if answer is None:
            continue
        serial, start = answer["cert_id"]["serial_number"].native, answer["this_update"].native
        if any(one.serial_number == serial and start > one.not_valid_after for one in spoken_of):
            return True
    return False


def _reading(problem: Exception) -> Judgement:
    for kind, judgement in _READINGS:
        if isinstance(problem, kind):
            return judgement
    return refuted("chain_invalid", f"the certificate chain is not valid: {problem}")


_READINGS: tuple[tuple[type[Exception], Judgement], ...] = (
    (RevokedError, refuted("revoked_signer", "the certificate had been revoked at the proven moment")),
    (InsufficientRevinfoError, undecided("no_revocation_data", "no fresh revocation data for the chain")),
    (ExpiredError, refuted("expired_certificate", "the certificate had expired at the proven moment")),
    (NotYetValidError, refuted("not_yet_valid", "the certificate was not yet valid at the proven moment")),
    (DisallowedAlgorithmError, refuted("weak_algorithm", "the chain rests on a broken algorithm")),
    (PathBuildingError, undecided("unknown_issuer", "the chain leads to no root in the trust bundle")),
    (InvalidCertificateError, refuted("wrong_key_usage", "the certificate is not meant for this purpose")),
)


def is_under_root(
    certificate: x509.Certificate, known: Iterable[x509.Certificate], roots: Sequence[x509.Certificate]
) -> bool:
    """Whether the chain claims one of these roots, truly or not: climbs by names alone."""
    return _claimed_root(certificate, known, roots) is not None


def _is_look_alike(
    certificate: x509.Certificate, known: Iterable[x509.Certificate], roots: Sequence[x509.Certificate]
) -> bool:
    """A trusted name whose key did not sign what stands below it."""
    claimed = _claimed_root(certificate, known, roots)
    return claimed is not None and not _issued(*claimed)


def _claimed_root(
    certificate: x509.Certificate, known: Iterable[x509.Certificate], roots: Sequence[x509.Certificate]
) -> tuple[x509.Certificate, x509.Certificate] | None:
    """The root at the end of the names, and what stands directly below it."""
    by_subject = {candidate.subject.hashable: candidate for candidate in known}
    trusted = {root.subject.hashable: root for root in roots}
    current = certificate
    for _ in range(LONGEST_CHAIN):
        root = trusted.get(current.issuer.hashable)
        if root is not None:
            return root, current
        above = by_subject.get(current.issuer.hashable)
        if above is None or above is current or above.self_issued:
            return None
        current = above
    return None


def _issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    below = pyca.load_der_x509_certificate(certificate.dump())
    try:
        below.verify_directly_issued_by(pyca.load_der_x509_certificate(issuer.dump()))
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _texts(name: x509.Name) -> dict[str, str]:
    """OID → text; a doubled attribute keeps its last value."""
    return {part["type"].dotted: str(part["value"].native) for rdn in name.chosen for part in rdn}
