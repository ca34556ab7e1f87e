"""A package closed anew under the same authority: refuted unless the bundle names who closed it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from evidence_case import CONSUMER, NOW, SUPPLIER, Case, inspect_once

from contracts_chain.evidence.package_sealer import PackageSealer
from contracts_chain.evidence.verify import verify_package
from kernel.verdict import Verdict
from signing.model import Credential, SoleControl

PROVEN, REFUTED = Verdict.PROVEN, Verdict.REFUTED
FORGED_REPORT = b"%PDF-1.7 another report"
GRID = PackageSealer(organisation=SUPPLIER[0], organisation_id=SUPPLIER[1])


def seal_of(case: Case, name: str, identity: str, seal_name: str = "合同专用章") -> Credential:
    return case.ca.issue_seal(organisation=name, organisation_id=identity, seal_name=seal_name)


def person_of(case: Case, name: str, identity: str, level: SoleControl) -> Credential:
    return case.ca.issue_person(
        name="李示例", organisation=name, organisation_id=identity, sole_control=level
    )


def judged(case: Case, packager: Credential, report: bytes = b"%PDF-1.7 report") -> dict[int, str]:
    """Codes of the steps that are not proven, of a package that this credential closed."""
    closed = replace(case, packager=packager, report_pdf=report)
    found = verify_package(closed.package(), case.trust, at=NOW, inspect=inspect_once)
    faults = {one.step: one.code for one in found.checks if one.verdict is not PROVEN}
    assert found.verdict is (REFUTED if faults else PROVEN)
    return faults


def test_a_package_closed_anew_by_a_customer_with_another_report_is_refuted(case: Case) -> None:
    assert judged(case, seal_of(case, *CONSUMER), FORGED_REPORT) == {0: "package_sealer"}


@pytest.mark.parametrize(
    ("name", "identity"),
    [(SUPPLIER[0], CONSUMER[1]), (CONSUMER[0], SUPPLIER[1]), (SUPPLIER[0] + " ", SUPPLIER[1])],
)
def test_a_certificate_that_bears_only_the_name_or_only_the_identifier_is_refuted(
    case: Case, name: str, identity: str
) -> None:
    assert judged(case, seal_of(case, name, identity)) == {0: "package_sealer"}


def test_a_natural_person_whose_common_name_is_the_organisations_is_refuted(case: Case) -> None:
    posing = case.ca.issue_person(name=SUPPLIER[0], organisation=None, organisation_id=None)
    assert judged(case, posing) == {0: "package_sealer"}


@pytest.mark.parametrize(
    "level", [one for one in SoleControl if one is not SoleControl.CUSTODIAN], ids=lambda one: one.value
)
def test_a_package_closed_by_a_person_of_the_very_organisation_is_refuted(
    case: Case, level: SoleControl
) -> None:
    assert judged(case, person_of(case, *SUPPLIER, level), FORGED_REPORT) == {0: "package_sealer"}


def test_the_refusal_names_who_sealed_and_who_should_have(case: Case) -> None:
    closed = replace(case, packager=seal_of(case, *CONSUMER)).package()
    (check,) = [
        one
        for one in verify_package(closed, case.trust, at=NOW, inspect=inspect_once).checks
        if one.step == 0
    ]
    for text in (check.en, check.zh):
        assert CONSUMER[1] in text
        assert SUPPLIER[0] in text
        assert SUPPLIER[1] in text


def test_the_organisations_own_seal_is_proven(case: Case) -> None:
    assert judged(case, case.packager) == {}


def test_a_renewed_certificate_of_the_organisations_seal_is_proven(case: Case) -> None:
    renewed = case.ca.issue_seal(
        organisation=SUPPLIER[0],
        organisation_id=SUPPLIER[1],
        seal_name="出证专用章",
        sole_control=SoleControl.CUSTODIAN,
        lifetime=timedelta(days=30),
    )
    assert renewed.certificate != case.packager.certificate
    assert judged(case, renewed) == {}


def test_a_second_organisation_of_the_bundle_may_seal_too(case: Case) -> None:
    second = PackageSealer(organisation=CONSUMER[0], organisation_id=CONSUMER[1])
    both = replace(case, trust=replace(case.trust, package_sealers=(GRID, second)))
    assert judged(both, case.packager) == {}
    assert judged(both, seal_of(case, *CONSUMER)) == {}
