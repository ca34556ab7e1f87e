"""fsck on a real house: silent on a sound one, and each kind of damage has its name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from workflows_damage import changed, engine_of, overwritten
from workflows_desk import (
    anchor_all,
    approved,
    fresh_order_no,
    records_of,
    sample_order,
    wait_final,
)
from workflows_outages import TroubledChain

from api.house import House
from contracts_chain.evidence.tiles import Tile
from contracts_chain.evidence.tree_hash import TreeName
from contracts_chain.storage.repositories.log import SqlLog
from contracts_chain.workflows.anchor import close_checkpoint
from contracts_chain.workflows.annexes import keep_annex
from contracts_chain.workflows.dossier import AgreementDossier, Alarm, InvoiceDossier
from contracts_chain.workflows.fsck import check_everything
from contracts_chain.workflows.issue_invoice import issue_invoice
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.renew import renew

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture(scope="module")
def invoice(house: House, signed: AgreementDossier) -> InvoiceDossier:
    bill = sample_order("any").invoice
    issued = issue_invoice(house.office, signed.number, bill, idempotency_key=fresh_order_no())
    anchor_all(house.office)
    return issued


@pytest.fixture(autouse=True)
def sound_before_and_after(office: Office, invoice: InvoiceDossier) -> Iterator[None]:
    assert check_everything(office).findings == ()
    yield
    anchor_all(office)
    assert check_everything(office).findings == ()


def codes(office: Office) -> set[str]:
    return {finding.code for finding in check_everything(office).findings}


def leaf_index(office: Office, number: str) -> int:
    with office.work() as work:
        return work.log.leaves_of(number)[0].index


def test_a_changed_record_is_named(house: House, signed: AgreementDossier) -> None:
    index = leaf_index(house.office, signed.number)
    statement = "UPDATE log_leaves SET record = record || ' '::bytea WHERE leaf_index = :index"
    with changed(house.database_url, "log_leaves", statement, index=index):
        (finding,) = check_everything(house.office).findings
    assert (finding.code, finding.place) == ("leaf_changed", index)


def test_a_record_replaced_with_its_leaf_changes_the_anchored_root(
    house: House, signed: AgreementDossier
) -> None:
    first = records_of(house.office, signed.number)[0]
    forged = replace(first, actor="somebody else")
    statement = "UPDATE log_leaves SET record = :record, leaf_hash = :leaf WHERE leaf_hash = :old"
    values = {"record": forged.canonical(), "leaf": forged.leaf(), "old": first.leaf()}
    with changed(house.database_url, "log_leaves", statement, **values):
        assert codes(house.office) == {"root_changed", "twin_changed", "tile_changed", "chain_broken"}


@pytest.mark.parametrize("tree", ["sha256", "sm3"])
def test_a_changed_tile_is_named(house: House, invoice: InvoiceDossier, tree: str) -> None:
    statement = (
        "UPDATE log_tiles SET hashes = overlay(hashes PLACING '\\xabab' FROM 3) "
        "WHERE tree = :tree AND level = 0 AND number = 0"
    )
    with changed(house.database_url, "log_tiles", statement, tree=tree):
        (finding,) = check_everything(house.office).findings
    assert (finding.code, finding.place) == ("tile_changed", 0)
    assert tree in finding.en


def test_a_renewed_log_whose_twin_leaves_were_changed_is_not_the_one_on_the_chain(house: House) -> None:
    renew(house.office)
    anchor_all(house.office)
    statement = "UPDATE log_leaves SET twin_hash = leaf_hash WHERE leaf_index = 0"
    with changed(house.database_url, "log_leaves", statement):
        assert codes(house.office) == {"twin_changed", "tile_changed", "twin_root_changed"}
    approved(house.office)  # so that the newest checkpoint, which others remove, has no renewal


def test_a_standing_alarm_is_told_though_every_hash_holds(house: House) -> None:
    alarm = Alarm(code="anchor_unknown", subject="checkpoint 7", en="en", zh="zh", raised_utc=NOW)
    before = check_everything(house.office)
    with house.office.work() as work:
        work.alarms.raise_once(alarm)
        work.commit()
    report = check_everything(house.office)
    with engine_of(house.database_url) as engine, engine.begin() as connection:
        connection.execute(text("DELETE FROM alarms WHERE subject = 'checkpoint 7'"))
    assert before.sound
    assert (report.findings, report.alarms, report.sound) == ((), (alarm,), False)


def test_a_removed_leaf_is_missed_by_the_checkpoints_above_it(house: House, signed: AgreementDossier) -> None:
    index = leaf_index(house.office, signed.number)
    statement = "DELETE FROM log_leaves WHERE leaf_index = :index"
    with changed(house.database_url, "log_leaves", statement, index=index):
        assert "size_unknown" in codes(house.office)


def test_a_rewritten_checkpoint_differs_from_the_chain(house: House) -> None:
    statement = "UPDATE checkpoints SET root = decode(repeat('ab', 32), 'hex') WHERE sequence = 1"
    with changed(house.database_url, "checkpoints", statement):
        assert codes(house.office) == {"root_changed"}


def test_a_removed_checkpoint_is_still_on_the_chain(house: House) -> None:
    statement = "DELETE FROM checkpoints WHERE sequence = (SELECT max(sequence) FROM checkpoints)"
    with changed(house.database_url, "checkpoints", statement):
        assert codes(house.office) == {"not_stored"}


def test_a_trail_line_removed_from_the_middle_breaks_the_trail(
    house: House, signed: AgreementDossier
) -> None:
    statement = "DELETE FROM trail_lines WHERE subject = :number AND seq = 3"
    with changed(house.database_url, "trail_lines", statement, number=signed.number):
        (finding,) = check_everything(house.office).findings
    assert finding.code == "trail_broken"
    assert signed.number in finding.en


def test_a_trail_cut_short_is_not_the_one_the_execution_record_names(
    house: House, signed: AgreementDossier
) -> None:
    statement = (
        "DELETE FROM trail_lines WHERE subject = :number "
        "AND seq = (SELECT max(seq) FROM trail_lines WHERE subject = :number)"
    )
    with changed(house.database_url, "trail_lines", statement, number=signed.number):
        assert codes(house.office) == {"trail_shortened"}


def test_a_trail_removed_whole_is_missed(house: House, signed: AgreementDossier) -> None:
    statement = "DELETE FROM trail_lines WHERE subject = :number"
    with changed(house.database_url, "trail_lines", statement, number=signed.number):
        assert codes(house.office) == {"trail_shortened"}


@pytest.mark.parametrize(("content", "code"), [(b"forged", "blob_corrupt"), (None, "blob_missing")])
def test_a_changed_or_lost_document_is_named(
    house: House, signed: AgreementDossier, content: bytes | None, code: str
) -> None:
    assert signed.current_sha256 is not None
    with overwritten(house.settings.data_dir / "blobs", signed.current_sha256, content):
        (finding,) = check_everything(house.office).findings
    assert finding.code == code
    assert signed.current_sha256.hex() in finding.en


def test_a_changed_annex_is_named(house: House) -> None:
    kept = keep_annex(house.office, b"%PDF-1.7\n%%EOF\n", by="drafter")
    with overwritten(house.settings.data_dir / "blobs", kept.sha256, b"forged"):
        (finding,) = check_everything(house.office).findings
    assert finding.code == "blob_corrupt"
    assert kept.sha256.hex() in finding.en


def test_a_changed_invoice_file_is_named(house: House, invoice: InvoiceDossier) -> None:
    assert invoice.ofd_sha256 is not None
    with overwritten(house.settings.data_dir / "blobs", invoice.ofd_sha256, b"forged"):
        assert codes(house.office) == {"blob_corrupt"}


def test_another_document_put_in_the_place_of_the_executed_one_is_named(
    house: House, signed: AgreementDossier
) -> None:
    statement = "UPDATE agreements SET current_sha256 = approved_sha256 WHERE number = :number"
    with changed(house.database_url, "agreements", statement, number=signed.number):
        (finding,) = check_everything(house.office).findings
    assert finding.code == "document_replaced"
    assert signed.number in finding.en


def test_another_file_put_in_the_place_of_an_invoice_is_named(house: House, invoice: InvoiceDossier) -> None:
    statement = "UPDATE invoices SET xml_sha256 = pdf_sha256 WHERE number = :number"
    with changed(house.database_url, "invoices", statement, number=str(invoice.number)):
        assert codes(house.office) == {"document_replaced"}


def test_work_that_goes_on_during_the_check_is_no_damage(house: House) -> None:
    office = house.office

    def go_on() -> None:
        approved(office)
        close_checkpoint(office)
        wait_final(office)

    busy = TroubledChain(office.chain, "read_checkpoints", outage=None, before=go_on)
    assert check_everything(replace(office, chain=busy)).findings == ()


def test_leaves_brought_into_order_between_two_reads_of_the_check_are_no_damage(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiles = SqlLog.tiles

    def late(log: SqlLog, tree: TreeName) -> tuple[Tile, ...]:
        approved(house.office)
        anchor_all(house.office)
        return tiles(log, tree)

    monkeypatch.setattr(SqlLog, "tiles", late)
    assert check_everything(house.office).findings == ()
