"""Judge a seal signature in the eight steps of GB/T 38540-2020, none left out, none joined.

1 form · 2 seal: maker's signature, certificate, period · 3 signer's certificate: issuer, period,
revocation, usage · 4 that certificate is on the seal · 5 signature over TBS_Sign · 6 hash of the
original over the stated range · 7 stated time inside both periods, not after the token · 8 timestamp.

Trust is the caller's alone. Lines 2 and 3 are judged at the time line 8 proves, else at ``at``.
Digests of originals and certificates may hold the Z value or not; the sentence says which.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from kernel.verdict import Verdict
from signing.judgement import SOUND
from signing.model import SignatureTrust
from signing.ses.lines import (
    SesLine,
    depends,
    guarded,
    line_of,
    proven_line,
    refuted_line,
    undecided_line,
)
from signing.ses.reading import MOST_LISTS, SealFile, SesFile, read_ses
from signing.ses.token_envelope import judge_envelope
from signing.sm2_chain import Moment, judge_sm2_certificate, load_certificate
from signing.sm2_key import SM2_WITH_SM3, digest_form
from signing.sm2_libcrypto import Sm2PublicKey
from signing.token_proof import lists_inside, verify_token

__all__ = ["judge_seal", "judge_ses"]

_RANGE = re.compile(r"bytes 0-([0-9]{1,12})")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """What the eight lines are asked about."""

    ses: SesFile
    content: bytes
    trust: SignatureTrust
    moment: Moment


def judge_ses(
    ses: bytes, content: bytes, trust: SignatureTrust, *, at: datetime, skew: timedelta = timedelta(0)
) -> tuple[SesLine, ...]:
    """All eight lines, in order; never raises over content.

    Args:
        ses: SES_Signature, DER.
        content: Exactly the bytes it should cover.
        trust: ``sm2_roots``, ``seal_maker_roots`` and ``tsa_roots`` count here.
        at: Moment of verification, aware.
        skew: How far two honest clocks may differ.
    """
    read: list[SesFile] = []
    form = guarded(1, lambda: _form(ses, read))
    if not read:
        return (form, *(depends(number, 1) for number in range(2, 9)))
    found = read[0]
    stamped: list[datetime] = []
    stamp = guarded(8, lambda: _timestamp(found, trust, skew, stamped))
    proven = stamp.verdict is Verdict.PROVEN and bool(stamped)
    moment = Moment(utc=stamped[0] if proven else at, proven=proven, skew=skew)
    question = _Question(ses=found, content=content, trust=trust, moment=moment)
    return (
        form,
        judge_seal(found.seal, trust, crls=found.crls, moment=moment),
        guarded(3, lambda: _signer(question)),
        guarded(4, lambda: _listed(question)),
        guarded(5, lambda: _signature(question)),
        guarded(6, lambda: _original(question)),
        guarded(7, lambda: _time(question)),
        stamp,
    )


def judge_seal(seal: SealFile, trust: SignatureTrust, *, crls: tuple[bytes, ...], moment: Moment) -> SesLine:
    """Line 2 for a seal that was read; also for a seal that has sealed nothing yet."""
    return guarded(2, lambda: _seal(seal, trust, crls, moment))


def _form(ses: bytes, read: list[SesFile]) -> SesLine:
    """Line 1."""
    read.append(read_ses(ses))
    return proven_line(
        1, "The seal signature has the form of GB/T 38540-2020.", "签章数据符合 GB/T 38540-2020 格式。"
    )


def _seal(seal: SealFile, trust: SignatureTrust, crls: tuple[bytes, ...], moment: Moment) -> SesLine:
    """Line 2: the maker's certificate is judged at the seal's creation, the seal's period at ``moment``."""
    if seal.algorithm != SM2_WITH_SM3:
        return _other_algorithm(2)
    maker = load_certificate(seal.maker_certificate)
    judgement = judge_sm2_certificate(
        maker,
        authorities=trust.seal_maker_roots,
        crls=crls,
        moment=Moment(utc=seal.created_utc, proven=True, skew=moment.skew),
    )
    if judgement is not SOUND:
        return line_of(2, judgement, "the seal maker's certificate", "制章者证书")
    Sm2PublicKey(maker.public_key.dump()).verify(seal.signed, seal.signature)
    if moment.outside(seal.valid_from_utc, seal.valid_to_utc):
        return _seal_out_of_period(moment)
    return proven_line(
        2,
        f"The seal “{seal.name}” is its maker's and in force.",
        f"印章“{seal.name}”由制章者制作，在有效期内。",
    )


def _seal_out_of_period(moment: Moment) -> SesLine:
    if moment.proven:
        return refuted_line(
            2, "seal_out_of_period", "the seal was not in force when used", "使用时印章不在有效期内"
        )
    return undecided_line(
        2,
        "seal_time_unproven",
        "the seal is not in force now, and no timestamp proves earlier use; supply a timestamp",
        "印章现已不在有效期内，且无时间戳证明此前已使用；请补充时间戳",
    )


def _signer(question: _Question) -> SesLine:
    """Line 3."""
    certificate = load_certificate(question.ses.certificate)
    judgement = judge_sm2_certificate(
        certificate,
        authorities=question.trust.sm2_roots,
        crls=(*question.ses.crls, *_lists_of_the_stamp(question)),
        moment=question.moment,
    )
    if judgement is not SOUND:
        return line_of(3, judgement, "the signer's certificate", "签章人证书")
    return proven_line(
        3,
        "A trusted authority issued the signer's certificate; it was valid and not revoked.",
        "签章人证书由受信任机构签发，使用时有效且未被吊销。",
    )


def _lists_of_the_stamp(question: _Question) -> tuple[bytes, ...]:
    """Lists beside a token that line 8 proved, for a stamp that came later than those under the signature."""
    token = question.ses.token
    return lists_inside(token)[:MOST_LISTS] if token is not None and question.moment.proven else ()


def _listed(question: _Question) -> SesLine:
    """Line 4: by value (certListType 1) or by digest (2)."""
    seal, certificate = question.ses.seal, question.ses.certificate
    if certificate in seal.certificates:
        return proven_line(4, "The seal lists the signer's certificate itself.", "印章载有签章人证书原件。")
    keys = (_key(certificate), _key(seal.maker_certificate)) if seal.digests else ()
    for digest in seal.digests:
        form = digest_form(certificate, digest, keys)
        if form is not None:
            return proven_line(
                4,
                f"The seal lists the digest of the signer's certificate ({form.en}).",
                f"印章载有签章人证书杂凑值（{form.zh}）。",
            )
    return refuted_line(
        4,
        "certificate_not_listed",
        "the signer's certificate is not on the seal",
        "签章人证书不在印章证书列表内",
    )


def _signature(question: _Question) -> SesLine:
    """Line 5."""
    if question.ses.algorithm != SM2_WITH_SM3:
        return _other_algorithm(5)
    Sm2PublicKey(_key(question.ses.certificate)).verify(question.ses.signed, question.ses.signature)
    return proven_line(5, "The SM2 signature over the seal data verifies.", "签章数据的 SM2 签名验证通过。")


def _original(question: _Question) -> SesLine:
    """Line 6: the range must be known, and be exactly the content's."""
    ses, content = question.ses, question.content
    form = digest_form(content, ses.data_hash, (_key(ses.certificate),))
    if form is None:
        return refuted_line(6, "original_mismatch", "the hash is not the original's", "原文杂凑值与原文不符")
    stated = _RANGE.fullmatch(ses.protected)
    if stated is None:
        return undecided_line(
            6,
            "range_unknown",
            f"the hash fits ({form.en}), but the protected range {ses.protected!r} is not understood here; "
            "ask its maker what it means",
            f"杂凑值相符（{form.zh}），但无法识别保护范围“{ses.protected}”；请向签章方核实",
        )
    if int(stated[1]) != len(content) - 1:
        return refuted_line(
            6, "range_mismatch", "the stated range is not that of the original", "签章所述保护范围与原文不符"
        )
    return proven_line(
        6,
        f"The hash of the original over {ses.protected} agrees ({form.en}).",
        f"原文第 1 至 {len(content)} 字节的杂凑值相符（{form.zh}）。",
    )


def _time(question: _Question) -> SesLine:
    """Line 7."""
    ses, skew = question.ses, question.moment.skew
    stated = Moment(utc=ses.stated_utc, proven=True, skew=skew)
    certificate = load_certificate(ses.certificate)
    if stated.outside(certificate.not_valid_before, certificate.not_valid_after):
        return refuted_line(
            7,
            "time_outside_certificate",
            "the stated time is outside the certificate's period",
            "签章时间不在证书有效期内",
        )
    if stated.outside(ses.seal.valid_from_utc, ses.seal.valid_to_utc):
        return refuted_line(
            7, "time_outside_seal", "the stated time is outside the seal's period", "签章时间不在印章有效期内"
        )
    if ses.stated_utc > question.moment.utc + skew:
        return refuted_line(
            7, "time_too_late", "the stated time is after the timestamp", "所述签章时间晚于时间戳"
        )
    if not question.moment.proven:
        return undecided_line(
            7,
            "time_unproven",
            "the stated time fits, but only the signer says so; supply a timestamp",
            "所述签章时间相符，但仅为签章人自述；请补充时间戳",
        )
    return proven_line(
        7,
        "The signing time is inside the periods of certificate and seal.",
        "签章时间在证书和印章的有效期内，且不晚于时间戳。",
    )


def _timestamp(ses: SesFile, trust: SignatureTrust, skew: timedelta, stamped: list[datetime]) -> SesLine:
    """Line 8: a token over the octets of the signature (GB/T 20520, RFC 3161)."""
    if ses.token is None:
        return undecided_line(
            8, "no_timestamp", "there is no timestamp; supply one", "没有时间戳；请补充时间戳后重新核验"
        )
    moment = verify_token(ses.signature, ses.token, trust, skew=skew)
    envelope = judge_envelope(ses.token, trust.tsa_roots)
    if envelope is not SOUND:
        return undecided_line(
            8,
            envelope.code,
            f"{envelope.detail}; ask for a token in its plain form",
            "时间戳令牌外层含有签名不覆盖的多余内容；请索取规范的令牌",
        )
    stamped.append(moment)
    return proven_line(
        8, "A trusted authority stamped the signature value.", "签名值已由受信任的时间戳机构加盖时间戳。"
    )


def _other_algorithm(number: int) -> SesLine:
    return undecided_line(
        number,
        "unsupported_algorithm",
        "the algorithm is not SM2 with SM3 and cannot be checked here; use the maker's own verifier",
        "签名算法不是 SM2/SM3，本程序不能检验；请使用该印章厂商的验证工具",
    )


def _key(certificate: bytes) -> bytes:
    return bytes(load_certificate(certificate).public_key.dump())
