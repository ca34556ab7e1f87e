"""Agreements of three parties on a real house: each in its turn, all in one proven package."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest
from workflows_desk import TERM, anchor_all, fresh_order_no, passed, sign_as
from workflows_life import planted

from api.house import House
from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.agreements.rules.finding import RulesViolatedError
from contracts_chain.agreements.terms import AgreementTerms
from contracts_chain.agreements.terms.commercial import Annex
from contracts_chain.agreements.terms.relay import RelayTerms
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.evidence.verify import verify_package
from contracts_chain.workflows.annexes import keep_annex
from contracts_chain.workflows.archive import build_archive
from contracts_chain.workflows.ceremony import begin
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.draft import draft_agreement
from contracts_chain.workflows.draft_view import draft_view
from contracts_chain.workflows.offer import Offer, offer
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.package import build_package
from kernel.digests import sha256
from kernel.errors import RejectedError
from kernel.verdict import Verdict
from signing.inspection import inspect_pdf

PROGRAM = Path(__file__).parents[3] / "docs/verify_anchor.py"
DRAWING = b"%PDF-1.7\n% photographs of the relay point\n%%EOF\n"
SAMPLES = files("contracts_chain.agreements.samples")


def terms_of(name: str) -> AgreementTerms:
    """The sample of a class, its term begun already."""
    terms = load_terms((SAMPLES / f"{name}.json").read_bytes())
    return replace(terms, valid_from=TERM[0], valid_to=TERM[1])


def relay_terms(office: Office) -> RelayTerms:
    """The sample, with the numbers of supply contracts that both customers have here."""
    terms = terms_of("entrusted_relay_supply")
    assert isinstance(terms, RelayTerms)
    relayer = planted(office, consumer=terms.relayer, cust_no=terms.relayer_cust_no)
    relayed = planted(office, consumer=terms.relayed, cust_no=terms.cust_no)
    kept = keep_annex(office, DRAWING, by="drafter")
    return replace(
        terms,
        relayer_contract_no=relayer.number,
        relayed_contract_no=relayed.number,
        annexes=(*terms.annexes, Annex(no="附件9", title="转供点照片", sha256=kept.sha256.hex())),
    )


def offered(office: Office, terms: AgreementTerms) -> Offer:
    dossier = draft_agreement(office, terms, order_no=fresh_order_no(), drafted_by="drafter")
    return offer(office, passed(office, dossier).number, by="reviewer")


@pytest.fixture(scope="module")
def relayed(house: House) -> AgreementDossier:
    """The relay agreement, signed by both customers and then by the supplier."""
    sent = offered(house.office, relay_terms(house.office))
    after_first = sign_as(house.office, sent.tokens["relayer"])
    after_second = sign_as(house.office, sent.tokens["relayed"])
    assert {after_first.state, after_second.state} == {AgreementState.PARTLY_SIGNED}
    return sign_as(house.office, sent.tokens["supplier"])


def test_the_agreement_is_formed_only_when_all_three_have_signed_and_sealed(
    relayed: AgreementDossier,
) -> None:
    assert relayed.state.is_formed
    assert [slot.field for slot in relayed.slots] == [
        "RelayerPerson", "RelayerSeal", "RelayedPerson", "RelayedSeal", "SupplierPerson", "SupplierSeal",
    ]  # fmt: skip
    assert all(slot.signed for slot in relayed.slots)


def test_its_package_is_proven_by_the_recipe_and_by_the_program_that_shares_no_code(
    house: House, relayed: AgreementDossier, tmp_path: Path
) -> None:
    office = house.office
    anchor_all(office)
    package = build_package(office, relayed.number).package
    report = verify_package(package, office.trust, at=office.clock.now(), inspect=inspect_pdf)
    assert report.verdict is Verdict.PROVEN
    office.trust.write(tmp_path / "trust")
    (tmp_path / "evidence.asice").write_bytes(package)
    run = subprocess.run(
        [sys.executable, "-I", PROGRAM, tmp_path / "evidence.asice", tmp_path / "trust" / "trust.json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_its_archive_holds_the_annex_that_was_uploaded_and_no_other(
    house: House, relayed: AgreementDossier
) -> None:
    anchor_all(house.office)
    archived = build_archive(house.office, relayed.number, by="archivist")
    annexes = {name: body for name, body in archived.files.items() if name.startswith("annexes/")}
    assert annexes == {f"annexes/{sha256(DRAWING).hex()}.pdf": DRAWING}


def test_the_dispatch_centre_signs_after_the_owner_and_before_the_utility(office: Office) -> None:
    sent = offered(office, terms_of("grid_dispatch_renewable"))
    with pytest.raises(RejectedError):
        begin(office, sent.tokens["dispatch_centre"])
    for role in ("owner", "dispatch_centre", "supplier"):
        dossier = sign_as(office, sent.tokens[role])
    assert dossier.state.is_formed


def test_a_relay_that_names_somebody_elses_contract_is_refused_with_both_numbers(office: Office) -> None:
    terms = relay_terms(office)
    swapped = replace(
        terms,
        relayer_contract_no=terms.relayed_contract_no,
        relayed_contract_no=terms.relayer_contract_no,
    )
    with pytest.raises(RulesViolatedError) as refused:
        draft_agreement(office, swapped, order_no=fresh_order_no(), drafted_by="drafter")
    assert [(one.rule, one.path) for one in refused.value.findings] == [
        ("R-REL-2", "relayer"),
        ("R-REL-2", "relayer_cust_no"),
        ("R-REL-2", "relayed"),
        ("R-REL-2", "cust_no"),
    ]
    assert terms.relayed_contract_no in refused.value.zh


def test_a_number_of_ours_that_nothing_bears_is_refused_and_anothers_is_let_pass(office: Office) -> None:
    terms = relay_terms(office)
    nobodys = replace(terms, relayed_contract_no="SGZJMZ00YXGY9999999")
    with pytest.raises(RulesViolatedError) as refused:
        draft_agreement(office, nobodys, order_no=fresh_order_no(), drafted_by="drafter")
    assert [(one.rule, one.path) for one in refused.value.findings] == [("R-REL-2", "relayed_contract_no")]
    anothers = replace(terms, relayed_contract_no="SGZJHZ00YXGY2600001")
    number = draft_agreement(office, anothers, order_no=fresh_order_no(), drafted_by="drafter").number
    assert [one.rule for one in draft_view(office, number).findings if one.rule.startswith("R-REL-")] == [
        "R-REL-3"
    ]
