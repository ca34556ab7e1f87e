"""Repositories on a real PostgreSQL: locks, uniqueness, append-only tables, lost updates."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from dossiers import a_dossier
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from contracts_chain.agreements.lifecycle import EvidenceState
from contracts_chain.storage.engine import migrate
from contracts_chain.storage.unit_of_work import SqlUnitOfWork
from contracts_chain.workflows.dossier import (
    AgreementDossier,
    CeremonyFile,
    CheckpointFile,
    IntentRow,
    InvoiceDossier,
    SlotFile,
)
from contracts_chain.workflows.errors import (
    AlreadyDraftedError,
    InstallationMismatchError,
    StaleDossierError,
    UnknownNumberError,
)
from kernel.digests import sha256
from kernel.ids import InvoiceId, new_id
from kernel.sized_bytes import Bytes32, LeafHash, RootHash

NOW = datetime(2026, 11, 20, 7, 32, 5, tzinfo=UTC)
SLOTS = tuple(
    SlotFile(
        ordinal=ordinal,
        field=field,
        role="consumer",
        kind=kind,
        signer_name="王示例",
        organisation="示例有限公司",
        organisation_id="91330200MA00000000",
        seal_name="合同专用章",
    )
    for ordinal, (field, kind) in enumerate((("ConsumerPerson", "person"), ("ConsumerSeal", "seal")))
)


def dossier(number: str = "SGZJMZ00YXGY2600001", order_no: str = "ORDER-1") -> AgreementDossier:
    return a_dossier(number=number, order_no=order_no, slots=SLOTS)


def leaf(text_of_record: bytes) -> LeafHash:
    return LeafHash(sha256(text_of_record))


def checkpoint(sequence: int, size: int) -> CheckpointFile:
    return CheckpointFile(
        sequence=sequence,
        size=size,
        root=RootHash(bytes(32)),
        note="note",
        state="closed",
        closed_utc=NOW,
    )


def test_an_agreement_is_read_back_as_it_was_written(engine: Engine) -> None:
    written = dossier()
    with SqlUnitOfWork(engine) as work:
        work.agreements.add(written)
        work.commit()
    with SqlUnitOfWork(engine) as work:
        assert work.agreements.load(written.number) == written
        assert work.agreements.find_by_order("ORDER-1", "HV_SUPPLY") == written
        assert work.agreements.list() == [written]


def test_nothing_is_stored_without_commit(engine: Engine) -> None:
    with SqlUnitOfWork(engine) as work:
        work.agreements.add(dossier())
    with SqlUnitOfWork(engine) as work, pytest.raises(UnknownNumberError):
        work.agreements.load("SGZJMZ00YXGY2600001")


def test_the_second_of_two_clerks_is_told_that_the_first_changed_it(engine: Engine) -> None:
    with SqlUnitOfWork(engine) as work:
        work.agreements.add(dossier())
        work.commit()
    with SqlUnitOfWork(engine) as work:
        read_by_both = work.agreements.load("SGZJMZ00YXGY2600001")
        work.agreements.save(replace(read_by_both, pages=12))
        work.commit()
    with SqlUnitOfWork(engine) as work, pytest.raises(StaleDossierError):
        work.agreements.save(replace(read_by_both, pages=13))


def test_an_order_gives_one_agreement_of_a_kind(engine: Engine) -> None:
    with SqlUnitOfWork(engine) as work:
        work.agreements.add(dossier())
        work.commit()
    with SqlUnitOfWork(engine) as work, pytest.raises(AlreadyDraftedError):
        work.agreements.add(dossier(number="SGZJMZ00YXGY2600002"))


def test_the_database_refuses_a_drafter_who_reviews(engine: Engine) -> None:
    with SqlUnitOfWork(engine) as work:
        work.agreements.add(dossier())
        work.commit()
    with SqlUnitOfWork(engine) as work:
        held = work.agreements.load("SGZJMZ00YXGY2600001")
        with pytest.raises(DBAPIError, match="drafter_is_not_reviewer"):
            work.agreements.save(replace(held, reviewed_by="drafter"))


def test_numbers_have_no_gap_when_a_draft_is_rolled_back(engine: Engine) -> None:
    with SqlUnitOfWork(engine) as work:
        assert work.numbers.next_serial("GY2026") == 1
        work.commit()
    with SqlUnitOfWork(engine) as work:
        assert work.numbers.next_serial("GY2026") == 2
    with SqlUnitOfWork(engine) as work:
        assert work.numbers.next_serial("GY2026") == 2
        assert work.numbers.next_serial("BD2026") == 1


def test_a_final_checkpoint_marks_what_it_covers_and_nothing_more(engine: Engine) -> None:
    first, second = dossier(), dossier(number="SGZJMZ00YXBD2600001", order_no="ORDER-2")
    with SqlUnitOfWork(engine) as work:
        for one in (first, second):
            work.agreements.add(replace(one, evidence_state=EvidenceState.LOGGED))
        for subject, record in ((first.number, b"a"), (second.number, b"b"), (second.number, b"c")):
            work.log.append(subject, leaf(record), record, NOW)
        work.log.sequence_pending(3)
        work.checkpoints.add(checkpoint(1, 2))
        assert work.checkpoints.covering(1) is None
        work.checkpoints.save(replace(checkpoint(1, 2), state="final", proof=b"{}"))
        work.checkpoints.mark_covered(0, 2, EvidenceState.FINAL)
        work.commit()
    with SqlUnitOfWork(engine) as work:
        assert work.agreements.load(first.number).evidence_state is EvidenceState.FINAL
        assert work.agreements.load(second.number).evidence_state is EvidenceState.LOGGED
        covering = work.checkpoints.covering(1)
        assert covering is not None
        assert (covering.sequence, covering.proof) == (1, b"{}")
        assert work.checkpoints.covering(2) is None
        assert work.checkpoints.unfinished() == ()
        assert work.checkpoints.newest() == covering == work.checkpoints.all()[0]


def test_an_intent_opened_twice_stays_the_first(engine: Engine) -> None:
    first = IntentRow(key="sign:1", kind="sign", subject="N", payload=b"first", opened_utc=NOW)
    with SqlUnitOfWork(engine) as work:
        assert work.intents.open(first) == first
        assert work.intents.open(replace(first, payload=b"second")) == first
        assert work.intents.pending() == (first,)
        work.intents.close("sign:1", b"done")
        assert work.intents.pending() == ()
        found = work.intents.find("sign:1")
        assert found is not None
        assert found.done
        assert work.intents.find("sign:2") is None


def test_a_delivered_message_is_forgotten(engine: Engine) -> None:
    with SqlUnitOfWork(engine) as work:
        work.outbox.put("sms", "N", b"code 482913", NOW)
        (message,) = work.outbox.waiting(10)
        assert message.payload == b"code 482913"
        work.outbox.mark_delivered(message.id)
        work.commit()
    with SqlUnitOfWork(engine) as work:
        assert list(work.outbox.waiting(10)) == []
    with engine.connect() as connection:
        assert connection.execute(text("SELECT payload FROM outbox")).scalar() == b""


def test_a_ceremony_is_found_by_its_link_and_by_its_party(engine: Engine) -> None:
    ceremony = CeremonyFile(
        id=new_id(),
        number="SGZJMZ00YXGY2600001",
        role="consumer",
        token_sha256=sha256(b"token"),
        document_sha256=sha256(b"pdf"),
        state="open",
        opened_utc=NOW,
    )
    with SqlUnitOfWork(engine) as work:
        work.agreements.add(dossier())
        work.ceremonies.add(ceremony)
        work.ceremonies.save(replace(ceremony, mark_sha256=Bytes32(bytes(32)), consented_utc=NOW))
        work.commit()
    with SqlUnitOfWork(engine) as work:
        found = work.ceremonies.find(sha256(b"token"), lock=True)
        assert found is not None
        assert (found.mark_sha256, found.consented_utc) == (bytes(32), NOW)
        assert work.ceremonies.find_open(ceremony.number, "consumer") == found
        assert work.ceremonies.find(sha256(b"other")) is None


def test_one_idempotency_key_gives_one_invoice_and_one_specimen_number(engine: Engine) -> None:
    asked = InvoiceDossier(
        id=InvoiceId(new_id()),
        agreement_number="SGZJMZ00YXGY2600001",
        idempotency_key="2026-11",
        draft=b"{}",
        evidence_state=EvidenceState.PENDING,
    )
    with SqlUnitOfWork(engine) as work:
        work.agreements.add(dossier())
        assert work.invoices.open(asked) == asked
        assert work.invoices.open(replace(asked, id=InvoiceId(new_id()))) == asked
        serial, at = work.invoices.allocate_specimen("2026-11", NOW)
        assert work.invoices.allocate_specimen("2026-11", NOW) == (serial, at) == (1, NOW)
        assert work.invoices.find_specimen("2026-12") is None
        issued = replace(asked, number="99000000000000000001", issued_utc=NOW, xml_sha256=sha256(b"x"))
        work.invoices.save(issued)
        assert work.invoices.find_by_number("99000000000000000001") == issued
        assert work.invoices.list() == [issued]


def test_an_installation_is_bound_to_one_chain(engine: Engine) -> None:
    with SqlUnitOfWork(engine) as work:
        work.installation.fix("genesis", "0xaa")
        work.installation.fix("genesis", "0xaa")
        with pytest.raises(InstallationMismatchError, match="0xbb answers"):
            work.installation.fix("genesis", "0xbb")
        assert work.installation.get("registry") is None


def test_the_tables_are_those_of_the_migrations(engine: Engine) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from contracts_chain.storage.tables import METADATA

    def ours(name: str | None, kind: str, _: object) -> bool:
        return kind != "table" or not str(name).startswith("procrastinate")

    migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": ours})
        assert compare_metadata(context, METADATA) == []
