"""Import a party's own GB/T 38540 seal: judged, kept by its bytes, one leaf ``seal.status``.

Decides what is let in: a seal whose form holds, whose maker's signature is not refuted, and which names
an owner who is not the utility. Must never use it: its key is its owner's (L28: 谁所有谁控制). What
nobody can decide yet (an unknown maker, no revocation list) is kept and said.
"""

from __future__ import annotations

from typing import Final

from contracts_chain.agreements.seals.imported import ImportedSeal
from contracts_chain.evidence.record import RecordKind
from contracts_chain.evidence.trail import TrailEventKind, final_hash
from contracts_chain.workflows.chronicle import append_record, note_line
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from kernel.canonical_json import JsonValue
from kernel.digests import digests_of
from kernel.errors import RefutedError, RejectedError
from kernel.ids import new_id
from kernel.verdict import Verdict
from signing.ses.lines import SesLine
from signing.ses.own_seal import OwnSeal, read_own_seal

__all__ = ["GREATEST_SEAL", "ForgedSealError", "ImportedOwnerError", "import_seal"]

GREATEST_SEAL: Final = 700 * 1024
"""Bytes of an SESeal: its picture has 512 KiB at most."""


class ForgedSealError(RefutedError):
    """The maker's signature, certificate or the period of the seal is refuted."""

    code = "imported_seal_refuted"

    def __init__(self, line: SesLine) -> None:
        """Say what the line says."""
        super().__init__(f"the seal is not imported: {line.en}", f"未导入该印章：{line.zh}")
        self.line = line


class ImportedOwnerError(RejectedError):
    """The seal names no owner, or the utility itself."""

    code = "imported_seal_owner"


def import_seal(office: Office, der: bytes, *, crls: tuple[bytes, ...] = (), by: str) -> ImportedSeal:
    """Judge a seal and keep it.

    Args:
        office: Its trust decides; nothing is fetched.
        der: SESeal.
        crls: Lists of the maker's authority, DER; without them line 2 stays undecided.
        by: Account of who imports it.

    Raises:
        SesMalformedError: No seal of GB/T 38540-2020.
        ForgedSealError: Line 2 is refuted.
        ImportedOwnerError: No owner, or the utility.
        SealImportedError: It is on record already.
    """
    now = office.clock.now()
    read = read_own_seal(der, office.trust.signatures, at=now, crls=crls)
    form, maker = read.lines
    if maker.verdict is Verdict.REFUTED:
        raise ForgedSealError(maker)
    owner, owner_id = _owner(office, read)
    seal = ImportedSeal(
        id=new_id(),
        seal_no=read.seal_id,
        name=read.name,
        owner=owner,
        owner_id=owner_id,
        valid_from_utc=read.valid_from_utc,
        valid_to_utc=read.valid_to_utc,
        der_sha256=office.blobs.put(der),
        verdict=maker.verdict,
        code=maker.code,
        imported_by=by,
        imported_utc=now,
    )
    with office.work() as work:
        work.seals.add_imported(seal)
        _note(work, seal, der, (form, maker))
        work.commit()
    return seal


def _owner(office: Office, seal: OwnSeal) -> tuple[str, str]:
    if not seal.owner or not seal.owner_id:
        raise ImportedOwnerError(
            "the seal lists no certificate that names its owner and the owner's code; "
            "ask for a seal with the certificate itself",
            "印章未载有写明所有人及统一社会信用代码的证书；请索取载有证书原件的电子印章",
        )
    if seal.owner_id == office.utility.uscc:
        raise ImportedOwnerError(
            "this is a seal of the utility itself; apply for it in the registry instead",
            "这是本供电企业自己的印章；请通过“申请刻制印章”办理",
        )
    return seal.owner, seal.owner_id


def _note(work: UnitOfWork, seal: ImportedSeal, der: bytes, lines: tuple[SesLine, ...]) -> None:
    """One line on the seal's own trail, one leaf that names it; the document is the seal."""
    judged: list[JsonValue] = [
        {"code": line.code, "number": line.number, "verdict": line.verdict.value} for line in lines
    ]
    details: dict[str, JsonValue] = {
        "deed": "import",
        "lines": judged,
        "name": seal.name,
        "owner": seal.owner,
        "owner_id": seal.owner_id,
        "seal_no": seal.seal_no,
        "state": "imported",
    }
    at, actor = seal.imported_utc, seal.imported_by
    trail = note_line(work, seal.id, TrailEventKind.STATUS_CHANGED, at=at, actor=actor, details=details)
    append_record(
        work,
        RecordKind.SEAL_STATUS,
        subject=seal.id,
        document=digests_of(der),
        at=at,
        actor=actor,
        details=details | {"trail": final_hash(trail).hex()},
    )
