"""Gives pending signatures their time as soon as an authority answers again.

A signature made during an outage says that its time is pending; it stays so until a token is there,
and no clock of ours takes the token's place. Decides which agreements wait, and raises an alarm for
one that waited too long: its signer's certificate has ended, and it must be signed anew.
"""

from __future__ import annotations

from contracts_chain.workflows.add_timestamp import add_timestamp
from contracts_chain.workflows.domestic import stamp_kept_ses
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.transactions import raise_alarm
from signing.archive_timestamps import upgrade
from signing.refusals import RevocationUnavailableError

__all__ = ["upgrade_pending"]


def upgrade_pending(office: Office) -> tuple[str, ...]:
    """Upgrade every agreement that waits for a time; a crash is made good by the next call.

    Returns:
        Numbers of the agreements that now have it.

    Raises:
        TimestampUnavailableError: The outage lasts; what was upgraded before it stays upgraded.
        UnsoundSignatureError: A file did not pass its re-check; it is as it was.
    """
    with office.work() as work:
        waiting = work.archive.untimed()
    return tuple(number for number in waiting if _upgraded(office, number))


def _upgraded(office: Office, number: str) -> bool:
    try:
        dossier = add_timestamp(office, number, lambda pdf: _upgrade(office, pdf), purpose="upgrade")
        _stamp_domestic(office, number)
    except RevocationUnavailableError as late:
        _raise_alarm(office, number, late)
        return False
    return all(slot.timestamp_utc is not None for slot in dossier.slots if slot.signed)


def _upgrade(office: Office, pdf: bytes) -> bytes:
    trust = office.trust.signatures
    return upgrade(
        pdf,
        authority=office.timestamps,
        revocation=office.ca,
        roots=(*trust.ca_roots, *trust.tsa_roots),
        at=office.clock.now(),
    )


def _stamp_domestic(office: Office, number: str) -> None:
    """The seal signatures under SM2 waited for the same authority; their records hold for both forms."""
    with office.work() as work:
        if stamp_kept_ses(work, office.blobs, number, office.timestamps, office.ca):
            work.commit()


def _raise_alarm(office: Office, number: str, late: RevocationUnavailableError) -> None:
    with office.work() as work:
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
