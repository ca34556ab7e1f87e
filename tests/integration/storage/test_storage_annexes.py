"""PostgreSQL keeps the first upload of an annex for good, and finds an account's retailers by state."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from dossiers import a_dossier
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.agreements.rules.related_rules import RetailPeriod
from contracts_chain.storage.unit_of_work import SqlUnitOfWork
from contracts_chain.workflows.annex_ports import BINDING, AnnexFile
from kernel.digests import sha256

ANNEX = AnnexFile(
    sha256=sha256(b"paper"),
    media_type="application/pdf",
    length=5,
    uploaded_by="drafter",
    uploaded_utc=datetime(2026, 11, 20, 1, 0, tzinfo=UTC),
)
PERIOD = RetailPeriod(
    number="SGZJMZ00YXGY2600001",
    retailer_uscc="91330200MA23AMP15X",
    retail_contract_no="LS-2026-1",
    retail_from=date(2027, 1, 1),
    retail_to=date(2027, 12, 31),
)
ACCOUNT = "3305102600835"


def test_the_first_upload_of_an_annex_stands(engine: Engine) -> None:
    with SqlUnitOfWork(engine) as work:
        assert work.annexes.find(ANNEX.sha256) is None
        assert work.annexes.add(ANNEX) == ANNEX
        assert work.annexes.add(replace(ANNEX, uploaded_by="somebody else")) == ANNEX
        work.commit()
    with SqlUnitOfWork(engine) as work:
        assert work.annexes.find(ANNEX.sha256) == ANNEX
        assert work.annexes.digests() == (ANNEX.sha256,)


@pytest.mark.parametrize(
    "statement", ["UPDATE annexes SET length = 0", "DELETE FROM annexes", "TRUNCATE annexes"]
)
def test_no_statement_takes_an_annex_back(engine: Engine, statement: str) -> None:
    with SqlUnitOfWork(engine) as work:
        work.annexes.add(ANNEX)
        work.commit()
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(statement))


@pytest.mark.parametrize("state", AgreementState)
def test_an_accounts_retailer_binds_while_its_agreement_is_offered_or_runs(
    engine: Engine, state: AgreementState
) -> None:
    with SqlUnitOfWork(engine) as work:
        work.agreements.add(a_dossier(number=PERIOD.number, state=state))
        work.retail.keep(PERIOD.number, ACCOUNT, (PERIOD,))
        assert work.retail.binding(ACCOUNT, besides=None) == ((PERIOD,) if state in BINDING else ())
        assert work.retail.binding(ACCOUNT, besides=PERIOD.number) == ()
        assert work.retail.binding("3301000000000", besides=None) == ()


def test_new_periods_take_the_place_of_the_old_ones(engine: Engine) -> None:
    later = replace(PERIOD, retail_contract_no="LS-2026-2", retail_from=date(2027, 7, 1))
    with SqlUnitOfWork(engine) as work:
        work.agreements.add(a_dossier(number=PERIOD.number, state=AgreementState.OFFERED))
        work.retail.keep(PERIOD.number, ACCOUNT, (PERIOD, later))
        assert work.retail.binding(ACCOUNT, besides=None) == (PERIOD, later)
        work.retail.keep(PERIOD.number, ACCOUNT, (later,))
        assert work.retail.binding(ACCOUNT, besides=None) == (later,)
        work.retail.keep(PERIOD.number, ACCOUNT, ())
        assert work.retail.binding(ACCOUNT, besides=None) == ()
