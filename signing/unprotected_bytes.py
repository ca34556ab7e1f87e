"""The bytes of a CMS message that its signature does not protect say what they must and nothing else.

A file's last document timestamp is covered by no other. Its signature covers its statement and
signed attributes; version numbers, the set of digests, the certificates beside the signer's and
the case of the hexadecimal digits are covered by nothing (RFC 5652 §5.4). Here each of them is
held to the one value it can have, so that no byte of a finished file can be changed unseen.
What else travels inside, CRLs or unsigned attributes, keeps its own signature or has no place here.
"""

from __future__ import annotations

from collections.abc import Sequence

from asn1crypto import algos, cms, core, parser, x509
from cryptography import x509 as pyca
from cryptography.exceptions import InvalidSignature

from signing.judgement import SOUND, Judgement, undecided

__all__ = ["judge_unprotected"]

VERSION_3 = b"\x03"
VERSION_1 = b"\x01"


def judge_unprotected(contents: bytes, roots: Sequence[x509.Certificate]) -> Judgement:
    """Judge the loose bytes of one document timestamp whose signature and chain are sound.

    Args:
        contents: Of the signature dictionary, padding included.
        roots: Trusted roots.

    Returns:
        Sound, or undecided: loose bytes prove nothing against the document, yet a file that
        bears others than its authority wrote is not the file that was finished.

    Raises:
        Exception: The parsers', over malformed messages.
    """
    envelope = cms.ContentInfo.load(contents)
    signed = envelope["content"]
    signer = signed["signer_infos"][0]
    questions = (
        _is_snug(_without_padding(contents)),
        _is_versioned(signed, signer),
        _is_sole_digest(signed, signer),
        _is_plain(signer),
        _names_its_certificate(signer, signed),
        _are_certified(_certificates(signed), roots),
    )
    if not all(questions):
        return undecided(
            "loose_bytes", "bytes that no signature protects are not as the authority writes them"
        )
    return SOUND


def _without_padding(contents: bytes) -> bytes:
    _, _, _, header, content, trailer = parser.parse(contents)
    return contents[: len(header) + len(content) + len(trailer)]


def _is_snug(encoded: bytes) -> bool:
    """Every constructed value is filled to its end by the values inside it, and none is a mark of an end.

    A greater length would else take in padding that no parser looks at.
    """
    place = 0
    while place < len(encoded):
        kind, method, tag, header, content, trailer = parser.parse(encoded[place:])
        if trailer or (kind, tag) == (0, 0) or (method and not _is_snug(content)):
            return False
        place += len(header) + len(content)
    return True


def _certificates(signed: cms.SignedData) -> list[bytes]:
    return [choice.chosen.dump() for choice in signed["certificates"]]


def _is_versioned(signed: cms.SignedData, signer: cms.SignerInfo) -> bool:
    """RFC 5652 §5.1 and §5.3 for a content that is no plain data, signer named by issuer and serial."""
    by_key = signer["sid"].name == "subject_key_identifier"
    expected = VERSION_3 if by_key else VERSION_1
    return bool(signed["version"].contents == VERSION_3 and signer["version"].contents == expected)


def _is_sole_digest(signed: cms.SignedData, signer: cms.SignerInfo) -> bool:
    named = [algorithm.dump() for algorithm in signed["digest_algorithms"]]
    own = signer["digest_algorithm"]
    return named == [own.dump()] and _has_no_parameters(own)


def _has_no_parameters(algorithm: algos.DigestAlgorithm) -> bool:
    parameters = algorithm["parameters"]
    return isinstance(parameters, core.Void) or parameters.dump() == b"\x05\x00"


def _is_plain(signer: cms.SignerInfo) -> bool:
    """No unsigned attributes: whatever they say, nothing stands behind it."""
    return not signer["unsigned_attrs"]


def _names_its_certificate(signer: cms.SignerInfo, signed: cms.SignedData) -> bool:
    """Byte for byte: names are otherwise compared without regard to case (RFC 5280 §7.1)."""
    named = signer["sid"].chosen
    if not isinstance(named, cms.IssuerAndSerialNumber):
        return True
    return any(
        choice.chosen.issuer.dump() == named["issuer"].dump()
        and choice.chosen.serial_number == named["serial_number"].native
        for choice in signed["certificates"]
    )


def _are_certified(certificates: Sequence[bytes], roots: Sequence[x509.Certificate]) -> bool:
    """Each is a trusted root itself, or issued by a trusted root or by another one of them."""
    trusted = [root.dump() for root in roots]
    issuers = [pyca.load_der_x509_certificate(der) for der in (*trusted, *certificates)]
    return all(der in trusted or _is_issued(der, issuers) for der in certificates)


def _is_issued(der: bytes, issuers: Sequence[pyca.Certificate]) -> bool:
    certificate = pyca.load_der_x509_certificate(der)
    return any(_issued(issuer, certificate) for issuer in issuers if issuer.subject == certificate.issuer)


def _issued(issuer: pyca.Certificate, certificate: pyca.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return issuer != certificate
