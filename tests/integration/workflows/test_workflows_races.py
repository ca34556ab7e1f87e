"""Deeds that come between two steps of another, on a real house: nothing is mixed, nothing comes back."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from group_sheets import sites
from workflows_desk import anchor_all, executed, kinds_of
from workflows_group import DrawersHere, always, drafted

from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.evidence.package import AgreementContents, read_package
from contracts_chain.evidence.record import RecordKind
from contracts_chain.evidence.trail import TrailEventKind, read_trail
from contracts_chain.workflows import group_set, package
from contracts_chain.workflows.attach_evidence import AttachmentKind, attach_evidence
from contracts_chain.workflows.group_halt import return_set
from contracts_chain.workflows.group_ports import RowState, SetState
from contracts_chain.workflows.group_set import approve_set, carry_on, the_set
from contracts_chain.workflows.office import Office


def test_a_set_returned_while_a_worker_approves_it_keeps_no_row_of_the_old_turn(office: Office) -> None:
    made = drafted(office, "JT-RACE", sites(1, first=7700))
    assert made.root is not None
    approve_set(office, made.id, reviewer="reviewer", seen_root=made.root.hex())
    approve = group_set.approve

    def then_another_worker_returns_it(*given: Any, **named: Any) -> Any:
        done = approve(*given, **named)
        return_set(office, made.id, reviewer="reviewer", reason="地址有误")
        carry_on(office, DrawersHere(), made.id, go_on=always)
        assert the_set(office, made.id).state is SetState.RETURNED
        return done

    with patch.object(group_set, "approve", then_another_worker_returns_it):
        carry_on(office, DrawersHere(), made.id, go_on=always)
    with office.work() as work:
        (row,) = work.groups.rows(made.id)
        standing = work.agreements.load(row.number or "")
    assert (row.state, standing.state) == (RowState.RETURNED, AgreementState.DRAFT)
    assert row.document_sha256 == standing.current_sha256


@pytest.mark.long
def test_a_package_built_while_evidence_is_attached_and_anchored_is_of_one_moment(office: Office) -> None:
    number = executed(office).number
    anchor_all(office)
    proofs_of = package.proofs_of

    def after_another_paper(work: Any, subject: str) -> Any:
        attach_evidence(
            office, subject, "第一次沟通".encode(), kind=AttachmentKind.CHAT, description="沟通", by="desk"
        )
        anchor_all(office)
        return proofs_of(work, subject)

    with patch.object(package, "proofs_of", after_another_paper):
        first = package.build_package(office, number)
    second = package.build_package(office, number)
    attached = [
        [event.event for event in read_trail(contents.trail)].count(TrailEventKind.ATTACHED)
        for contents in (read_package(one.package).contents for one in (first, second))
        if isinstance(contents, AgreementContents)
    ]
    assert attached == [0, 1]
    assert kinds_of(office, number)[-1] is RecordKind.EVIDENCE_ATTACHED
