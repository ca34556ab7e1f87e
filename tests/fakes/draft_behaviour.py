"""What every store of drafts must do; run over the fake and over PostgreSQL alike.

A subclass gives a fixture ``open_work``: a factory of units of work on an empty store.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import permutations
from typing import Any

import pytest
from repository_behaviour import NUMBER, a_ceremony, a_dossier, slots

from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.agreements.separation import Part, SeparationOfDutiesError
from contracts_chain.workflows.draft_ports import DraftVersion, Remark, ReviewNote
from contracts_chain.workflows.errors import StaleDossierError
from kernel.digests import sha256
from kernel.ids import PersonId
from kernel.sized_bytes import BlockHash

NOW = datetime(2026, 11, 20, 7, 32, 5, tzinfo=UTC)
LI, WANG, DOC = PersonId("li"), PersonId("wang"), PersonId("doc:1")


def a_version(number: int = 1) -> DraftVersion:
    return DraftVersion(
        number=NUMBER,
        version=number,
        terms=b"{%d}" % number,
        rule_pack="2026.1",
        profile="ZJ",
        template="hv/1",
        template_sha256=sha256(b"template"),
        not_before_number=7,
        not_before_hash=BlockHash(bytes(32)),
        saved_by="li",
        saved_utc=NOW,
    )


class DraftBehaviour:
    """Every test takes ``open_work``; its type differs between the fake and PostgreSQL."""

    @pytest.fixture(autouse=True)
    def drafted(self, open_work: Any) -> None:
        with open_work() as work:
            work.agreements.add(a_dossier())
            work.commit()

    def test_versions_are_kept_in_order_and_a_number_is_given_once(self, open_work: Any) -> None:
        with open_work() as work:
            work.drafts.add(a_version(2))
            work.drafts.add(a_version(1))
            work.commit()
        with open_work() as work:
            assert list(work.drafts.versions(NUMBER)) == [a_version(1), a_version(2)]
            assert work.drafts.find(NUMBER, 2) == a_version(2)
            assert work.drafts.find(NUMBER, 3) is None
            assert list(work.drafts.versions("nobody")) == []
        with open_work() as work, pytest.raises(StaleDossierError):
            work.drafts.add(a_version(2))

    def test_the_pdf_of_a_version_may_follow_once(self, open_work: Any) -> None:
        with open_work() as work:
            work.drafts.add(a_version())
            work.drafts.draw(NUMBER, 1, sha256(b"pdf"), 12)
            work.commit()
        with open_work() as work:
            drawn = work.drafts.find(NUMBER, 1)
        assert (drawn.document_sha256, drawn.pages) == (sha256(b"pdf"), 12)

    def test_reviews_are_kept_in_order_with_their_remarks(self, open_work: Any) -> None:
        returned = ReviewNote(
            number=NUMBER,
            version=1,
            verdict="returned",
            reviewer="wang",
            reviewed_utc=NOW,
            reason="容量有误",
            remarks=(Remark(path="contract_cap", text="应为 800 kVA"), Remark(path="", text="其余无误")),
        )
        passed = replace(returned, version=2, verdict="approved", reason="", remarks=())
        with open_work() as work:
            work.drafts.note(returned)
            work.drafts.note(passed)
            work.commit()
        with open_work() as work:
            assert list(work.drafts.reviews(NUMBER)) == [returned, passed]

    @pytest.mark.parametrize(("held", "wanted"), list(permutations(Part, 2)))
    def test_a_person_has_one_part_whatever_comes_second(
        self, open_work: Any, held: Part, wanted: Part
    ) -> None:
        with open_work() as work:
            work.people.take(NUMBER, held, {LI})
            work.people.take(NUMBER, held, {LI})
            work.commit()
        with open_work() as work, pytest.raises(SeparationOfDutiesError) as refused:
            work.people.take(NUMBER, wanted, {WANG, LI})
        assert (refused.value.person, refused.value.held, refused.value.wanted) == (LI, held, wanted)
        with open_work() as work:
            assert work.people.parts(NUMBER) == {LI: held}

    def test_signers_are_replaced_and_drafters_are_not(self, open_work: Any) -> None:
        with open_work() as work:
            work.people.take(NUMBER, Part.DRAFTER, {LI})
            work.people.name_signers(NUMBER, {WANG, DOC})
            work.people.name_signers(NUMBER, {DOC})
            assert work.people.parts(NUMBER) == {LI: Part.DRAFTER, DOC: Part.SIGNER}
            with pytest.raises(SeparationOfDutiesError):
                work.people.name_signers(NUMBER, {LI})

    def test_an_account_and_its_document_are_one_person_both_ways(self, open_work: Any) -> None:
        with open_work() as work:
            work.people.bind(LI, DOC)
            work.people.bind(WANG, DOC)
            assert work.people.known_as({LI}) == {LI, WANG, DOC}
            assert work.people.known_as({DOC}) == {LI, WANG, DOC}
            assert work.people.known_as({PersonId("sun")}) == {"sun"}
            work.people.bind(WANG, PersonId("doc:2"))
            assert work.people.known_as({LI}) == {LI, DOC}

    def test_new_terms_bring_their_own_signatures(self, open_work: Any) -> None:
        with open_work() as work:
            read = work.agreements.load(NUMBER)
            person, *_ = slots()
            mine = (replace(person, signer_name="another"), replace(person, field="ThirdPerson", ordinal=1))
            work.agreements.rewrite(replace(read, slots=mine, terms=b"{2}", draft_version=2))
            work.commit()
        with open_work() as work:
            after = work.agreements.load(NUMBER)
        assert (after.slots, after.terms, after.draft_version) == (mine, b"{2}", 2)
        with open_work() as work, pytest.raises(StaleDossierError):
            work.agreements.rewrite(replace(read, terms=b"{3}"))

    @pytest.mark.parametrize(
        "state", [AgreementState.REJECTED, AgreementState.WITHDRAWN, AgreementState.LAPSED]
    )
    def test_an_order_that_came_to_nothing_may_be_drafted_anew(
        self, open_work: Any, state: AgreementState
    ) -> None:
        again = a_dossier(number="SGZJMZ00YXGY2600002")
        for ended in (state, AgreementState.ARCHIVED):
            with open_work() as work:
                work.agreements.save(replace(work.agreements.load(NUMBER), state=ended))
                assert work.agreements.find_by_order("ORDER-1", "HV_SUPPLY") is None
                work.commit()
        with open_work() as work:
            work.agreements.add(again)
            assert work.agreements.find_by_order("ORDER-1", "HV_SUPPLY") == again

    def test_offers_over_are_those_open_past_their_last_day(self, open_work: Any) -> None:
        last = date(2026, 12, 4)
        with open_work() as work:
            for number, state in (
                ("B", AgreementState.PARTLY_SIGNED),
                ("A", AgreementState.OFFERED),
                ("C", AgreementState.EXECUTED),
                ("D", AgreementState.DRAFT),
            ):
                offered = a_dossier(number=number, order_no=number)
                work.agreements.add(replace(offered, state=state, offer_until=last))
            assert work.agreements.expired_offers(last) == ()
            assert work.agreements.expired_offers(date(2026, 12, 5)) == ("A", "B")

    def test_every_link_of_an_agreement_is_found(self, open_work: Any) -> None:
        consumer, supplier = a_ceremony("consumer"), a_ceremony("supplier")
        with open_work() as work:
            work.ceremonies.add(consumer)
            work.ceremonies.add(supplier)
            found = work.ceremonies.of_agreement(NUMBER, lock=True)
            assert {one.id for one in found} == {consumer.id, supplier.id}
            assert work.ceremonies.of_agreement("nobody") == ()

    def test_a_series_counts_on_and_may_be_held_first(self, open_work: Any) -> None:
        with open_work() as work:
            work.numbers.hold("GY2026")
            assert [work.numbers.next_serial("GY2026") for _ in range(3)] == [1, 2, 3]
            assert work.numbers.next_serial("GY2027") == 1
