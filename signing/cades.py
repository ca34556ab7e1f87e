"""Detached CAdES signatures with a timestamp (EN 319 122-1 B-T) over any bytes.

The evidence package is signed this way. Revocation lists travel in the SignedData, so
that a verifier needs nothing but the roots he already trusts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from asn1crypto import cms, crl
from pyhanko.sign.general import extract_signer_info

from kernel.errors import RefutedError, RejectedError, UndecidedError
from kernel.verdict import Verdict
from signing.certificates import ValidationMaterial, identity_of
from signing.judgement import Judgement, refuted
from signing.model import Credential, RevocationSource, SignatureTrust, SignerIdentity, TimestampAuthority
from signing.offline_loop import run_offline
from signing.pyhanko_adapters import AuthorityTimeStamper, CredentialSigner
from signing.signed_message import SignedMessage, Verifier, crls_inside
from signing.timestamp_tokens import names_its_certificate

__all__ = [
    "DetachedSignatureRefutedError",
    "DetachedSignatureUndecidedError",
    "MalformedCmsError",
    "UntrustedCredentialError",
    "sign_detached",
    "verify_detached",
]


class MalformedCmsError(RefutedError):
    """The bytes are no CMS SignedData with one signer."""

    code = "malformed_signature"

    def __init__(self, reason: str) -> None:
        """Keep the parser's reason."""
        super().__init__(
            f"the detached signature cannot be read ({reason}); ask for the original file",
            f"无法读取分离签名（{reason}）；请索取原始文件",
        )


class DetachedSignatureRefutedError(RefutedError):
    """Content, signature, token or chain is false; ``finding`` says which."""

    code = "detached_signature_refuted"

    def __init__(self, finding: str, detail: str) -> None:
        """Keep the finding's code."""
        super().__init__(
            f"the detached signature is false: {detail}; do not rely on this file",
            f"分离签名不成立（{finding}）；请勿采信该文件",
        )
        self.finding = finding


class DetachedSignatureUndecidedError(UndecidedError):
    """The signature is intact, but trust or time is not settled; ``finding`` says why."""

    code = "detached_signature_undecided"

    def __init__(self, finding: str, detail: str) -> None:
        """Keep the finding's code."""
        super().__init__(
            f"the detached signature cannot be decided: {detail}; supply the missing roots or data",
            f"分离签名尚不能判定（{finding}）；请补充信任根或状态数据后重试",
        )
        self.finding = finding


class UntrustedCredentialError(RejectedError):
    """The credential does not end at a root the caller named."""

    code = "untrusted_credential"

    def __init__(self) -> None:
        """One sentence."""
        super().__init__(
            "the signing certificate does not lead to a given root; use a credential of that authority",
            "签名证书未链接到指定的信任根；请使用该机构签发的证书",
        )


def sign_detached(
    content: bytes,
    credential: Credential,
    authority: TimestampAuthority,
    revocation: RevocationSource,
    roots: Sequence[bytes],
) -> bytes:
    """Sign ``content``; the result is DER CMS without the content.

    Args:
        content: Any bytes.
        credential: Who signs.
        authority: Asked for one token, over the signature value.
        revocation: Asked for the chains of signer and authority.
        roots: Trusted roots, DER; the credential's chain must end in one of them.

    Raises:
        TimestampUnavailableError: No token now; nothing was made.
        UntrustedCredentialError: The chain ends elsewhere.
        KeyDestroyedError: The credential's key is gone.
    """
    if not set(credential.chain) & set(roots):
        raise UntrustedCredentialError
    return run_offline(_sign(content, credential, authority, revocation))


async def _sign(
    content: bytes, credential: Credential, authority: TimestampAuthority, revocation: RevocationSource
) -> bytes:
    message = await CredentialSigner(credential).async_sign_general_data(
        content, "sha256", use_cades=True, timestamper=AuthorityTimeStamper(authority)
    )
    finished = bytes(message.dump())
    own = _read(finished)
    stamping = [choice.chosen.dump() for token in own.tokens() for choice in token["certificates"]]
    crls = revocation.crls_for((*credential.chain, *stamping))
    # set on a copy whose other parts are still unread bytes: asn1crypto encodes every part it
    # holds as an object twice per level of nesting, seconds in all for a token inside a message
    carrying = cms.ContentInfo.load(finished)
    carrying["content"]["crls"] = [
        cms.RevocationInfoChoice("crl", crl.CertificateList.load(der)) for der in crls
    ]
    return bytes(carrying.dump())


def verify_detached(
    content: bytes, cms_der: bytes, trust: SignatureTrust, *, skew: timedelta = timedelta(0)
) -> tuple[SignerIdentity, datetime]:
    """Prove that a trusted signer signed ``content`` before a trusted time.

    Args:
        content: The bytes the signature should be over.
        cms_der: What ``sign_detached`` made, or a foreign CAdES-T.
        trust: Roots, never taken from the package.
        skew: Tolerance for certificate validity.

    Returns:
        The signer and the time of the token.

    Raises:
        MalformedCmsError: Unreadable.
        DetachedSignatureRefutedError: Something in it is false.
        DetachedSignatureUndecidedError: Unknown issuer or authority, no token, no revocation data.
    """
    message = _read(cms_der)
    return run_offline(_verify(content, message, Verifier(trust, skew)))


def _read(cms_der: bytes) -> SignedMessage:
    try:
        envelope = cms.ContentInfo.load(cms_der, strict=True)
        signed = envelope["content"]
        return SignedMessage.of(signed, extract_signer_info(signed))
    except Exception as problem:  # the parsers raise anything over hostile bytes
        raise MalformedCmsError(str(problem)) from problem


async def _verify(
    content: bytes, message: SignedMessage, verifier: Verifier
) -> tuple[SignerIdentity, datetime]:
    try:
        material = ValidationMaterial(certificates=(), crls=crls_inside(message.signed), ocsps=())
        algorithm = str(message.signer["digest_algorithm"]["algorithm"].native)
        signature = _judge_signature(message, hashlib.new(algorithm, content).digest())
        time = await verifier.judge_time(message, material)
        chain = await verifier.judge_signer(message, time, material)
        identity = identity_of(message.certificate)
    except Exception as problem:  # the parsers raise anything over hostile bytes
        raise MalformedCmsError(str(problem)) from problem
    _require_all(signature, time.judgement, chain)
    if time.proven_utc is None:
        raise DetachedSignatureUndecidedError("no_timestamp", "no RFC 3161 token covers it")
    return identity, time.proven_utc


def _judge_signature(message: SignedMessage, digest: bytes) -> Judgement:
    """EN 319 122-1 §5.2.2: a signature that leaves its certificate open could be given another's."""
    if not names_its_certificate(message.signer):
        return refuted("unnamed_certificate", "it does not say which certificate it is by")
    return message.judge_signature(digest)


def _require_all(*judgements: Judgement) -> None:
    """A falsehood outweighs a doubt, whichever comes first."""
    for judgement in judgements:
        if judgement.verdict is Verdict.REFUTED:
            raise DetachedSignatureRefutedError(judgement.code, judgement.detail)
    for judgement in judgements:
        if judgement.verdict is not Verdict.PROVEN:
            raise DetachedSignatureUndecidedError(judgement.code, judgement.detail)
