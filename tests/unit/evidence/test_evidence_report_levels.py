"""The report says of each will how it was confirmed, and says it in words where that was the lower level."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from contracts_chain.evidence.report_ceremony import ceremony_tables
from contracts_chain.evidence.trail import Trail, TrailEventKind, append
from kernel.canonical_json import JsonObject
from pdfgen.document import GridTable
from signing.model import SoleControl

NOW = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)


def trail_of(level: SoleControl) -> Trail:
    """One party, identified by its carrier, whose will was confirmed at this level."""
    told: tuple[tuple[TrailEventKind, JsonObject], ...] = (
        (TrailEventKind.IDENTIFIED, {"method": "carrier_three_elements", "role": "consumer"}),
        (TrailEventKind.WILL_CONFIRMED, {"level": level.value, "role": "consumer"}),
    )
    trail: Trail = ()
    for kind, details in told:
        trail = append(trail, kind, occurred_utc=NOW, actor="consumer", details=details)
    return trail


@pytest.mark.parametrize("level", [one for one in SoleControl if one is not SoleControl.CUSTODIAN])
def test_a_report_names_the_level_of_each_will_and_the_lower_one_in_words(level: SoleControl) -> None:
    (control,) = ceremony_tables(trail_of(level), {"consumer": "用电人"})
    assert isinstance(control, GridTable)
    ((party, method, will, _),) = control.rows
    assert (party, method, will) == ("用电人", "运营商三要素核验", level.zh)
    assert ("较低等级" in will) == level.is_lower
