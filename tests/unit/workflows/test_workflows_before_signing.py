"""Any sequence of deeds before and at signing, by anybody: the tables, the parts and the bytes hold."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from memory_office import memory_office, paperless, sample

from contracts_chain.agreements.lifecycle import (
    AgreementState,
    Deed,
    EvidenceState,
    TransitionRefusedError,
    agreement_arrows,
)
from contracts_chain.agreements.separation import Part, SeparationOfDutiesError
from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.evidence.trail import verify_trail
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.lapse import lapse_overdue
from contracts_chain.workflows.offer import offer
from contracts_chain.workflows.preflight import NotReadyError
from contracts_chain.workflows.review import approve, return_to_draft, submit_for_review
from contracts_chain.workflows.revise import revise
from contracts_chain.workflows.withdraw import withdraw
from kernel.ids import PersonId

ARROWS = {(start, deed): to for start, deed, to in agreement_arrows()}
STAFF = st.sampled_from(["li", "zhao", "wang"])
SIGNING = {AgreementState.OFFERED, AgreementState.PARTLY_SIGNED}


class BeforeSigning(RuleBasedStateMachine):
    """One agreement, three clerks who try everything."""

    @initialize(clerk=STAFF)
    def draft(self, clerk: str) -> None:
        self.stack = ExitStack()
        self.stack.enter_context(paperless())
        self.world = memory_office()
        self.office = self.world.office
        self.number = self.world.draft(by=clerk)
        self.parts = {clerk: Part.DRAFTER}
        self.saved_by = [clerk]

    def teardown(self) -> None:
        self.stack.close()

    @property
    def dossier(self) -> AgreementDossier:
        return self.world.tables.agreements[self.number]

    def attempt(
        self, deed: Deed, act: Callable[[], AgreementDossier], *, by: str = "", part: Part | None = None
    ) -> bool:
        """Do it; it must go by the table and by the parts, or change nothing."""
        before = self.dossier
        clash = part is not None and self.parts.get(by, part) is not part
        try:
            after = act()
        except TransitionRefusedError:
            assert (before.state, deed) not in ARROWS
        except SeparationOfDutiesError:
            assert clash
        except NotReadyError:
            assert self.office.clock.now().date() > sample().sign_by
        else:
            assert not clash
            assert after == self.dossier
            assert after.state is ARROWS[before.state, deed]
            if part is not None and after != before:
                self.parts[by] = part
            return True
        assert self.dossier == before
        return False

    @rule(clerk=STAFF)
    def submit(self, clerk: str) -> None:
        self.attempt(
            Deed.SUBMIT,
            partial(submit_for_review, self.office, self.number, by=clerk),
            by=clerk,
            part=Part.DRAFTER,
        )

    @rule(clerk=STAFF)
    def approve(self, clerk: str) -> None:
        act = partial(approve, self.office, self.number, reviewer=clerk)
        if self.attempt(Deed.APPROVE, act, by=clerk, part=Part.REVIEWER):
            assert self.dossier.approved_sha256 == self.dossier.current_sha256

    @rule(clerk=STAFF)
    def send_back(self, clerk: str) -> None:
        act = partial(return_to_draft, self.office, self.number, reviewer=clerk, reason="容量有误")
        self.attempt(Deed.RETURN, act, by=clerk, part=Part.REVIEWER)

    @rule(clerk=STAFF, load=st.integers(1, 3))
    def edit(self, clerk: str, load: int) -> None:
        terms = replace(sample(), expected_monthly_kwh=Decimal(load * 1000))
        before = self.dossier
        act = partial(revise, self.office, self.number, terms, by=clerk, base_version=before.draft_version)
        done = self.attempt(Deed.REVISE, act, by=clerk, part=Part.DRAFTER)
        if done and self.dossier.draft_version > before.draft_version:
            self.saved_by.append(clerk)
            assert self.dossier.approved_sha256 is None

    @rule(clerk=STAFF)
    def send(self, clerk: str) -> None:
        def act() -> AgreementDossier:
            made = offer(self.office, self.number, by=clerk)
            self.tokens = made.tokens
            return made.dossier

        self.attempt(Deed.OFFER, act)

    @precondition(lambda self: self.dossier.state is AgreementState.DRAFT)
    @rule(reviewer=STAFF)
    def hurry(self, reviewer: str) -> None:
        """The straight road, so that random steps reach signing."""
        self.submit(self.saved_by[-1])
        self.approve(reviewer)
        self.send(reviewer)

    @rule(clerk=STAFF)
    def take_back(self, clerk: str) -> None:
        act = partial(withdraw, self.office, self.number, reason="客户撤回申请", by=clerk)
        self.attempt(Deed.WITHDRAW, act)

    @rule()
    def sign(self) -> None:
        due = self.dossier.next_slot
        if due is None or self.dossier.state not in SIGNING:
            return
        base = self.world.blobs.get(self.dossier.current_sha256 or self.dossier.template_sha256)
        signed = self.world.sign(self.tokens[due.role])
        assert signed.current_sha256 is not None
        assert self.world.blobs.get(signed.current_sha256).startswith(base)

    @rule(days=st.sampled_from([1, 400]))
    def time_passes(self, days: int) -> None:
        self.world.clock.advance(timedelta(days=days))
        before, now = self.dossier, self.office.clock.now()
        over = before.state in SIGNING and before.offer_until is not None and now.date() > before.offer_until
        assert lapse_overdue(self.office) == (1 if over else 0)
        assert (self.dossier.state is AgreementState.LAPSED) == (
            over or before.state is AgreementState.LAPSED
        )

    @invariant()
    def formed_when_all_have_signed_and_not_before(self) -> None:
        signed = [slot.signed for slot in self.dossier.slots]
        assert self.dossier.state.is_formed == all(signed)
        assert (self.dossier.state is AgreementState.PARTLY_SIGNED) <= any(signed)

    @invariant()
    def what_is_signed_is_what_was_approved(self) -> None:
        if self.dossier.state not in SIGNING and not self.dossier.state.is_formed:
            return
        approved, current = self.dossier.approved_sha256, self.dossier.current_sha256
        assert approved is not None
        assert current is not None
        assert self.world.blobs.get(current).startswith(self.world.blobs.get(approved))
        opened = [one for one in self.world.tables.ceremonies.values() if one.number == self.number]
        assert {one.document_sha256 for one in opened} == {approved}

    @invariant()
    def every_version_is_kept_with_who_saved_it(self) -> None:
        with self.office.work() as work:
            versions = work.drafts.versions(self.number)
        assert [one.version for one in versions] == list(range(1, self.dossier.draft_version + 1))
        assert [one.saved_by for one in versions] == self.saved_by
        assert versions[-1].terms == self.dossier.terms
        assert all(one.document_sha256 in self.world.blobs.kept for one in versions)

    @invariant()
    def nobody_has_two_parts(self) -> None:
        held = self.world.tables.drafts.parts[self.number]
        assert {name: held[PersonId(name)] for name in self.parts} == self.parts
        assert set(self.saved_by) <= {name for name, part in self.parts.items() if part is Part.DRAFTER}
        assert self.dossier.reviewed_by not in self.saved_by

    @invariant()
    def the_records_tell_the_same_story(self) -> None:
        verify_trail(self.world.tables.trails[self.number])
        kinds = [Record.parse(row.record).kind for row in self.world.tables.log_rows]
        undone = kinds.count(RecordKind.AGREEMENT_REVISED)
        approved = kinds.count(RecordKind.AGREEMENT_APPROVED)
        assert approved - undone == (self.dossier.approved_sha256 is not None)
        assert (self.dossier.evidence_state is EvidenceState.PENDING) == (kinds == [])
        assert (RecordKind.AGREEMENT_EXECUTED in kinds) == self.dossier.state.is_formed


BeforeSigning.TestCase.settings = settings(max_examples=40, stateful_step_count=30)
TestBeforeSigning = BeforeSigning.TestCase
