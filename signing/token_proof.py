"""One RFC 3161 token that stands alone, with the revocation data that lets it be judged for ever.

Cross-anchors are kept this way: token, certificates and revocation lists in one SignedData,
so that a verifier needs nothing but the roots he already trusts (RFC 3161 §2.4.2, RFC 5652 §10.2.1).
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from asn1crypto import cms, crl, x509

from kernel.errors import RefutedError, UndecidedError
from kernel.verdict import Verdict
from signing.certificates import ValidationMaterial
from signing.model import RevocationSource, SignatureTrust
from signing.offline_loop import run_offline
from signing.signed_message import crls_inside
from signing.timestamp_tokens import TokenJudgement, judge_token

__all__ = [
    "TokenRefutedError",
    "TokenUndecidedError",
    "keep_token",
    "lists_inside",
    "stated_moment",
    "verify_token",
]


class TokenRefutedError(RefutedError):
    """The token is over something else, forged, or by a look-alike; ``finding`` says which."""

    code = "token_refuted"

    def __init__(self, finding: str, detail: str) -> None:
        """Keep the finding's code."""
        super().__init__(
            f"the timestamp token is false: {detail}; do not rely on it",
            f"时间戳令牌不成立（{finding}）；请勿采信",
        )
        self.finding = finding


class TokenUndecidedError(UndecidedError):
    """The token is intact, but its authority or its certificate's state is not settled."""

    code = "token_undecided"

    def __init__(self, finding: str, detail: str) -> None:
        """Keep the finding's code."""
        super().__init__(
            f"the timestamp token cannot be judged: {detail}; add the authority's root to the trust bundle",
            f"时间戳令牌尚不能判定（{finding}）；请在信任包中补充该机构的根证书",
        )
        self.finding = finding


def keep_token(token: bytes, revocation: RevocationSource, *, beside: tuple[bytes, ...] = ()) -> bytes:
    """The same token with the revocation lists of its certificates inside; nothing signed changes.

    Args:
        token: DER TimeStampToken with its certificates, as an authority gave it.
        revocation: Asked once for the lists of that chain.
        beside: Further lists, DER, that speak for the token's moment (RFC 5652 §10.2.1 lets them stand here).

    Raises:
        TokenRefutedError: The bytes are no token.
    """
    signed = _signed_data(token)
    chain = tuple(choice.chosen.dump() for choice in signed["certificates"])
    lists = (*revocation.crls_for(chain), *beside)
    carrying = cms.ContentInfo.load(token)
    carrying["content"]["crls"] = [
        cms.RevocationInfoChoice("crl", crl.CertificateList.load(der)) for der in lists
    ]
    return bytes(carrying.dump())


def lists_inside(token: bytes) -> tuple[bytes, ...]:
    """Revocation lists in a token, DER; nobody signed that they stand there, each is its issuer's or nothing.

    Raises:
        TokenRefutedError: The bytes are no token.
    """
    return tuple(bytes(one.dump()) for one in crls_inside(_signed_data(token)))


def stated_moment(token: bytes) -> datetime:
    """Give genTime as the token states it, aware; unproven before ``verify_token``.

    Raises:
        TokenRefutedError: The bytes are no token.
    """
    try:
        moment: datetime = _signed_data(token)["encap_content_info"]["content"].parsed["gen_time"].native
    except (ValueError, TypeError, KeyError, AttributeError) as problem:
        raise TokenRefutedError("malformed_timestamp", "it holds no time") from problem
    return moment


def verify_token(
    message: bytes, token: bytes, trust: SignatureTrust, *, skew: timedelta = timedelta(0)
) -> datetime:
    """Prove that a trusted authority stamped exactly this message, and return when.

    Args:
        message: The bytes whose digest the token should hold.
        token: DER, with its certificates and revocation lists.
        trust: Roots, never taken from the file under test.
        skew: Tolerance for the certificate's validity.

    Raises:
        TokenRefutedError: Unreadable, over other bytes, forged, revoked or by a look-alike.
        TokenUndecidedError: By an authority the roots do not know, or without revocation data.
    """
    judged = _judged(message, token, trust, skew)
    found, moment = judged.judgement, judged.proven_utc
    if found.verdict is Verdict.REFUTED:
        raise TokenRefutedError(found.code, found.detail)
    if moment is None:
        raise TokenUndecidedError(found.code, found.detail)
    return moment


def _judged(message: bytes, token: bytes, trust: SignatureTrust, skew: timedelta) -> TokenJudgement:
    signed = _signed_data(token)
    roots = [x509.Certificate.load(der) for der in trust.tsa_roots]
    try:
        material = ValidationMaterial(certificates=(), crls=crls_inside(signed), ocsps=())
        return run_offline(
            judge_token(
                signed,
                lambda algorithm: hashlib.new(algorithm, message).digest(),
                material,
                roots=roots,
                skew=skew,
            )
        )
    except Exception as problem:  # the parsers raise anything over hostile bytes
        raise TokenRefutedError("malformed_timestamp", f"it cannot be read ({problem})") from problem


def _signed_data(token: bytes) -> cms.SignedData:
    try:
        envelope = cms.ContentInfo.load(token, strict=True)
        signed = envelope["content"]
        readable = isinstance(signed, cms.SignedData) and bool(signed["certificates"])
    except Exception as problem:  # the parsers raise anything over hostile bytes
        raise TokenRefutedError("malformed_timestamp", f"it cannot be read ({problem})") from problem
    if not readable:
        raise TokenRefutedError("malformed_timestamp", "it is no CMS SignedData with certificates")
    return signed
