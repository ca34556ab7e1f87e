"""What every store of annexes, retail periods and revocations of letters does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from dossiers import a_dossier

from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.agreements.rules.related_rules import RetailPeriod
from contracts_chain.workflows.annex_ports import BINDING, AnnexFile
from contracts_chain.workflows.authority_ports import LetterRevocation
from kernel.digests import sha256

__all__ = ["ANNEX", "REVOKED", "PapersBehaviour"]

ANNEX = AnnexFile(
    sha256=sha256(b"paper"),
    media_type="application/pdf",
    length=5,
    uploaded_by="drafter",
    uploaded_utc=datetime(2026, 11, 20, 1, 0, tzinfo=UTC),
)
REVOKED = LetterRevocation(
    letter_sha256=sha256(b"letter"),
    number="MZGD-SQ-2026-017",
    principal="浙东电网有限公司明州供电公司（示例）",
    revoked_on=date(2026, 11, 21),
    reason="岗位调整",
    recorded_by="legal",
    recorded_utc=datetime(2026, 11, 20, 1, 0, tzinfo=UTC),
)
PERIOD = RetailPeriod(
    number="SGZJMZ00YXGY2600001",
    retailer_uscc="91330200MA23AMP15X",
    retail_contract_no="LS-2026-1",
    retail_from=date(2027, 1, 1),
    retail_to=date(2027, 12, 31),
)
ACCOUNT = "3305102600835"


class PapersBehaviour:
    """Mixed into a test class that has a fixture ``open_work``."""

    def test_the_first_upload_of_an_annex_stands(self, open_work: Any) -> None:
        with open_work() as work:
            assert work.annexes.find(ANNEX.sha256) is None
            assert work.annexes.add(ANNEX) == ANNEX
            assert work.annexes.add(replace(ANNEX, uploaded_by="somebody else")) == ANNEX
            work.commit()
        with open_work() as work:
            assert work.annexes.find(ANNEX.sha256) == ANNEX
            assert work.annexes.digests() == (ANNEX.sha256,)

    def test_the_first_revocation_of_a_letter_is_found_by_its_digest_and_stands(self, open_work: Any) -> None:
        for later in (REVOKED, replace(REVOKED, revoked_on=date(2027, 1, 1), reason="另一事由")):
            with open_work() as work:
                assert work.revocations.add(later) == REVOKED
                work.commit()
        with open_work() as work:
            assert work.revocations.find(REVOKED.letter_sha256) == REVOKED
            assert work.revocations.find(sha256(b"another letter")) is None

    @pytest.mark.parametrize("state", AgreementState)
    def test_an_accounts_retailer_binds_while_its_agreement_is_offered_or_runs(
        self, open_work: Any, state: AgreementState
    ) -> None:
        with open_work() as work:
            work.agreements.add(a_dossier(number=PERIOD.number, state=state))
            work.retail.keep(PERIOD.number, ACCOUNT, (PERIOD,))
            assert work.retail.binding(ACCOUNT, besides=None) == ((PERIOD,) if state in BINDING else ())
            assert work.retail.binding(ACCOUNT, besides=PERIOD.number) == ()
            assert work.retail.binding("3301000000000", besides=None) == ()

    def test_new_periods_take_the_place_of_the_old_ones(self, open_work: Any) -> None:
        later = replace(PERIOD, retail_contract_no="LS-2026-2", retail_from=date(2027, 7, 1))
        with open_work() as work:
            work.agreements.add(a_dossier(number=PERIOD.number, state=AgreementState.OFFERED))
            for periods in ((PERIOD, later), (later,), ()):
                work.retail.keep(PERIOD.number, ACCOUNT, periods)
                assert work.retail.binding(ACCOUNT, besides=None) == periods
