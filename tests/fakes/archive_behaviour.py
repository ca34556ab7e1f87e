"""What every store of archive timestamps must do; run over the fake and over PostgreSQL alike.

A subclass gives a fixture ``open_work``: a factory of units of work on an empty store.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from repository_behaviour import NOW, NUMBER, a_dossier

from contracts_chain.workflows.archive_ports import ArchiveFile
from contracts_chain.workflows.dossier import AgreementDossier
from kernel.digests import sha256

END = datetime(2036, 11, 20, 1, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
READ = ArchiveFile(number=NUMBER, document_sha256=sha256(b"executed"), not_after_utc=END, algorithm="sha256")


def executed() -> AgreementDossier:
    """All signed, all times proven."""
    dossier = a_dossier()
    slots = tuple(
        replace(slot, certificate_sha256=sha256(b"c"), signed_utc=NOW, timestamp_utc=NOW)
        for slot in dossier.slots
    )
    return replace(dossier, slots=slots, executed_utc=NOW, current_sha256=READ.document_sha256)


def untimed(dossier: AgreementDossier) -> AgreementDossier:
    """The same with its last signature pending."""
    *others, last = dossier.slots
    return replace(dossier, slots=(*others, replace(last, timestamp_utc=None)))


class ArchiveBehaviour:
    def test_only_a_signature_without_a_time_makes_an_agreement_untimed(self, open_work: Any) -> None:
        for dossier, due in ((a_dossier(), ()), (executed(), ()), (untimed(executed()), (NUMBER,))):
            with open_work() as work:
                work.agreements.add(dossier)
                assert work.archive.untimed() == due

    def test_an_executed_agreement_is_unread_until_its_newest_revision_is_read(self, open_work: Any) -> None:
        with open_work() as work:
            work.agreements.add(executed())
            assert work.archive.unread(9) == (NUMBER,)
            assert work.archive.unread(0) == ()
            work.archive.keep(replace(READ, document_sha256=sha256(b"an earlier revision")))
            assert work.archive.unread(9) == (NUMBER,)
            work.archive.keep(READ)
            assert work.archive.unread(9) == ()

    def test_the_unread_are_given_by_number_a_page_at_a_time(self, open_work: Any) -> None:
        with open_work() as work:
            for place, number in enumerate(("C", "A", "B")):
                work.agreements.add(replace(executed(), number=number, order_no=f"ORDER-{place}"))
            assert work.archive.unread(2) == ("A", "B")
            assert work.archive.unread(2, after="B") == ("C",)
            assert work.archive.unread(2, after="C") == ()

    def test_what_is_not_executed_is_not_read(self, open_work: Any) -> None:
        with open_work() as work:
            work.agreements.add(a_dossier())
            assert work.archive.unread(9) == ()

    def test_an_archive_is_due_by_its_end_or_by_its_digest(self, open_work: Any) -> None:
        with open_work() as work:
            work.agreements.add(executed())
            work.archive.keep(READ)
            assert work.archive.due(END, ()) == ()
            assert work.archive.due(END + SECOND, ()) == (NUMBER,)
            assert work.archive.due(END, ("sha1", "sha256")) == (NUMBER,)

    def test_a_revision_without_a_timestamp_is_never_due(self, open_work: Any) -> None:
        with open_work() as work:
            work.agreements.add(executed())
            work.archive.keep(replace(READ, not_after_utc=None, algorithm=""))
            assert work.archive.due(END + SECOND, ("sha256",)) == ()

    def test_nothing_is_kept_without_a_commit(self, open_work: Any) -> None:
        with open_work() as work:
            work.agreements.add(executed())
            work.commit()
        with open_work() as work:
            work.archive.keep(READ)
        with open_work() as work:
            assert work.archive.unread(9) == (NUMBER,)
