"""Renews archive timestamps before what they rest on ends (EN 319 142-1 §5.5, 电子签名法 art. 6).

Decides when: the certificates of an agreement's last document timestamp end within the set period,
or the digest of its imprint is no longer trusted. What was executed stays byte for byte; the record
holds its length and digests, so a renewal refutes nothing. One file that cannot be read or renewed keeps
no other waiting.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime, timedelta
from itertools import islice

from contracts_chain.workflows.add_timestamp import add_timestamp
from contracts_chain.workflows.archive_ports import ArchiveFile
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.signature_events import note_failure
from contracts_chain.workflows.transactions import raise_alarm
from kernel.errors import ContractsChainError
from signing.archive_timestamps import archive_end, renew
from signing.refusals import RevocationUnavailableError
from signing.rfc3161_authority import TimestampUnavailableError

__all__ = ["DISTRUSTED", "renew_due", "renew_soon"]

_LOG = logging.getLogger("contracts_chain.worker")
DISTRUSTED = frozenset({"md5", "sha1"})
"""Digests whose timestamps are renewed at once."""
PORTION = 50
"""Files read, and archives renewed, in one call: a job must not last for hours. Failures do not count."""


def renew_soon(office: Office, period: timedelta) -> tuple[str, ...]:
    """As ``renew_due``, for whatever ends within the period from now."""
    return renew_due(office, office.clock.now() + period)


def renew_due(
    office: Office, before: datetime, *, distrusted: Collection[str] = DISTRUSTED
) -> tuple[str, ...]:
    """Renew archives that end before a moment or rest on a distrusted digest, a portion at a time.

    Args:
        office: Where files and records come from.
        before: Timestamps whose certificates end earlier are renewed.
        distrusted: Digests not to be relied on any longer.

    Returns:
        Numbers of the agreements that were renewed; for one that is renewed too late an alarm stands.

    Raises:
        TimestampUnavailableError: No token now; what was renewed before stays renewed.
    """
    _read_new(office)
    with office.work() as work:
        due = work.archive.due(before, distrusted)
    return tuple(islice((number for number in due if _renewed(office, number)), PORTION))


def _renewed(office: Office, number: str) -> bool:
    try:
        add_timestamp(office, number, lambda pdf: _renew(office, pdf), purpose="renewal")
    except RevocationUnavailableError as late:
        _raise_alarm(office, number, late)
        return False
    except TimestampUnavailableError:
        raise
    except ContractsChainError as problem:
        _LOG.error("the archive of %s cannot be renewed: %s %s", number, problem.code, problem.en)
        return False
    _is_read(office, number)
    return True


def _read_new(office: Office) -> None:
    """Page by page, so that those that cannot be read keep nobody behind them waiting."""
    read, after = 0, ""
    while read < PORTION:
        with office.work() as work:
            unread = work.archive.unread(PORTION - read, after=after)
        if not unread:
            return
        after = unread[-1]
        read += sum(_is_read(office, number) for number in unread)


def _is_read(office: Office, number: str) -> bool:
    try:
        return _read(office, number)
    except ContractsChainError as problem:
        _LOG.error("the archive of %s cannot be read: %s %s", number, problem.code, problem.en)
        return False


def _read(office: Office, number: str) -> bool:
    """Keep how long the newest revision lasts; one without a document timestamp waits for its upgrade."""
    with office.work() as work:
        digest = work.agreements.load(number).current_sha256
    if digest is None:
        return False
    end = archive_end(office.blobs.get(digest))
    read = ArchiveFile(
        number=number,
        document_sha256=digest,
        not_after_utc=end.not_after_utc if end else None,
        algorithm=end.algorithm if end else "",
    )
    with office.work() as work:
        work.archive.keep(read)
        work.commit()
    return True


def _raise_alarm(office: Office, number: str, late: RevocationUnavailableError) -> None:
    with office.work() as work:
        told = {"code": late.code, "purpose": "renewal"}
        note_failure(work, work.agreements.load(number), told, at=office.clock.now())
        raise_alarm(
            office,
            work,
            "archive_too_late",
            number,
            en=f"the last archive timestamp of {number} can no longer be proven ({late.reason}); "
            "rely on the anchored record, and find out why the renewal came late",
            zh=f"合同 {number} 最后一个归档时间戳已无法证明（{late.reason}）；"
            "请以链上存证记录为准，并查明未及时续期的原因",
        )
        work.commit()


def _renew(office: Office, pdf: bytes) -> bytes:
    trust = office.trust.signatures
    return renew(
        pdf,
        authority=office.timestamps,
        revocation=office.ca,
        roots=(*trust.ca_roots, *trust.tsa_roots),
        at=office.clock.now(),
    )
