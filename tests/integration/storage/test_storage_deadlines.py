"""Milestones, reminders and figures on a real PostgreSQL: append-only, once, counted as by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from dossiers import a_dossier
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.agreements.process_steps import GridProjectType, ProcessStep
from contracts_chain.agreements.working_days import house_calendar
from contracts_chain.storage.unit_of_work import SqlUnitOfWork
from contracts_chain.workflows.deadline_ports import FigureRow, MilestoneFile, ReminderFile
from contracts_chain.workflows.dossier import AgreementDossier, SlotFile
from kernel.digests import sha256

MONDAY = datetime(2026, 11, 16, 2, tzinfo=UTC)
CALENDAR = house_calendar()
DAYS = CALENDAR.working_days(date(2020, 1, 1), date(2028, 1, 1))


def milestone(
    order_no: str = "ORDER-1",
    kind: ProcessStep = ProcessStep.APPLICATION_RECEIVED,
    at: datetime = MONDAY,
    **changes: object,
) -> MilestoneFile:
    plain = MilestoneFile(
        order_no=order_no, key=f"{order_no}-{kind.value}", kind=kind, recorded_utc=at, actor="drafter"
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def slots(*signed: datetime | None) -> tuple[SlotFile, ...]:
    """Consumer's signature and seal, then the utility's, as far as they are made."""
    fields = ("ConsumerPerson", "ConsumerSeal", "SupplierPerson", "SupplierSeal")
    moments = (*signed, *(None,) * (len(fields) - len(signed)))
    return tuple(
        SlotFile(
            ordinal=ordinal,
            field=field,
            role="consumer" if field.startswith("C") else "supplier",
            kind="seal" if field.endswith("Seal") else "person",
            signer_name="王示例",
            organisation="示例有限公司",
            organisation_id="91330200MA00000000",
            seal_name="合同专用章",
            certificate_sha256=sha256(field.encode()) if moment else None,
            signed_utc=moment,
        )
        for ordinal, (field, moment) in enumerate(zip(fields, moments, strict=True))
    )


def executed(number: str, order_no: str, kind: str, at: datetime) -> AgreementDossier:
    return a_dossier(
        number=number,
        order_no=order_no,
        kind=kind,
        state=AgreementState.EXECUTED,
        executed_utc=at,
        slots=slots(at, at, at, at),
    )


def keep(engine: Engine, *kept: MilestoneFile | AgreementDossier) -> None:
    with SqlUnitOfWork(engine) as work:
        for one in kept:
            if isinstance(one, MilestoneFile):
                work.deadlines.add(one)
            else:
                work.agreements.add(one)
        work.commit()


def test_a_milestone_is_read_back_as_it_was_recorded(engine: Engine) -> None:
    written = milestone(
        happened_on=date(2026, 11, 13),
        channel="MOBILE_TERMINAL",
        province="ZJ",
        district="鄞州区",
        project_type=GridProjectType.KV10_CIVIL,
        customer_completes_on=date(2027, 1, 8),
        document_sha256=sha256(b"scheme"),
        note="现场答复",
    )
    keep(engine, written)
    with SqlUnitOfWork(engine) as work:
        assert work.deadlines.milestones_of(["ORDER-1"]) == (written,)
        assert work.deadlines.milestones_of(["ORDER-2"]) == ()
        assert work.deadlines.milestones_of([]) == ()


def test_the_same_key_gives_the_record_that_stands(engine: Engine) -> None:
    keep(engine, milestone())
    with SqlUnitOfWork(engine) as work:
        again = work.deadlines.add(milestone(at=MONDAY + timedelta(days=3), note="改"))
        assert again == milestone()
        assert (
            work.deadlines.add(milestone("ORDER-2", key="ORDER-1-application_received")).order_no == "ORDER-2"
        )


@pytest.mark.parametrize("deed", ["UPDATE {} SET order_no = 'X'", "DELETE FROM {}", "TRUNCATE {}"])
@pytest.mark.parametrize("table", ["order_milestones", "deadline_reminders"])
def test_what_is_recorded_can_be_neither_changed_nor_removed(engine: Engine, table: str, deed: str) -> None:
    keep(engine, milestone())
    with engine.begin() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text(deed.format(table)))


def test_a_clock_gets_one_reminder_a_day(engine: Engine) -> None:
    reminder = ReminderFile(
        order_no="ORDER-1",
        level="SL-SCHEME",
        subject="ORDER-1",
        on_day=date(2026, 11, 24),
        asked_utc=MONDAY,
        asked_by="reviewer",
    )
    with SqlUnitOfWork(engine) as work:
        assert work.deadlines.remind_once(reminder)
        assert not work.deadlines.remind_once(replace(reminder, asked_by="drafter"))
        assert work.deadlines.remind_once(replace(reminder, on_day=date(2026, 11, 25)))
        assert [one.on_day.day for one in work.deadlines.reminders_of(["ORDER-1"])] == [24, 25]


def test_the_customers_side_has_signed_when_all_but_the_last_party_have(engine: Engine) -> None:
    later = MONDAY + timedelta(hours=3)
    half = a_dossier(number="A", order_no="ORDER-1", slots=slots(MONDAY))
    theirs = a_dossier(number="B", order_no="ORDER-2", slots=slots(MONDAY, later))
    whole = a_dossier(number="C", order_no="ORDER-3", slots=slots(MONDAY, later, later, later))
    keep(engine, half, theirs, whole)
    with SqlUnitOfWork(engine) as work:
        found = work.deadlines.agreements_of(["ORDER-1", "ORDER-2", "ORDER-3"])
        signed = {one.number: (one.others_signed_utc, one.utility_signed_utc) for one in found}
    assert signed == {"A": (None, None), "B": (later, None), "C": (later, later)}


def test_trail_lines_come_with_their_agreement_in_order(engine: Engine) -> None:
    keep(engine, a_dossier(number="A", slots=slots()), a_dossier(number="B", order_no="O2", slots=slots()))
    with SqlUnitOfWork(engine) as work:
        for subject, line in (("A", b"1"), ("B", b"2"), ("A", b"3")):
            work.trails.append(subject, line)
        work.commit()
    with SqlUnitOfWork(engine) as work:
        (only,) = work.deadlines.agreements_of(["ORDER-1"])
    assert (only.number, only.lines, only.anchored_utc) == ("A", (b"1", b"3"), None)


def test_a_compact_speaks_for_its_order_once_it_is_signed_and_while_it_stands(engine: Engine) -> None:
    kind = "SERVICE_COMPACT"
    signed = executed("A", "SIGNED", kind, MONDAY)
    ended = replace(executed("B", "ENDED", kind, MONDAY), state=AgreementState.TERMINATED)
    open_one = a_dossier(number="C", order_no="OPEN", kind=kind, slots=slots())
    keep(engine, signed, ended, open_one, executed("D", "SUPPLY", "HV_SUPPLY", MONDAY))
    with SqlUnitOfWork(engine) as work:
        found = work.deadlines.agreements_of(["SIGNED", "ENDED", "OPEN", "SUPPLY"])
    assert {one.number: one.compact for one in found} == {"A": b"{}", "B": None, "C": None, "D": None}


def test_an_order_is_live_until_it_is_energised_or_closed(engine: Engine) -> None:
    keep(
        engine,
        milestone("RUNNING"),
        milestone("LIT"),
        milestone("LIT", ProcessStep.ENERGISED),
        milestone("CLOSED"),
        milestone("CLOSED", ProcessStep.ORDER_CLOSED),
        a_dossier(number="A", order_no="UNSIGNED", slots=slots()),
        a_dossier(number="B", order_no="CLOSED", slots=slots()),
        executed("C", "SIGNED", "HV_SUPPLY", MONDAY),
        a_dossier(number="D", order_no="TAKEN-BACK", state=AgreementState.WITHDRAWN, slots=slots()),
    )
    with SqlUnitOfWork(engine) as work:
        assert work.deadlines.live_orders(MONDAY + timedelta(days=1)) == ("RUNNING", "UNSIGNED")
        assert work.deadlines.live_orders(MONDAY) == ("CLOSED", "LIT", "RUNNING", "UNSIGNED")


def spans(engine: Engine, ends: ProcessStep, province: str = "ZJ") -> dict[tuple[str, str], FigureRow]:
    with SqlUnitOfWork(engine) as work:
        rows = work.figures.spans(
            ends, province=province, working_days=DAYS, provisional_from=CALENDAR.provisional_from
        )
    return {(row.cut, row.value): row for row in rows}


def some_orders(engine: Engine) -> None:
    """Three high-voltage contracts after 4, 5 and 9 working days, one low-voltage after 1."""
    after = {
        "H1": (4, "HV_SUPPLY"),
        "H2": (7, "HV_SUPPLY"),
        "H3": (11, "HV_SUPPLY"),
        "L1": (1, "LV_RES_SUPPLY"),
    }
    for order_no, (days, kind) in after.items():
        keep(
            engine,
            milestone(order_no, district="鄞州区" if order_no == "H1" else "海曙区"),
            executed(order_no, order_no, kind, MONDAY + timedelta(days=days)),
            milestone(order_no, ProcessStep.ENERGISED, MONDAY + timedelta(days=days + 1)),
        )


def test_working_days_to_signature_are_those_of_the_calendar(engine: Engine) -> None:
    some_orders(engine)
    found = spans(engine, ProcessStep.CONTRACT_EXECUTED)
    whole = found["group", "HV"]
    assert (whole.count, whole.average, whole.average_calendar) == (3, Decimal("6.0"), Decimal("7.3"))
    assert (whole.p50, whole.p90, whole.provisional) == (Decimal("5.0"), Decimal("8.2"), 0)
    assert found["all", ""].count == 4
    assert found["kind", "LV_RES_SUPPLY"].average == Decimal("1.0")
    assert found["month", "2026-11"].count == 4
    assert found["district", "鄞州区"].average == Decimal("4.0")
    assert found["group_month", "HV/2026-11"].count == 3
    assert found["all", ""].p50 == CALENDAR.working_days_between(
        date(2026, 11, 16), date(2026, 11, 20)
    ) + Decimal("0.5")


def test_days_to_power_are_counted_by_the_kind_of_the_orders_contract(engine: Engine) -> None:
    some_orders(engine)
    keep(engine, a_dossier(number="D1", order_no="H1", kind="GRID_DISPATCH", slots=slots()))
    found = spans(engine, ProcessStep.ENERGISED)
    assert (found["group", "HV"].count, found["group", "HV"].average) == (3, Decimal("6.3"))
    assert found["group", "LV"].average == Decimal("2.0")


def test_a_contract_whose_application_was_not_recorded_is_counted_apart(engine: Engine) -> None:
    keep(
        engine,
        executed("A", "NEVER", "HV_SUPPLY", MONDAY),
        executed("B", "AFTERWARDS", "HV_SUPPLY", MONDAY),
        milestone("AFTERWARDS", at=MONDAY + timedelta(days=1)),
    )
    assert spans(engine, ProcessStep.CONTRACT_EXECUTED) == {}
    with SqlUnitOfWork(engine) as work:
        assert (work.figures.undated("ZJ"), work.figures.undated("SD")) == (2, 0)


def test_the_day_changes_at_midnight_in_beijing(engine: Engine) -> None:
    keep(
        engine,
        milestone("O", at=datetime(2026, 11, 16, 15, 59, tzinfo=UTC)),
        executed("A", "O", "HV_SUPPLY", datetime(2026, 11, 16, 16, 1, tzinfo=UTC)),
    )
    assert spans(engine, ProcessStep.CONTRACT_EXECUTED)["all", ""].average == Decimal("1.0")


def test_a_span_into_an_undecreed_year_is_flagged(engine: Engine) -> None:
    keep(engine, milestone("O"), executed("A", "O", "HV_SUPPLY", datetime(2027, 1, 11, tzinfo=UTC)))
    assert spans(engine, ProcessStep.CONTRACT_EXECUTED)["all", ""].provisional == 1


def test_another_provinces_orders_are_not_ours(engine: Engine) -> None:
    keep(engine, milestone("O", province="SD"), milestone("O", ProcessStep.ENERGISED, province="SD"))
    assert spans(engine, ProcessStep.ENERGISED) == {}
    assert spans(engine, ProcessStep.ENERGISED, "SD")["all", ""].count == 1


def test_an_order_stands_at_the_farthest_step_it_took_and_a_closed_one_nowhere(engine: Engine) -> None:
    some_orders(engine)
    keep(engine, milestone("H4"), milestone("H4", ProcessStep.SCHEME_REPLIED), milestone("H5"))
    keep(engine, milestone("GONE"), milestone("GONE", ProcessStep.ORDER_CLOSED))
    with SqlUnitOfWork(engine) as work:
        standing = {row.step: row.orders for row in work.figures.standing_at("ZJ")}
    assert standing == {
        ProcessStep.APPLICATION_RECEIVED: 1,
        ProcessStep.SCHEME_REPLIED: 1,
        ProcessStep.ENERGISED: 4,
    }


def test_stages_are_what_the_customer_went_through(engine: Engine) -> None:
    some_orders(engine)
    keep(
        engine,
        milestone("H1", ProcessStep.SCHEME_REPLIED),
        milestone("H1", ProcessStep.MID_INSPECTION),
        milestone("H1", ProcessStep.ACCEPTANCE_ASKED),
    )
    with SqlUnitOfWork(engine) as work:
        found = [(row.group, row.orders, row.average) for row in work.figures.stages("ZJ")]
    assert found == [("HV", 3, Decimal("2.7")), ("LV", 1, Decimal("2.0"))]
