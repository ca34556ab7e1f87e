"""Using a seal: approved before, for this agreement, in force today, numbered without a gap."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from fake_seals import FakeSealKeys
from memory_office import MemoryOffice, memory_office
from seal_desk import added_agreement, approved_use, with_seals

from contracts_chain.agreements.seals.life import SealDeed
from contracts_chain.agreements.seals.seal import SealClassError, SealNotInForceError
from contracts_chain.agreements.seals.use import (
    LONGEST_APPROVAL,
    SealUnapprovedError,
    SealUse,
    SealUseAskerError,
    SealUsePartError,
    UseRequestError,
)
from contracts_chain.agreements.separation import Part
from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.evidence.trail import TrailEventKind, verify_trail
from contracts_chain.workflows.errors import UnknownNumberError
from contracts_chain.workflows.people import take_part
from contracts_chain.workflows.preflight import preflight
from contracts_chain.workflows.seal_ports import UnknownSealError
from contracts_chain.workflows.seal_registry import CUSTODIAN, change_seal, destroy_seal
from contracts_chain.workflows.seal_use import (
    approve_use,
    is_own_seal,
    note_use,
    own_seal,
    refuse_use,
    request_use,
    take_use,
)
from kernel.digests import digests_of, sha256

ASKER, APPROVER = "supplier-desk", "reviewer"


@pytest.fixture
def keys() -> FakeSealKeys:
    return FakeSealKeys(chain=memory_office().office.ca.roots)


@pytest.fixture
def world(keys: FakeSealKeys) -> MemoryOffice:
    made = memory_office()
    made.office = with_seals(made.office, keys)
    return made


def drafted(world: MemoryOffice, order_no: str = "ORDER-1") -> str:
    return added_agreement(world.office, order_no)


def seal_id(world: MemoryOffice) -> str:
    with world.office.work() as work:
        found = work.seals.find(world.office.utility.uscc, "供用电合同专用章")
    assert found is not None
    return found.id


def taken(world: MemoryOffice, number: str, *, commit: bool = True) -> SealUse:
    with world.office.work() as work:
        dossier = work.agreements.load(number, lock=True)
        slot = next(slot for slot in dossier.slots if is_own_seal(world.office, slot))
        use = take_use(world.office, work, dossier, slot, world.clock.now())
        if commit:
            work.commit()
    return use


def noted(world: MemoryOffice, use: SealUse) -> SealUse:
    with world.office.work() as work:
        done = note_use(
            work,
            use,
            document=digests_of(b"sealed"),
            certificate_sha256=sha256(b"certificate"),
            at=world.clock.now(),
            actor=ASKER,
        )
        work.commit()
    return done


def test_only_the_utilitys_own_seal_slots_are_the_registrys(world: MemoryOffice) -> None:
    number = drafted(world)
    with world.office.work() as work:
        slots = work.agreements.load(number).slots
    assert [slot.field for slot in slots if is_own_seal(world.office, slot)] == ["SupplierSeal"]


def test_without_approval_no_seal_is_used_and_no_number_is_lost(world: MemoryOffice) -> None:
    number = drafted(world)
    with pytest.raises(SealUnapprovedError, match="was not approved"):
        taken(world, number)
    approved_use(world.office, number)
    assert taken(world, number).use_no == 1


def test_uses_are_numbered_in_order_and_the_same_field_keeps_its_number(world: MemoryOffice) -> None:
    numbers = [drafted(world, f"ORDER-{n}") for n in range(3)]
    approved_use(world.office, *numbers)
    assert [taken(world, number).use_no for number in numbers] == [1, 2, 3]
    assert [taken(world, number).use_no for number in reversed(numbers)] == [3, 2, 1]
    assert len(verify_trail(world.tables.trails[numbers[0]])) == 1


def test_a_number_taken_in_a_transaction_that_never_commits_is_given_again(world: MemoryOffice) -> None:
    first, second = drafted(world, "ORDER-1"), drafted(world, "ORDER-2")
    approved_use(world.office, first, second)
    assert taken(world, first, commit=False).use_no == 1
    assert taken(world, second).use_no == 1
    assert taken(world, first).use_no == 2


def test_the_use_is_on_the_agreements_trail_with_who_approved_it(world: MemoryOffice) -> None:
    number = drafted(world)
    approval = approved_use(world.office, number)
    use = taken(world, number)
    event = verify_trail(world.tables.trails[number])[-1]
    assert event.event is TrailEventKind.SEAL_APPROVED
    assert event.actor == CUSTODIAN
    assert approval is not None
    assert event.details["request"] == approval.id
    assert {key: event.details[key] for key in use.facts()} == use.facts()


def test_what_was_sealed_is_a_leaf_of_the_seal_and_is_noted_once(world: MemoryOffice) -> None:
    number = drafted(world)
    approved_use(world.office, number)
    use = taken(world, number)
    done = noted(world, use)
    assert noted(world, use) == done
    rows = [row for row in world.tables.log_rows if row.subject == use.seal_id]
    used = [record for row in rows if (record := Record.parse(row.record)).kind is RecordKind.SEAL_USED]
    assert [record.leaf() for record in used] == [done.leaf_hash]
    details = used[0].details
    assert (details["use_no"], details["number"], details["field"]) == (1, number, "SupplierSeal")
    assert details["drawing_sha256"] == use.drawing_sha256.hex()
    assert used[0].document == digests_of(b"sealed")


def test_an_approval_ends_on_its_own(world: MemoryOffice) -> None:
    number = drafted(world)
    approved_use(world.office, number, lasts=timedelta(hours=1))
    world.clock.advance(timedelta(hours=1))
    with pytest.raises(SealUnapprovedError, match="was approved until"):
        taken(world, number)


def test_a_number_taken_before_the_approval_ended_stays_good_after(world: MemoryOffice) -> None:
    number = drafted(world)
    approved_use(world.office, number, lasts=timedelta(hours=1))
    use = taken(world, number)
    world.clock.advance(timedelta(hours=2))
    assert taken(world, number) == use


def test_a_quota_gives_no_more_uses_than_it_says(world: MemoryOffice) -> None:
    first, second = drafted(world, "ORDER-1"), drafted(world, "ORDER-2")
    approved_use(world.office, first, second, quota=1)
    taken(world, second)
    with pytest.raises(SealUnapprovedError, match="1 uses, all used"):
        taken(world, first)


def test_an_approval_covers_its_agreements_only(world: MemoryOffice) -> None:
    first, second = drafted(world, "ORDER-1"), drafted(world, "ORDER-2")
    approved_use(world.office, first)
    with pytest.raises(SealUnapprovedError):
        taken(world, second)


def test_a_suspended_seal_is_not_used_even_with_a_number_taken(world: MemoryOffice) -> None:
    number = drafted(world)
    approved_use(world.office, number)
    use = taken(world, number)
    change_seal(world.office, use.seal_id, SealDeed.SUSPEND, by=CUSTODIAN, reason="核查")
    with pytest.raises(SealNotInForceError) as refused:
        taken(world, number)
    assert refused.value.zh.startswith("印章“供用电合同专用章”已停用；请另选印章")
    change_seal(world.office, use.seal_id, SealDeed.RESUME, by=APPROVER, reason="无异常")
    assert taken(world, number) == use


def test_a_seal_beyond_its_last_day_is_not_used(world: MemoryOffice) -> None:
    number = drafted(world)
    approved_use(world.office, number)
    world.clock.advance(timedelta(days=4000))
    with pytest.raises(SealNotInForceError, match="is valid from"):
        taken(world, number)


def test_a_destroyed_seal_is_not_used_and_leaves_its_wording_without_a_seal(
    world: MemoryOffice, keys: FakeSealKeys
) -> None:
    number = drafted(world)
    approved_use(world.office, number)
    destroy_seal(world.office, keys, seal_id(world), by=APPROVER, reason="换发")
    with pytest.raises(UnknownSealError):
        taken(world, number)


def test_a_seal_does_not_stand_on_a_class_it_is_not_for(world: MemoryOffice) -> None:
    number = drafted(world)
    with world.office.work() as work:
        seal = work.seals.load(seal_id(world))
        work.seals.save(replace(seal, classes=("LV_RES_SUPPLY",)))
        work.commit()
    with pytest.raises(SealClassError, match="HV_SUPPLY"):
        approved_use(world.office, number)
    with pytest.raises(SealClassError):
        taken(world, number)


def test_the_custodian_alone_decides_and_not_on_what_the_custodian_asked(world: MemoryOffice) -> None:
    number, seal = drafted(world), seal_id(world)
    asked = request_use(world.office, seal, [number], by=ASKER, reason="签约")
    for by in (ASKER, APPROVER, "drafter"):
        with pytest.raises(SealUseAskerError):
            approve_use(world.office, asked.id, by=by)
    own = request_use(world.office, seal, [number], by=CUSTODIAN, reason="签约")
    with pytest.raises(SealUseAskerError):
        approve_use(world.office, own.id, by=CUSTODIAN)


@pytest.mark.parametrize("part", [Part.DRAFTER, Part.SIGNER])
def test_a_custodian_who_drafts_or_signs_an_agreement_does_not_approve_its_seal(
    world: MemoryOffice, part: Part
) -> None:
    number, other = drafted(world, "ORDER-1"), drafted(world, "ORDER-2")
    with world.office.work() as work:
        take_part(work, other, part, CUSTODIAN)
        work.commit()
    asked = request_use(world.office, seal_id(world), [number, other], by=ASKER, reason="签约")
    with pytest.raises(SealUsePartError) as refused:
        approve_use(world.office, asked.id, by=CUSTODIAN)
    assert other in refused.value.zh


def test_a_request_is_decided_once_and_a_refused_one_covers_nothing(world: MemoryOffice) -> None:
    number = drafted(world)
    asked = request_use(world.office, seal_id(world), [number], by=ASKER, reason="签约")
    refuse_use(world.office, asked.id, by=CUSTODIAN)
    with pytest.raises(UseRequestError, match="refused already"):
        approve_use(world.office, asked.id, by=CUSTODIAN)
    with pytest.raises(SealUnapprovedError):
        taken(world, number)


@pytest.mark.parametrize("lasts", [timedelta(0), LONGEST_APPROVAL + timedelta(seconds=1)])
def test_an_approval_lasts_thirty_days_at_most(world: MemoryOffice, lasts: timedelta) -> None:
    asked = request_use(world.office, seal_id(world), [drafted(world)], by=ASKER, reason="签约")
    with pytest.raises(UseRequestError):
        approve_use(world.office, asked.id, by=CUSTODIAN, lasts=lasts)


def test_what_cannot_be_asked_for_is_refused(world: MemoryOffice) -> None:
    number, seal = drafted(world), seal_id(world)
    with world.office.work() as work:
        official = work.seals.find(world.office.utility.uscc, "公章")
    assert official is not None
    for seal_due, numbers, reason, quota, error in (
        (seal, [], "签约", None, UseRequestError),
        (seal, [number], " ", None, UseRequestError),
        (seal, [number], "签约", 0, UseRequestError),
        (seal, ["SG-NOBODY"], "签约", None, UnknownNumberError),
        ("nobody", [number], "签约", None, UnknownSealError),
        (official.id, [number], "签约", None, UseRequestError),
    ):
        with pytest.raises(error):
            request_use(world.office, seal_due, numbers, by=ASKER, reason=reason, quota=quota)


def test_a_wording_the_registry_lacks_is_an_unknown_seal(world: MemoryOffice) -> None:
    number = drafted(world)
    with world.office.work() as work:
        slot = replace(work.agreements.load(number).slots[-1], seal_name="财务专用章")
        with pytest.raises(UnknownSealError):
            own_seal(world.office, work, slot)


def told(world: MemoryOffice, number: str) -> dict[str, tuple[str, bool]]:
    items = {item.name: item for item in preflight(world.office, number)}
    return {name: (items[name].code, items[name].hard) for name in ("seals", "seal_approval")}


def test_preflight_wants_a_seal_in_force_and_tells_of_a_missing_approval(
    world: MemoryOffice, keys: FakeSealKeys
) -> None:
    number = drafted(world)
    assert told(world, number) == {"seals": ("ok", True), "seal_approval": ("seal_unapproved", False)}
    approved_use(world.office, number)
    assert told(world, number) == {"seals": ("ok", True), "seal_approval": ("ok", False)}
    change_seal(world.office, seal_id(world), SealDeed.SUSPEND, by=CUSTODIAN, reason="核查")
    assert told(world, number)["seals"] == ("seal_not_in_force", True)
    destroy_seal(world.office, keys, seal_id(world), by=APPROVER, reason="换发")
    assert told(world, number) == {"seals": ("unknown_seal", True), "seal_approval": ("unknown_seal", False)}
