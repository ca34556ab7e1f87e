"""A counterparty's own GB/T 38540 seal: what a conforming seal made elsewhere says, and what of it holds.

电子印章管理办法 art. 27: a system of public service accepts conforming e-seals. Reading decides nothing
beyond lines 1 and 2; whether the owner is the party is the caller's to compare.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from signing.certificates import identity_of
from signing.model import SignatureTrust
from signing.ses.judging import judge_seal
from signing.ses.lines import SesLine, proven_line
from signing.ses.picture import SealPicture
from signing.ses.reading import read_seal
from signing.sm2_chain import Moment, load_certificate

__all__ = ["OwnSeal", "read_own_seal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSeal:
    """A seal that was read.

    Attributes:
        seal_id: Its maker's number.
        name: Name of the seal.
        owner: Organisation of the first listed certificate; ``None`` where only digests are listed.
        owner_id: Its 统一社会信用代码, if the certificate names it.
        valid_from_utc: Start of its period.
        valid_to_utc: End.
        picture: Safe to show.
        lines: Lines 1 and 2 of the verification.
    """

    seal_id: str
    name: str
    owner: str | None
    owner_id: str | None
    valid_from_utc: datetime
    valid_to_utc: datetime
    picture: SealPicture
    lines: tuple[SesLine, SesLine]


def read_own_seal(
    der: bytes, trust: SignatureTrust, *, at: datetime, crls: tuple[bytes, ...] = ()
) -> OwnSeal:
    """Read a seal for import and judge its form and its maker.

    Args:
        der: SESeal.
        trust: ``seal_maker_roots`` count here.
        at: Now, aware; the seal must be in force.
        crls: Lists of the maker's authority, DER; without them line 2 stays undecided.

    Raises:
        SesMalformedError: Not a seal of GB/T 38540-2020, or beyond the bounds.
    """
    seal = read_seal(der)
    form = proven_line(1, "The seal has the form of GB/T 38540-2020.", "印章数据符合 GB/T 38540-2020 格式。")
    # the moment is now and nobody's claim: a seal out of force now is refuted, not undecided
    moment = Moment(utc=at, proven=True)
    owner, owner_id = _owner(seal.certificates)
    return OwnSeal(
        seal_id=seal.seal_id,
        name=seal.name,
        owner=owner,
        owner_id=owner_id,
        valid_from_utc=seal.valid_from_utc,
        valid_to_utc=seal.valid_to_utc,
        picture=seal.picture,
        lines=(form, judge_seal(seal, trust, crls=crls, moment=moment)),
    )


def _owner(certificates: tuple[bytes, ...]) -> tuple[str | None, str | None]:
    if not certificates:
        return None, None
    try:
        identity = identity_of(load_certificate(certificates[0]))
    except (ValueError, TypeError, KeyError):
        return None, None
    return identity.organisation, identity.organisation_id
