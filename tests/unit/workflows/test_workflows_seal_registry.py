"""The registry: every step by the right person, on the trail and in the log, with what the paper says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from fake_seals import FakeSealKeys
from memory_office import MemoryOffice, memory_office

from contracts_chain.agreements.lifecycle import TransitionRefusedError
from contracts_chain.agreements.seals.life import SealDeed, SealPartError, SealState
from contracts_chain.agreements.seals.seal import SUPPLY_CLASSES, Seal, SealKind
from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.evidence.trail import final_hash, verify_trail
from contracts_chain.workflows.seal_ports import SealTakenError, UnknownSealError
from contracts_chain.workflows.seal_registry import (
    CUSTODIAN,
    SealApplication,
    SealApplicationError,
    apply_seal,
    change_seal,
    destroy_seal,
    found_seals,
    make_seal,
)
from kernel.digests import sha256

ASKER, APPROVER = "supplier-desk", "reviewer"
APPLICATION = SealApplication(
    name="供用电合同专用章",
    kind=SealKind.SUPPLY_CONTRACT,
    custodian=CUSTODIAN,
    classes=("SUPPLEMENT", "HV_SUPPLY", "HV_SUPPLY"),
    valid_from=date(2026, 11, 20),
    valid_to=date(2046, 11, 20),
)


@pytest.fixture
def world() -> MemoryOffice:
    return memory_office()


@pytest.fixture
def keys(world: MemoryOffice) -> FakeSealKeys:
    return FakeSealKeys(chain=world.office.ca.roots)


def in_use(world: MemoryOffice, keys: FakeSealKeys) -> Seal:
    seal = apply_seal(world.office, APPLICATION, by=ASKER)
    change_seal(world.office, seal.id, SealDeed.APPROVE, by=APPROVER)
    make_seal(world.office, keys, seal.id, by=CUSTODIAN)
    change_seal(world.office, seal.id, SealDeed.FILE, by=CUSTODIAN, filing_no="浙公安备 2026-1")
    return change_seal(world.office, seal.id, SealDeed.BEGIN_USE, by=CUSTODIAN)


def records(world: MemoryOffice, seal: Seal) -> list[Record]:
    return [Record.parse(row.record) for row in world.tables.log_rows if row.subject == seal.id]


def test_a_seal_comes_into_use_by_application_approval_making_filing_and_beginning(
    world: MemoryOffice, keys: FakeSealKeys
) -> None:
    seal = in_use(world, keys)
    assert seal.state is SealState.IN_USE
    assert (seal.applicant, seal.approver, seal.custodian) == (ASKER, APPROVER, CUSTODIAN)
    assert seal.classes == ("HV_SUPPLY", "SUPPLEMENT")
    assert seal.filing_no == "浙公安备 2026-1"
    assert (seal.owner, seal.owner_id) == (world.office.utility.name, world.office.utility.uscc)
    assert world.office.blobs.get(seal.drawing_sha256).startswith(b"%PDF")


def test_every_step_is_a_leaf_that_names_the_line_on_the_seals_own_trail(
    world: MemoryOffice, keys: FakeSealKeys
) -> None:
    seal = in_use(world, keys)
    trail = verify_trail(world.tables.trails[seal.id])
    kept = records(world, seal)
    deeds = ["apply", "approve", "make", "file", "begin_use"]
    assert [event.details["deed"] for event in trail] == deeds
    assert [record.details["deed"] for record in kept] == deeds
    assert {record.kind for record in kept} == {RecordKind.SEAL_STATUS}
    assert {record.document.sha256 for record in kept} == {seal.drawing_sha256}
    for at, record in enumerate(kept):
        assert record.details["trail"] == final_hash(trail[: at + 1]).hex()
        assert record.previous == (kept[at - 1].leaf() if at else None)
    assert kept[2].details["certificate_sha256"] == sha256(seal.chain[0]).hex()


def test_a_seal_ends_before_its_certificate_does(world: MemoryOffice, keys: FakeSealKeys) -> None:
    assert in_use(world, keys).valid_to == date(2036, 11, 16)


def test_the_applicant_neither_approves_nor_keeps_and_the_custodian_does_not_destroy(
    world: MemoryOffice, keys: FakeSealKeys
) -> None:
    seal = apply_seal(world.office, APPLICATION, by=ASKER)
    for by in (ASKER, CUSTODIAN):
        with pytest.raises(SealPartError):
            change_seal(world.office, seal.id, SealDeed.APPROVE, by=by)
    change_seal(world.office, seal.id, SealDeed.APPROVE, by=APPROVER)
    with pytest.raises(SealPartError):
        make_seal(world.office, keys, seal.id, by=APPROVER)
    assert keys.live == set()
    make_seal(world.office, keys, seal.id, by=CUSTODIAN)
    with pytest.raises(SealPartError):
        destroy_seal(world.office, keys, seal.id, by=CUSTODIAN, reason="遗失")
    assert keys.live == {seal.key_ref}


def test_a_suspended_seal_is_revived_by_the_approver_only_and_a_destroyed_one_by_nobody(
    world: MemoryOffice, keys: FakeSealKeys
) -> None:
    seal = in_use(world, keys)
    change_seal(world.office, seal.id, SealDeed.SUSPEND, by=CUSTODIAN, reason="令牌遗失，核查中")
    with pytest.raises(SealPartError):
        change_seal(world.office, seal.id, SealDeed.RESUME, by=CUSTODIAN, reason="已找到")
    change_seal(world.office, seal.id, SealDeed.RESUME, by=APPROVER, reason="核查无异常")
    gone = destroy_seal(world.office, keys, seal.id, by=APPROVER, reason="机构撤并")
    assert keys.live == set()
    assert gone.state is SealState.DESTROYED
    with pytest.raises(TransitionRefusedError) as refused:
        change_seal(world.office, seal.id, SealDeed.RESUME, by=APPROVER, reason="误销")
    assert refused.value.zh == "印章已注销，不能恢复使用；现在可以：无"
    assert records(world, seal)[-1].details["reason"] == "机构撤并"


def test_a_refused_step_leaves_no_line_and_no_leaf(world: MemoryOffice) -> None:
    seal = apply_seal(world.office, APPLICATION, by=ASKER)
    before = len(records(world, seal)), len(world.tables.trails[seal.id])
    for deed, by, filing in ((SealDeed.FILE, CUSTODIAN, "1"), (SealDeed.APPROVE, ASKER, "")):
        with pytest.raises((TransitionRefusedError, SealPartError)):
            change_seal(world.office, seal.id, deed, by=by, filing_no=filing)
    assert (len(records(world, seal)), len(world.tables.trails[seal.id])) == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "很" * 21},
        {"holder": "王小明"},
        {"kind": SealKind.LEGAL_REPRESENTATIVE},
        {"custodian": ""},
        {"custodian": ASKER},
        {"classes": ()},
        {"classes": ("NO_SUCH_CLASS",)},
        {"valid_to": date(2026, 11, 19)},
        {"key_ref": "file:/etc/passwd"},
        {"key_ref": "software:../x"},
    ],
)
def test_an_application_that_lacks_or_contradicts_something_is_refused(
    world: MemoryOffice, wrong: dict[str, Any]
) -> None:
    with pytest.raises(SealApplicationError):
        apply_seal(world.office, replace(APPLICATION, **wrong), by=ASKER)
    assert world.tables.seals.seals == {}


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        (SealDeed.REFUSE, {}),
        (SealDeed.REFUSE, {"reason": "  "}),
        (SealDeed.APPROVE, {"filing_no": "1"}),
        (SealDeed.FILE, {}),
    ],
)
def test_a_step_without_its_words_is_refused(
    world: MemoryOffice, deed: SealDeed, words: dict[str, str]
) -> None:
    seal = apply_seal(world.office, APPLICATION, by=ASKER)
    with pytest.raises(SealApplicationError):
        change_seal(world.office, seal.id, deed, by=APPROVER, **words)


def test_a_destruction_that_was_killed_before_the_key_went_is_finished_by_the_same_call(
    world: MemoryOffice, keys: FakeSealKeys
) -> None:
    class Killed(FakeSealKeys):
        def destroy(self, seal: Seal) -> None:
            raise KeyboardInterrupt

    seal = in_use(world, keys)
    with pytest.raises(KeyboardInterrupt):
        destroy_seal(world.office, Killed(chain=keys.chain), seal.id, by=APPROVER, reason="换发")
    assert keys.live == {seal.key_ref}
    leaves = len(records(world, seal))
    assert destroy_seal(world.office, keys, seal.id, by=APPROVER, reason="换发").state is SealState.DESTROYED
    assert keys.live == set()
    assert len(records(world, seal)) == leaves


@pytest.mark.parametrize("deed", [SealDeed.MAKE, SealDeed.DESTROY])
def test_no_step_that_touches_the_key_is_taken_without_the_keys(world: MemoryOffice, deed: SealDeed) -> None:
    seal = apply_seal(world.office, APPLICATION, by=ASKER)
    with pytest.raises(ValueError, match="key"):
        change_seal(world.office, seal.id, deed, by=APPROVER, reason="换发")


def test_a_second_application_for_a_live_wording_is_refused_and_an_unknown_seal_too(
    world: MemoryOffice,
) -> None:
    apply_seal(world.office, APPLICATION, by=ASKER)
    with pytest.raises(SealTakenError):
        apply_seal(world.office, APPLICATION, by="drafter")
    with pytest.raises(UnknownSealError):
        change_seal(world.office, "nobody", SealDeed.APPROVE, by=APPROVER)


def test_the_first_start_lays_down_three_test_seals_once(world: MemoryOffice, keys: FakeSealKeys) -> None:
    first = found_seals(world.office, keys)
    assert [(seal.name, seal.state) for seal in first] == [
        ("公章", SealState.IN_USE),
        ("合同专用章", SealState.IN_USE),
        ("供用电合同专用章", SealState.IN_USE),
    ]
    assert {seal.classes for seal in first} == {SUPPLY_CLASSES}
    assert {seal.applicant[:5] for seal in first} == {"test-"}
    assert found_seals(world.office, keys) == first


def test_a_start_that_was_killed_goes_on_where_it_stood(world: MemoryOffice, keys: FakeSealKeys) -> None:
    class Killed(FakeSealKeys):
        def make(self, seal: Seal) -> tuple[bytes, ...]:
            super().make(seal)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        found_seals(world.office, Killed(chain=keys.chain))
    seals = found_seals(world.office, keys)
    assert [seal.state for seal in seals] == [SealState.IN_USE] * 3
    assert len(world.tables.seals.seals) == 3


def test_a_destroyed_test_seal_is_not_laid_down_again(world: MemoryOffice, keys: FakeSealKeys) -> None:
    official = found_seals(world.office, keys)[0]
    destroy_seal(world.office, keys, official.id, by=APPROVER, reason="换发")
    assert found_seals(world.office, keys)[0].state is SealState.DESTROYED
    assert len(world.tables.seals.seals) == 3


def test_in_production_no_seal_is_laid_down(world: MemoryOffice, keys: FakeSealKeys) -> None:
    office = replace(world.office, utility=replace(world.office.utility, stamp_mark=""))
    assert found_seals(office, keys) == ()
    assert world.tables.seals.seals == {}


def test_a_name_chop_of_a_rare_name_is_drawn(world: MemoryOffice) -> None:
    chop = replace(APPLICATION, name="法定代表人名章", kind=SealKind.LEGAL_REPRESENTATIVE, holder="陈䶮")
    seal = apply_seal(world.office, chop, by=ASKER)
    world.clock.advance(timedelta(days=1))
    again = apply_seal(world.office, replace(chop, name="负责人名章"), by=ASKER)
    assert seal.drawing_sha256 == again.drawing_sha256
