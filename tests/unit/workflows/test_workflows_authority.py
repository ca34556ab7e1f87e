"""Nobody signs outside a letter of authority, whatever was true when the agreement was drafted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from memory_office import MemoryOffice, memory_office, paperless

from contracts_chain.agreements.authority import AuthorityExceededError
from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.agreements.terms.codes import AgreementKind
from contracts_chain.agreements.terms.party import AuthorizationLetter
from contracts_chain.agreements.terms_json import load_terms, terms_bytes
from contracts_chain.workflows.authority_check import LetterUnknownError, revoke_letter, verify_authority
from contracts_chain.workflows.authority_ports import LetterRevocation
from contracts_chain.workflows.ceremony import begin, sign_with_code
from contracts_chain.workflows.offer import offer
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.review import approve, submit_for_review
from contracts_chain.workflows.sign import sign_slot
from contracts_chain.workflows.will import send_code

LETTER = "MZGD-SQ-2026-017"
TODAY = date(2026, 11, 20)


@pytest.fixture
def links() -> dict[str, str]:
    """Link of each party by role, once it is offered."""
    return {}


@pytest.fixture
def world(links: dict[str, str]) -> Iterator[MemoryOffice]:
    """An agreement that the consumer has signed; the utility's agent has confirmed and is due."""
    with paperless():
        made = memory_office()
        number = made.draft(by="li")
        submit_for_review(made.office, number, by="li")
        approve(made.office, number, reviewer="zhao")
        links |= offer(made.office, number, by="zhao").tokens
        made.sign(links["consumer"])
        made.release(links["supplier"])
        yield made


def number_of(world: MemoryOffice) -> str:
    (number,) = world.tables.agreements
    return number


def with_letter(world: MemoryOffice, **changes: object) -> None:
    """Put another letter into the stored terms, as if the draft had been made by it."""
    dossier = world.tables.agreements[number_of(world)]
    terms = load_terms(dossier.terms)
    agent = terms.party("supplier").agent
    assert agent is not None
    letter: AuthorizationLetter = replace(agent.letter, **changes)  # type: ignore[arg-type]
    party = replace(terms.party("supplier"), agent=replace(agent, letter=letter))
    changed = terms.with_parties({"supplier": party})
    world.tables.agreements[dossier.number] = replace(dossier, terms=terms_bytes(changed))


def sign(world: MemoryOffice) -> None:
    sign_slot(world.office, number_of(world), "SupplierPerson", actor="supplier")


def revoke(world: MemoryOffice, on: date, reason: str = "岗位调整") -> LetterRevocation:
    with world.office.work() as work:
        at = world.clock.now()
        standing = revoke_letter(work, number_of(world), LETTER, on=on, reason=reason, by="legal", at=at)
        work.commit()
    return standing


@pytest.mark.parametrize(
    ("changes", "zh"),
    [
        ({"capacity_limit_kva": Decimal(500)}, "授权到 500 kVA，合同 12600 kVA"),
        ({"kinds": (AgreementKind.GRID_DISPATCH,)}, "不含高压供用电合同"),
        ({"valid_to": TODAY - timedelta(days=1)}, "不含 2026-11-20"),
        ({"valid_from": TODAY + timedelta(days=1)}, "不含 2026-11-20"),
        ({"principal": "另一公司"}, "委托人为“另一公司”"),
        ({"delegated_by": "MZGD-SQ-2025-001"}, "未同意转委托"),
    ],
)
def test_a_letter_that_does_not_cover_the_agreement_today_signs_nothing(
    world: MemoryOffice, changes: dict[str, object], zh: str
) -> None:
    with_letter(world, **changes)
    before = world.tables.agreements[number_of(world)]
    with pytest.raises(AuthorityExceededError) as refused:
        sign(world)
    assert zh in refused.value.zh
    assert world.tables.agreements[before.number] == before
    assert f"sign:{before.number}:SupplierPerson" not in world.tables.drafts.intents


def test_a_letter_that_covers_everything_signs(world: MemoryOffice) -> None:
    sign(world)
    assert world.tables.agreements[number_of(world)].slot("SupplierPerson").signed


@pytest.mark.parametrize(
    "step", [begin, send_code, lambda office, token: sign_with_code(office, token, "000000")]
)
def test_a_signer_without_authority_is_told_at_the_first_step_and_at_every_other(
    world: MemoryOffice, links: dict[str, str], step: Callable[[Office, str], object]
) -> None:
    with_letter(world, capacity_limit_kva=Decimal(500))
    with pytest.raises(AuthorityExceededError, match="500 kVA, the contract is for 12600 kVA"):
        step(world.office, links["supplier"])


def test_a_revoked_letter_covers_nothing_from_its_day(world: MemoryOffice) -> None:
    revoke(world, TODAY)
    with pytest.raises(AuthorityExceededError, match="revoked from 2026-11-20"):
        sign(world)


def test_a_letter_covers_until_the_day_before_its_revocation(world: MemoryOffice) -> None:
    revoke(world, TODAY + timedelta(days=1))
    sign(world)


def test_what_was_signed_before_the_revocation_stands_and_its_seal_follows(world: MemoryOffice) -> None:
    sign(world)
    revoke(world, TODAY)
    sign_slot(world.office, number_of(world), "SupplierSeal", actor="supplier")
    assert world.tables.agreements[number_of(world)].state is AgreementState.EXECUTED


def test_the_first_revocation_of_a_letter_stands(world: MemoryOffice) -> None:
    first = revoke(world, TODAY)
    again = revoke(world, TODAY + timedelta(days=9), reason="另一事由")
    assert again == first


def test_only_a_letter_that_the_agreement_names_can_be_revoked_by_it(world: MemoryOffice) -> None:
    with world.office.work() as work, pytest.raises(LetterUnknownError, match="MZGD-SQ-0000"):
        revoke_letter(
            work,
            number_of(world),
            "MZGD-SQ-0000",
            on=TODAY,
            reason="无",
            by="legal",
            at=world.clock.now(),
        )


def test_a_party_that_acts_itself_needs_no_letter(world: MemoryOffice) -> None:
    dossier = world.tables.agreements[number_of(world)]
    with world.office.work() as work:
        verify_authority(work, dossier, "consumer", world.clock.now())
