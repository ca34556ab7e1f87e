"""Invoices on a real house: one key, one bill, one number, whatever crashes between number and files."""

from __future__ import annotations

import threading
from dataclasses import replace
from decimal import Decimal

import pytest
from workflows_desk import anchor_all, drafted, fresh_order_no, kinds_of, records_of, sample_order

from contracts_chain.agreements.lifecycle import EvidenceState
from contracts_chain.evidence.record import RecordKind
from contracts_chain.workflows.dossier import AgreementDossier, InvoiceDossier
from contracts_chain.workflows.errors import NotInvoiceableError, NotYetFinalError, UnknownNumberError
from contracts_chain.workflows.issue_invoice import issue_invoice
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.package_invoice import build_invoice_package
from kernel.digests import digests_of
from kernel.verdict import Verdict

BILL = sample_order("any").invoice


@pytest.fixture
def number(signed: AgreementDossier) -> str:
    return signed.number


def issue(office: Office, number: str, key: str) -> InvoiceDossier:
    return issue_invoice(office, number, BILL, idempotency_key=key)


def test_the_same_key_gives_the_same_invoice_for_ever(office: Office, number: str) -> None:
    key = fresh_order_no()
    first = issue(office, number, key)
    assert first.number is not None
    assert issue(office, number, key) == first
    assert kinds_of(office, first.number) == [RecordKind.INVOICE_ISSUED]


def test_two_keys_give_two_numbers(office: Office, number: str) -> None:
    assert issue(office, number, fresh_order_no()).number != issue(office, number, fresh_order_no()).number


def test_a_key_that_stands_for_another_bill_is_refused(office: Office, number: str) -> None:
    key = fresh_order_no()
    first = issue(office, number, key)
    other = replace(BILL, quantity_kwh=BILL.quantity_kwh + Decimal(1))
    with pytest.raises(NotInvoiceableError) as caught:
        issue_invoice(office, number, other, idempotency_key=key)
    assert caught.value.key == key
    assert issue(office, number, key) == first


def test_no_invoice_is_issued_under_an_unsigned_contract(office: Office) -> None:
    key, unsigned = fresh_order_no(), drafted(office).number
    with pytest.raises(NotInvoiceableError):
        issue(office, unsigned, key)
    with office.work() as work:
        assert key not in {one.idempotency_key for one in work.invoices.list()}


@pytest.mark.parametrize("crash_at", ["_numbered", "_finish", "render_invoice", "append_record"])
def test_an_invoice_that_crashed_on_the_way_is_finished_under_the_number_it_had(
    office: Office, number: str, monkeypatch: pytest.MonkeyPatch, crash_at: str
) -> None:
    key = fresh_order_no()

    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(f"contracts_chain.workflows.issue_invoice.{crash_at}", crash)
        with pytest.raises(KeyboardInterrupt):
            issue(office, number, key)
    with office.work() as work:
        given = work.invoices.find_specimen(key)
    finished = issue(office, number, key)
    assert finished.number is not None
    if given is not None:
        assert (int(finished.number[-16:]), finished.issued_utc) == (
            given[0],
            given[1].replace(microsecond=0),
        )
    assert (given is None) == (crash_at == "_numbered")
    assert issue(office, number, key) == finished
    assert kinds_of(office, finished.number) == [RecordKind.INVOICE_ISSUED]


def test_an_invoice_finished_after_a_crash_leaves_no_gap_in_the_numbers(
    office: Office, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    key = fresh_order_no()
    with monkeypatch.context() as patched:
        patched.setattr("contracts_chain.workflows.issue_invoice._finish", crash)
        for _ in range(2):
            with pytest.raises(KeyboardInterrupt):
                issue(office, number, key)
    crashed, following = issue(office, number, key), issue(office, number, fresh_order_no())
    assert int(str(following.number)) == int(str(crashed.number)) + 1


def test_one_key_used_by_two_requests_at_once_gives_one_invoice(office: Office, number: str) -> None:
    key, start, issued = fresh_order_no(), threading.Barrier(2), []

    def request() -> None:
        start.wait()
        issued.append(issue(office, number, key))

    requests = [threading.Thread(target=request) for _ in range(2)]
    for one in requests:
        one.start()
    for one in requests:
        one.join()
    assert issued[0] == issued[1]
    assert kinds_of(office, str(issued[0].number)) == [RecordKind.INVOICE_ISSUED]


def test_the_record_names_the_xml_and_the_package_is_proven_once_final(office: Office, number: str) -> None:
    invoice = issue(office, number, fresh_order_no())
    assert invoice.number is not None
    assert invoice.xml_sha256 is not None
    (record,) = records_of(office, invoice.number)
    assert record.document == digests_of(office.blobs.get(invoice.xml_sha256))
    assert record.details["agreement"] == number
    with pytest.raises(NotYetFinalError):
        build_invoice_package(office, invoice.number)
    anchor_all(office)
    assert build_invoice_package(office, invoice.number).report.verdict is Verdict.PROVEN
    with office.work() as work:
        stored = work.invoices.find_by_number(invoice.number)
    assert stored is not None
    assert stored.evidence_state is EvidenceState.FINAL


def test_an_invoice_nobody_issued_has_no_package(office: Office) -> None:
    with pytest.raises((UnknownNumberError, NotYetFinalError)):
        build_invoice_package(office, "99009999999999999999")
