"""The last day of an offer, and what happens when it is over.

Decides the day from the terms: the day for signing that the contract prints, moved to the
next working day if it falls on a day off (as 民法典 art. 203 has it for periods), but never
to or past the first day of the contract (R-PRE-2). A party that confirmed its code in time has
accepted; its signature is finished first. Must never end an agreement that all have signed.
"""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta
from typing import Final

from contracts_chain.agreements.lifecycle import Deed
from contracts_chain.agreements.terms import Terms
from contracts_chain.agreements.working_days import WorkingCalendar, house_calendar
from contracts_chain.workflows.dossier import AgreementDossier, CeremonyFile
from contracts_chain.workflows.draft_errors import OfferOverError
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.withdraw import close_agreement, hold_with_links
from kernel.clock import BEIJING
from kernel.errors import ContractsChainError

__all__ = ["lapse_overdue", "last_day_of_offer", "verify_offer_stands"]

_LOG = logging.getLogger("contracts_chain.worker")
_UNDER_WAY: Final = timedelta(minutes=1)
"""How long a confirmation that was begun in time may take until it is noted."""


def last_day_of_offer(terms: Terms, calendar: WorkingCalendar | None = None) -> date:
    """The last day on which the agreement can be signed, in Beijing."""
    day = (calendar or house_calendar()).add_working_days(terms.sign_by, 0)
    return day if day == terms.sign_by or day < terms.valid_from else terms.sign_by


def verify_offer_stands(dossier: AgreementDossier, now: datetime) -> None:
    """Prove that a party may still begin to sign.

    Raises:
        OfferOverError: The last day has passed, whether or not the offer was closed already.
    """
    last = dossier.offer_until
    if last is not None and now.astimezone(BEIJING).date() > last:
        raise OfferOverError(dossier.number, last)


def lapse_overdue(office: Office) -> int:
    """End every offer whose last day is over; return how many ended.

    Safe to call at any time from several workers; an agreement that cannot be ended now
    does not keep the others waiting.
    """
    today = office.clock.now().astimezone(BEIJING).date()
    with office.work() as work:
        due = work.agreements.expired_offers(today)
    return sum(_lapsed(office, number, today) for number in due)


def _lapsed(office: Office, number: str, today: date) -> bool:
    try:
        if _is_released(office, number):
            return False  # accepted in time; the sweep notes it
        with office.work() as work:
            dossier = hold_with_links(work, number)
            if number not in work.agreements.expired_offers(today):
                return False  # another worker was first, or the last signature came
            if any(one.answer is None for one in work.questions.of_agreement(number)):
                return False  # the deadline waits for the answer
            ceremonies = work.ceremonies.of_agreement(number)
            now = office.clock.now()
            if any(_is_accepting(ceremony, now) for ceremony in ceremonies):
                return False  # accepted in time: the signature is on its way
            details = {"offer_until": (dossier.offer_until or today).isoformat()}
            close_agreement(office, work, dossier, Deed.LAPSE, at=now, by="service", details=details)
            work.commit()
    except ContractsChainError as problem:
        _LOG.error("%s cannot lapse: %s %s", number, problem.code, problem.en)
        return False
    return True


def _is_released(office: Office, number: str) -> bool:
    """Whether the activation process holds a will that a crash left unnoticed; asked without a lock."""
    with office.work() as work:
        ceremonies = work.ceremonies.of_agreement(number)
    wills = {
        one.will_id
        for one in ceremonies
        if one.state == "open" and one.asked_utc is not None and one.consented_utc is not None
    }
    return any(office.activation.released(will) is not None for will in wills)


def _is_accepting(ceremony: CeremonyFile, now: datetime) -> bool:
    """Confirmed, or about to be: that a factor is asked for is committed before it is checked."""
    if ceremony.state == "open" and ceremony.asked_utc is not None:
        return now - ceremony.asked_utc < _UNDER_WAY
    return ceremony.state == "confirmed"
