"""Asks each customer once how the signing went; answering is free and changes nothing (reference I19).

Never before the contract is executed, one link a party, one rating a link. The token is in the
text message to whoever signed and nowhere else: no other system gets it. Ratings stand apart from
everything that is evidence, so that no court file ever shows how many stars a customer gave.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

from contracts_chain.workflows.acting_party import acting_party
from contracts_chain.workflows.deliver import SMS
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.life_errors import LinkUsedError, RatingError
from contracts_chain.workflows.life_files import RatingFile, RatingLink
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from kernel.canonical_json import canonical_bytes
from kernel.digests import sha256
from kernel.errors import ContractsChainError

__all__ = ["LONGEST_TEXT", "invite_ratings", "rate"]

_LOG = logging.getLogger("contracts_chain.worker")
LONGEST_TEXT: Final = 500
_BATCH: Final = 100
_UTILITY: Final = "supplier"


def invite_ratings(office: Office, public_url: str, *, most: int = _BATCH) -> int:
    """Put one invitation a customer into the outbox for each contract executed since; return how many.

    Any number of workers may try. All are looked at, ``most`` at a time and each by itself: one whose
    customers cannot be invited keeps nobody behind it waiting.
    """
    invited, after = 0, ""
    while True:
        with office.work() as work:
            waiting = work.ratings.uninvited(most, after=after)
        if not waiting:
            return invited
        after = waiting[-1]
        invited += sum(_invited(office, number, public_url) for number in waiting)


def rate(office: Office, token: str, *, stars: int, text: str) -> None:
    """Keep a rating and use up its link.

    Raises:
        RatingError: Not 1 to 5 stars, or too long a text; the link stays good.
        LinkUsedError: The link was used, or is none of ours.
    """
    if not 1 <= stars <= 5 or len(text) > LONGEST_TEXT:
        raise RatingError
    now = office.clock.now()
    with office.work() as work:
        link = work.ratings.find(sha256(token.encode()), lock=True)
        if link is None or link.used_utc is not None:
            raise LinkUsedError
        rating = RatingFile(number=link.number, role=link.role, stars=stars, text=text, rated_utc=now)
        work.ratings.keep(replace(link, used_utc=now), rating)
        work.commit()


def _invited(office: Office, number: str, public_url: str) -> int:
    now = office.clock.now()
    try:
        with office.work() as work:
            dossier = work.agreements.load(number)
            invited = sum(_invite(work, dossier, role, public_url, now) for role in _customers(dossier))
            work.commit()
    except ContractsChainError as problem:
        _LOG.error("nobody of %s can be asked to rate: %s %s", number, problem.code, problem.en)
        return 0
    return invited


def _customers(dossier: AgreementDossier) -> Iterator[str]:
    """Every party but the utility, which signs last."""
    yield from dict.fromkeys(slot.role for slot in dossier.slots if slot.role != _UTILITY)


def _invite(work: UnitOfWork, dossier: AgreementDossier, role: str, public_url: str, now: datetime) -> bool:
    token = secrets.token_urlsafe(32)
    link = RatingLink(token_sha256=sha256(token.encode()), number=dossier.number, role=role, issued_utc=now)
    if not work.ratings.invite(link):
        return False
    address = f"{public_url.rstrip('/')}/api/v1/ratings/{token}"
    text = (
        f"合同 {dossier.number} 已签署完成。请为本次签署服务评分：{address} 链接限用一次，不评分不影响合同。"
    )
    phone = acting_party(work, dossier, role).signer.phone
    work.outbox.put(SMS, dossier.number, canonical_bytes({"phone": phone, "text": text}), now)
    return True
