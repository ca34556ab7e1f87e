"""An authority elsewhere names no level of control in its certificate: the proven release alone tells it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from evidence_case import NOW, Case, inspect_once

from contracts_chain.evidence import trail as trails
from contracts_chain.evidence.trail import TrailEventKind
from contracts_chain.evidence.verify import verify_package
from kernel.verdict import Check, Verdict
from signing.model import PdfFindings, SignatureTrust


def inspect_without_levels(pdf: bytes, trust: SignatureTrust, *, skew: timedelta) -> PdfFindings:
    """What a file tells whose certificates name no level."""
    found = inspect_once(pdf, trust, skew=skew)
    bare = (
        replace(one, signer=replace(one.signer, sole_control=None)) if one.signer is not None else one
        for one in found.signatures
    )
    return replace(found, signatures=tuple(bare))


def steps(case: Case, *, named: bool = False) -> dict[int, Check]:
    inspect = inspect_once if named else inspect_without_levels
    report = verify_package(case.package(), case.trust, at=NOW, inspect=inspect)
    return {check.step: check for check in report.checks}


def raised_to(case: Case, level: str) -> Case:
    """A dishonest service writes another level into the trail and anchors it."""
    made: trails.Trail = ()
    for event in case.trail:
        raised = {"level": level} if event.event is TrailEventKind.WILL_CONFIRMED else {}
        details = {**event.details, **raised}
        made = trails.append(
            made, event.event, occurred_utc=event.occurred_utc, actor=event.actor, details=details
        )
    records = [logged.record for logged in case.evidence.records]
    records[-1] = replace(records[-1], details={"trail": trails.final_hash(made).hex()})
    return replace(case, trail=made).relogged(records)


def test_the_release_tells_the_lower_level_where_the_certificate_names_none(case: Case) -> None:
    found = steps(case)
    assert found[6].verdict is Verdict.PROVEN
    assert "据签署授权属较低等级的有：ConsumerPerson：短信签署码（较低等级）" in found[6].zh
    assert "the certificate names none: ConsumerPerson by one time code" in found[6].en
    assert "较低等级" not in found[3].zh


def test_what_the_certificate_names_is_told_once(case: Case) -> None:
    found = steps(case, named=True)
    assert "较低等级" in found[3].zh
    assert "较低等级" not in found[6].zh


@pytest.mark.parametrize("level", ["passkey", "totp", "own_key", "custodian"])
def test_no_other_level_is_read_into_a_certificate_that_names_none(case: Case, level: str) -> None:
    found = steps(raised_to(case, level))
    assert (found[6].verdict, found[6].code) == (Verdict.REFUTED, "will_refuted")
    assert steps(raised_to(case, "one_time_code"))[6].verdict is Verdict.PROVEN
