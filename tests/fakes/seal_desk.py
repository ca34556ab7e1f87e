"""The utility's seals for tests: laid down as at the first start, and approved for use in one call."""

from __future__ import annotations

from datetime import timedelta

from dossiers import a_dossier

from contracts_chain.agreements.seals.use import UseRequest
from contracts_chain.workflows.dossier import SlotFile
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.seal_ports import SealKeys
from contracts_chain.workflows.seal_registry import CUSTODIAN, found_seals
from contracts_chain.workflows.seal_use import APPROVAL, approve_use, is_own_seal, own_seal, request_use

__all__ = ["added_agreement", "approved_use", "with_seals"]

ASKER = "supplier-desk"


def added_agreement(office: Office, order_no: str = "ORDER-1") -> str:
    """An agreement that takes a customer's seal and the utility's; gives its number."""
    utility = (office.utility.name, office.utility.uscc)
    parties = (("consumer", "示例公司", "91330206MA2HT5E15X"), ("supplier", *utility))
    slots = tuple(
        SlotFile(
            ordinal=2 * at + (kind == "seal"),
            field=f"{role.title()}{kind.title()}",
            role=role,
            kind=kind,
            signer_name="王小明",
            organisation=name,
            organisation_id=uscc,
            seal_name="供用电合同专用章" if role == "supplier" else "合同专用章",
        )
        for at, (role, name, uscc) in enumerate(parties)
        for kind in ("person", "seal")
    )
    number = f"SG-{order_no}"
    with office.work() as work:
        work.agreements.add(a_dossier(number=number, order_no=order_no, slots=slots))
        work.commit()
    return number


def with_seals(office: Office, keys: SealKeys) -> Office:
    """The office with its TEST seals in use."""
    found_seals(office, keys)
    return office


def approved_use(
    office: Office, *numbers: str, quota: int | None = None, lasts: timedelta = APPROVAL
) -> UseRequest | None:
    """Approve the utility's seal for agreements, if they take one: asked for and approved by two people."""
    with office.work() as work:
        slots = [slot for slot in work.agreements.load(numbers[0]).slots if is_own_seal(office, slot)]
        seal = own_seal(office, work, slots[0]) if slots else None
    if seal is None:
        return None
    asked = request_use(office, seal.id, numbers, by=ASKER, reason="签订供用电合同", quota=quota)
    return approve_use(office, asked.id, by=CUSTODIAN, lasts=lasts)
