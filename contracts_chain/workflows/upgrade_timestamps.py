"""Gives pending signatures their time as soon as an authority answers again.

A signature made during an outage says that its time is pending; it stays so until a token is there,
and no clock of ours takes the token's place. Decides which agreements wait, for the time of their PDF or
of a seal signature under SM2 alone, and raises an alarm for one that waited too long: its signer's
certificate has ended, and it must be signed anew. What is wrong with one agreement keeps no other from
its time.
"""

from __future__ import annotations

import logging

from contracts_chain.workflows.add_timestamp import add_timestamp
from contracts_chain.workflows.errors import UnsoundSignatureError
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.signature_events import note_failure
from contracts_chain.workflows.stamp_seals import is_timed, stamp_seal
from contracts_chain.workflows.transactions import raise_alarm
from kernel.errors import ContractsChainError
from signing.archive_timestamps import upgrade
from signing.refusals import RevocationUnavailableError
from signing.rfc3161_authority import TimestampUnavailableError

__all__ = ["upgrade_pending"]

_LOG = logging.getLogger("contracts_chain.worker")


def upgrade_pending(office: Office) -> tuple[str, ...]:
    """Upgrade every agreement that waits for a time; a crash is made good by the next call.

    Returns:
        Numbers of the agreements that now have it.

    Raises:
        TimestampUnavailableError: The outage lasts; what was upgraded before it stays upgraded.
    """
    with office.work() as work:
        waiting = {*work.archive.untimed(), *work.domestic_seals.unstamped()}
    return tuple(number for number in sorted(waiting) if _upgraded(office, number))


def _upgraded(office: Office, number: str) -> bool:
    """One agreement that cannot have its time does not keep the others waiting; an outage does."""
    try:
        return _is_timed_now(office, number)
    except TimestampUnavailableError:
        raise
    except ContractsChainError as problem:
        _LOG.error("%s cannot be given its time: %s %s", number, problem.code, problem.en)
        return False


def _is_timed_now(office: Office, number: str) -> bool:
    """The PDF first, then the seal signatures beside it; whether both tracks have all their times now."""
    with office.work() as work:
        dossier = work.agreements.load(number)
    try:
        if not is_timed(dossier):
            dossier = add_timestamp(office, number, lambda pdf: _upgrade(office, pdf), purpose="upgrade")
    except RevocationUnavailableError as late:
        _raise_alarm(office, number, late)
        return False
    return is_timed(dossier) and _are_seals_stamped(office, number)


def _are_seals_stamped(office: Office, number: str) -> bool:
    with office.work() as work:
        waiting = work.domestic_seals.unstamped_of(number)
    for field in waiting:
        _stamped(office, number, field)
    with office.work() as work:
        return not work.domestic_seals.unstamped_of(number)


def _stamped(office: Office, number: str, field: str) -> None:
    """One seal signature that cannot have its time does not keep the others on the paper waiting."""
    try:
        stamp_seal(office, number, field)
    except (RevocationUnavailableError, UnsoundSignatureError) as late:
        _raise_alarm(office, number, late)
    except TimestampUnavailableError:
        raise
    except ContractsChainError as problem:
        _LOG.error("the seal %s on %s stays without time: %s %s", field, number, problem.code, problem.en)


def _upgrade(office: Office, pdf: bytes) -> bytes:
    trust = office.trust.signatures
    return upgrade(
        pdf,
        authority=office.timestamps,
        revocation=office.ca,
        roots=(*trust.ca_roots, *trust.tsa_roots),
        at=office.clock.now(),
    )


def _raise_alarm(
    office: Office, number: str, late: RevocationUnavailableError | UnsoundSignatureError
) -> None:
    with office.work() as work:
        told = {"code": late.code, "purpose": "upgrade"}
        dossier = work.agreements.load(number)
        note_failure(work, dossier, told, at=office.clock.now())
        raise_alarm(
            office,
            work,
            "timestamp_too_late",
            number,
            en=f"a signature on {number} waited too long for a timestamp ({late.reason}); "
            "its time can no longer be proven, withdraw the agreement and sign it anew",
            zh=f"合同 {number} 的签名等候时间戳过久（{late.reason}）；签署时间已无法证明，请撤回后重新签署",
        )
        work.commit()
