"""Which algorithms may carry a signature (rule V10; GM/T and ETSI TS 119 312 agree on these floors).

SHA-1 and MD5 are refuted: a collision makes the signature say something else. An
algorithm unknown here, SM2 among them, leaves the question undecided.
"""

from __future__ import annotations

from asn1crypto import cms, keys

from signing.judgement import SOUND, Judgement, refuted, undecided

__all__ = ["judge_algorithms", "judge_digest_algorithm"]

SOUND_DIGESTS = frozenset({"sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512"})
BROKEN_DIGESTS = frozenset({"md2", "md5", "sha1"})
SOUND_SIGNATURES = frozenset({"ecdsa", "rsassa_pkcs1v15", "rsassa_pss", "ed25519", "ed448"})
SMALLEST_RSA = 2048
SMALLEST_CURVE = 256


def judge_digest_algorithm(name: str) -> Judgement:
    """Judge a digest by its asn1crypto name."""
    if name in BROKEN_DIGESTS:
        return refuted("weak_algorithm", f"{name} is broken and proves nothing")
    if name not in SOUND_DIGESTS:
        return undecided("unsupported_algorithm", f"digest {name} cannot be checked here")
    return SOUND


def judge_algorithms(signer: cms.SignerInfo, public_key: keys.PublicKeyInfo) -> Judgement:
    """Judge digest, signature algorithm and key size of one SignerInfo."""
    digest = judge_digest_algorithm(str(signer["digest_algorithm"]["algorithm"].native))
    if digest is not SOUND:
        return digest
    named = signer["signature_algorithm"]
    try:
        family, inner = str(named.signature_algo), None if _bare(named) else str(named.hash_algo)
    except ValueError:
        return undecided("unsupported_algorithm", f"{named['algorithm'].native} cannot be checked here")
    if family not in SOUND_SIGNATURES:
        return refuted("weak_algorithm", f"signature algorithm {family} is not accepted")
    if inner is not None and judge_digest_algorithm(inner) is not SOUND and not family.startswith("ed"):
        return judge_digest_algorithm(inner)
    return _judge_key(public_key)


def _bare(named: cms.SignedDigestAlgorithm) -> bool:
    """An algorithm that names no digest of its own: the SignerInfo's digest counts."""
    return str(named["algorithm"].native) in {"rsassa_pkcs1v15", "ecdsa", "ed25519", "ed448"}


def _judge_key(public_key: keys.PublicKeyInfo) -> Judgement:
    floor = {"rsa": SMALLEST_RSA, "rsassa_pss": SMALLEST_RSA, "ec": SMALLEST_CURVE}.get(public_key.algorithm)
    if floor is not None and public_key.bit_size < floor:
        return refuted("weak_algorithm", f"a key of {public_key.bit_size} bits is too short")
    return SOUND
