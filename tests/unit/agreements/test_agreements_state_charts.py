"""The paper on the two lives shows the tables as they are."""

from __future__ import annotations

from pathlib import Path

from contracts_chain.agreements.lifecycle import AgreementState, EvidenceState, agreement_arrows
from contracts_chain.agreements.state_charts import agreement_chart, evidence_chart

PAPER = Path(__file__).parents[3] / "docs" / "lifecycle.md"


def test_the_paper_holds_both_charts_as_the_tables_give_them() -> None:
    paper = PAPER.read_text("utf-8")
    assert agreement_chart() in paper
    assert evidence_chart() in paper


def test_every_state_and_arrow_is_drawn() -> None:
    chart = agreement_chart()
    assert all(f"{state} : {state} {state.zh}" in chart for state in AgreementState)
    assert all(f"{start} --> {to} : {deed}" in chart for start, deed, to in agreement_arrows())
    assert all(f"{state} : {state}" in evidence_chart() for state in EvidenceState)
