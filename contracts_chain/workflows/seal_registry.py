"""The seal registry: apply, approve, make, file, use, suspend, destroy (L28), every step a leaf.

A step, its line on the seal's own trail and its record ``seal.status`` (subject: the seal's id) are
committed together. Who may take which step is decided by ``agreements.seals.life``; keys and
certificates are ``SealKeys``'. A seal is drawn when it is applied for, so that what is approved,
made and filed is one and the same picture.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from cryptography import x509

from contracts_chain.agreements.seals.life import SealDeed, SealState, advance_seal, verify_seal_part
from contracts_chain.agreements.seals.seal import SUPPLY_CLASSES, Seal, SealKind
from contracts_chain.evidence.record import RecordKind
from contracts_chain.evidence.trail import TrailEventKind, final_hash
from contracts_chain.workflows.chronicle import append_record, note_line
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from contracts_chain.workflows.seal_drawing import draw_seal
from contracts_chain.workflows.seal_ports import SealKeys
from kernel.canonical_json import JsonValue
from kernel.clock import BEIJING
from kernel.digests import digests_of
from kernel.errors import RejectedError
from kernel.ids import new_id

__all__ = [
    "CUSTODIAN",
    "SealApplication",
    "SealApplicationError",
    "SealCertificateDueError",
    "apply_seal",
    "change_seal",
    "destroy_seal",
    "found_seals",
    "make_seal",
    "request_certificate",
]

CUSTODIAN: Final = "seal-custodian"
"""Account that keeps the seals laid down at the first start: the duty of that name."""
_FOUNDED: Final = (
    ("公章", SealKind.OFFICIAL),
    ("合同专用章", SealKind.CONTRACT),
    ("供用电合同专用章", SealKind.SUPPLY_CONTRACT),
)
_TEST_APPLICANT: Final = "test-seal-applicant"
_TEST_APPROVER: Final = "test-seal-approver"
_TEST_DAYS: Final = 3650
_KEY_REF: Final = re.compile(r"(software|pkcs11):[A-Za-z0-9._-]{1,64}")
_NEEDS_REASON: Final = frozenset({SealDeed.REFUSE, SealDeed.SUSPEND, SealDeed.RESUME, SealDeed.DESTROY})


@dataclass(frozen=True, slots=True, kw_only=True)
class SealApplication:
    """What is applied for.

    Attributes:
        name: Wording, e.g. ``供用电合同专用章``; 1 to 20 characters.
        holder: Person of a name chop; empty for all others.
        custodian: Account of who will keep it; not the applicant.
        classes: Codes of agreement classes it is to stand on.
        key_ref: ``pkcs11:LABEL`` of a token's key, or empty for a key of its own in the service's directory.
        valid_from: First day of use, in Beijing.
        valid_to: Last day of use, in Beijing; the certificate may end it sooner.
    """

    name: str
    kind: SealKind
    holder: str = ""
    custodian: str
    classes: tuple[str, ...]
    key_ref: str = ""
    valid_from: date
    valid_to: date


class SealApplicationError(RejectedError):
    """The application or the step lacks something, or contradicts itself."""

    code = "seal_application"


class SealCertificateDueError(RejectedError):
    """A TEST certificate never stands behind a seal whose papers are not marked TEST."""

    code = "seal_certificate_due"

    def __init__(self, name: str) -> None:
        """Name the seal."""
        super().__init__(
            f"papers here are not marked TEST, so the seal {name} takes no TEST certificate; bring the one "
            "that your authority gave for its key",
            f"本系统文件不带测试标记，“{name}”不得使用测试证书；请提交电子认证机构为其密钥签发的证书",
        )


def apply_seal(office: Office, application: SealApplication, *, by: str) -> Seal:
    """Apply for a seal of the utility; its drawing is fixed here.

    Raises:
        SealApplicationError: A field is missing or wrong.
        SealTakenError: A live seal of this wording exists.
        MissingGlyphError: A character cannot be drawn.
        SealNameError: A name that fits no seal.
    """
    _verify_application(application, by)
    seal = _applied(office, application, by)
    facts: dict[str, JsonValue] = {
        "deed": "apply",
        "name": seal.name,
        "kind": seal.kind.value,
        "owner": seal.owner,
        "owner_id": seal.owner_id,
        "classes": list(seal.classes),
        "custodian": seal.custodian,
    }
    with office.work() as work:
        work.seals.add(seal)
        _note(work, office, seal, facts, by=by, at=seal.applied_utc)
        work.commit()
    return seal


def change_seal(
    office: Office, seal_id: str, deed: SealDeed, *, by: str, reason: str = "", filing_no: str = ""
) -> Seal:
    """Take a step that leaves the key alone: not the making, not the destruction.

    Args:
        office: Where time and records come from.
        seal_id: The seal.
        deed: The step.
        by: Account of who takes it.
        reason: Why; due when a seal is refused, suspended or resumed.
        filing_no: 备案编号; due with ``FILE``.

    Raises:
        UnknownSealError: No such seal.
        TransitionRefusedError: The step is not allowed in its state.
        SealPartError: Somebody else has to take it.
        SealApplicationError: Reason or filing number is missing.
    """
    if deed in {SealDeed.MAKE, SealDeed.DESTROY}:
        raise ValueError("make_seal makes a key and destroy_seal destroys it")
    return _step(office, seal_id, deed, by=by, reason=reason, filing_no=filing_no)


def destroy_seal(office: Office, keys: SealKeys, seal_id: str, *, by: str, reason: str) -> Seal:
    """Destroy a seal: from the commit on it is used no more, then key and certificate are.

    After a crash in between call it again: a destroyed seal only loses its key and certificate.

    Raises:
        UnknownSealError: No such seal.
        TransitionRefusedError: It was never made.
        SealPartError: The custodian or the applicant asks.
        SealApplicationError: The reason is missing.
        FaultError: The key cannot be reached now; the seal is out of use all the same.
    """
    with office.work() as work:
        seal = work.seals.load(seal_id)
    if seal.state is not SealState.DESTROYED:
        seal = _step(office, seal_id, SealDeed.DESTROY, by=by, reason=reason, filing_no="")
    keys.destroy(seal)
    return seal


def _step(office: Office, seal_id: str, deed: SealDeed, *, by: str, reason: str, filing_no: str) -> Seal:
    _verify_words(deed, reason.strip(), filing_no.strip())
    with office.work() as work:
        seal = work.seals.load(seal_id, lock=True)
        state = advance_seal(seal.state, deed)
        verify_seal_part(deed, by=by, applicant=seal.applicant, custodian=seal.custodian)
        changed = replace(
            seal,
            state=state,
            approver=by if deed is SealDeed.APPROVE else seal.approver,
            filing_no=filing_no.strip() or seal.filing_no,
        )
        facts: dict[str, JsonValue] = {"deed": deed.value}
        facts |= {"reason": reason.strip()} if reason.strip() else {}
        facts |= {"filing_no": filing_no.strip()} if filing_no.strip() else {}
        saved = work.seals.save(changed)
        _note(work, office, saved, facts, by=by, at=office.clock.now())
        work.commit()
    return saved


def request_certificate(office: Office, keys: SealKeys, seal_id: str, *, by: str) -> bytes:
    """The PKCS#10 request (DER) for an approved seal, to hand to an authority elsewhere; makes the key.

    Raises:
        UnknownSealError: No such seal.
        TransitionRefusedError: It is not approved, or made already.
        SealPartError: Only its custodian has it made.
        FaultError: The key cannot be had now.
    """
    seal, _ = _to_be_made(office, seal_id, by)
    return keys.request(seal)


def make_seal(office: Office, keys: SealKeys, seal_id: str, *, by: str, certificate: bytes = b"") -> Seal:
    """Make an approved seal: key, certificate, then the step.

    The key is made before the step is committed: after a crash the same key is certified again,
    and nothing was ever sealed with it. The seal ends with its certificates at the latest.

    Args:
        office: Where time and records come from.
        keys: Where its key is.
        seal_id: The seal.
        by: Account of its custodian.
        certificate: What an authority elsewhere gave for the seal's key, PEM or DER, with its issuers;
            empty has the TEST CA certify it.

    Raises:
        UnknownSealError: No such seal.
        TransitionRefusedError: It is not approved, or made already.
        SealPartError: Only its custodian makes it.
        SealCertificateError: The certificate does not fit the seal; nothing was stored.
        SealCertificateDueError: None was brought, and papers here are not marked TEST.
        FaultError: Key or certificate cannot be had now.
    """
    seal, state = _to_be_made(office, seal_id, by)
    if not certificate and not office.utility.stamp_mark:
        raise SealCertificateDueError(seal.name)
    chain = keys.adopt(seal, certificate, office.clock.now()) if certificate else keys.make(seal)
    ends = min(x509.load_der_x509_certificate(one).not_valid_after_utc for one in chain)
    last = ends.astimezone(BEIJING).date() - timedelta(days=1)
    made = replace(seal, state=state, chain=chain, valid_to=min(seal.valid_to, last))
    with office.work() as work:
        saved = work.seals.save(made)
        facts: dict[str, JsonValue] = {"deed": "make"}
        facts |= {"certificate_sha256": hashlib.sha256(chain[0]).hexdigest()}
        _note(work, office, saved, facts, by=by, at=office.clock.now())
        work.commit()
    return saved


def _to_be_made(office: Office, seal_id: str, by: str) -> tuple[Seal, SealState]:
    """The seal, and its state once it is made; proves that it may be, and by whom."""
    with office.work() as work:
        seal = work.seals.load(seal_id)
    state = advance_seal(seal.state, SealDeed.MAKE)
    verify_seal_part(SealDeed.MAKE, by=by, applicant=seal.applicant, custodian=seal.custodian)
    return seal, state


def found_seals(office: Office, keys: SealKeys) -> tuple[Seal, ...]:
    """Lay down the utility's TEST seals through the real steps, with named TEST actors.

    Does nothing where certificates are not TEST ones, and nothing for a wording that ever had a
    seal: one that was destroyed stays destroyed. Begins again where a kill left off.

    Returns:
        The newest seal of ``公章``, ``合同专用章``, ``供用电合同专用章``, in this order.
    """
    if not office.utility.stamp_mark:
        return ()
    return tuple(_founded(office, keys, name, kind) for name, kind in _FOUNDED)


def _founded(office: Office, keys: SealKeys, name: str, kind: SealKind) -> Seal:
    with office.work() as work:
        wanted = (office.utility.uscc, name)
        ever = [seal for seal in work.seals.list() if (seal.owner_id, seal.name) == wanted]
    seal = ever[-1] if ever else None
    if seal is None:
        seal = apply_seal(office, _test_application(name, kind, office.clock.now()), by=_TEST_APPLICANT)
    if seal.applicant != _TEST_APPLICANT:
        return seal  # somebody applied for a real one: it takes its own steps
    if seal.state is SealState.APPLIED:
        seal = change_seal(office, seal.id, SealDeed.APPROVE, by=_TEST_APPROVER)
    if seal.state is SealState.APPROVED:
        seal = make_seal(office, keys, seal.id, by=CUSTODIAN)
    if seal.state is SealState.MADE:
        seal = change_seal(office, seal.id, SealDeed.FILE, by=CUSTODIAN, filing_no=f"TEST-{seal.id[:8]}")
    if seal.state is SealState.FILED:
        seal = change_seal(office, seal.id, SealDeed.BEGIN_USE, by=CUSTODIAN)
    return seal


def _test_application(name: str, kind: SealKind, now: datetime) -> SealApplication:
    today = now.astimezone(BEIJING).date()
    return SealApplication(
        name=name,
        kind=kind,
        custodian=CUSTODIAN,
        classes=SUPPLY_CLASSES,
        valid_from=today,
        valid_to=today + timedelta(days=_TEST_DAYS),
    )


def _applied(office: Office, application: SealApplication, by: str) -> Seal:
    """The seal as it is applied for, its drawing stored."""
    utility, seal_id = office.utility, new_id()
    drawing = draw_seal(
        kind=application.kind,
        owner=utility.name,
        name=application.name,
        holder=application.holder,
        mark=utility.stamp_mark,
    )
    return Seal(
        id=seal_id,
        owner=utility.name,
        owner_id=utility.uscc,
        name=application.name,
        kind=application.kind,
        holder=application.holder,
        state=SealState.APPLIED,
        custodian=application.custodian,
        applicant=by,
        classes=tuple(sorted(set(application.classes))),
        drawing_sha256=office.blobs.put(drawing),
        key_ref=application.key_ref or f"software:{seal_id}",
        valid_from=application.valid_from,
        valid_to=application.valid_to,
        applied_utc=office.clock.now(),
    )


def _verify_application(application: SealApplication, by: str) -> None:
    for wrong, en, zh in (
        (
            not 1 <= len(application.name) <= 20,
            "give a wording of 1 to 20 characters",
            "印章名称应为 1 至 20 字",
        ),
        (
            (application.kind is SealKind.LEGAL_REPRESENTATIVE) != bool(application.holder),
            "name the person of a name chop, and of no other seal",
            "名章须写明姓名，其他印章不写",
        ),
        (not application.custodian, "name the custodian", "请指定保管人"),
        (application.custodian == by, "the custodian is not who applies", "保管人不得与申请人为同一人"),
        (not application.classes, "choose the classes it may stand on", "请选择准予用于的合同种类"),
        (
            not set(application.classes) <= set(SUPPLY_CLASSES),
            "choose classes of the list",
            "合同种类须从清单中选择",
        ),
        (
            application.valid_to < application.valid_from,
            "end it after it begins",
            "有效期止日不得早于起日",
        ),
        (
            application.key_ref != "" and not _KEY_REF.fullmatch(application.key_ref),
            "write the key as pkcs11:LABEL or leave it empty",
            "密钥应写作 pkcs11:标签，或留空",
        ),
    ):
        if wrong:
            raise SealApplicationError(f"{en}; nothing was stored", f"{zh}；未保存，请更正")


def _verify_words(deed: SealDeed, reason: str, filing_no: str) -> None:
    if deed in _NEEDS_REASON and not reason:
        raise SealApplicationError(
            f"say why you {deed} the seal; it stands on record", f"{deed.zh}须写明事由，将载入存证；请填写"
        )
    if (deed is SealDeed.FILE) != bool(filing_no):
        raise SealApplicationError(
            "filing takes the number of the filing, no other step does",
            "备案须填写备案编号，其他步骤不填；请更正",
        )


def _note(
    work: UnitOfWork, office: Office, seal: Seal, facts: dict[str, JsonValue], *, by: str, at: datetime
) -> None:
    """One line on the seal's trail, one leaf that names it; the document is the drawing."""
    details = facts | {"state": seal.state.value, "drawing_sha256": seal.drawing_sha256.hex()}
    trail = note_line(work, seal.id, TrailEventKind.STATUS_CHANGED, at=at, actor=by, details=details)
    append_record(
        work,
        RecordKind.SEAL_STATUS,
        subject=seal.id,
        document=digests_of(office.blobs.get(seal.drawing_sha256)),
        at=at,
        actor=by,
        details=details | {"trail": final_hash(trail).hex()},
    )
