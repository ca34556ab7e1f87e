"""What signing will need, looked at before an agreement is sent out (esigning reference T15).

Decides readiness item by item, each with what to do. *Hard* items would make every signature
fail and no waiting cures them: the offer is refused. *Soft* ones may recover by themselves:
a time-stamping authority or a chain that does not answer now. Changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain

from cryptography import x509

from contracts_chain.agreements.seals.seal import Seal, verify_seal_in_force, verify_seal_permits
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.workflows.annexes import AnnexesElsewhereError, annexes_of, stored_annexes
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.draft_errors import DraftUndrawnError, OfferOverError
from contracts_chain.workflows.lapse import last_day_of_offer
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.related import require_agreeing
from contracts_chain.workflows.seal_use import is_own_seal, own_seal, verify_use_approved
from kernel.clock import BEIJING
from kernel.errors import ContractsChainError, FaultError, RejectedError
from pdfgen.glyphs import require_glyphs

__all__ = ["NotReadyError", "PreflightItem", "preflight", "require_ready"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightItem:
    """One thing looked at.

    Attributes:
        name: ``document``, ``day``, ``fonts``, ``certificates``, ``annexes`` (bytes of the uploaded ones),
            ``related`` (other agreements), ``seals`` (of the utility, in force and permitted),
            ``seal_approval``, ``annexes_elsewhere``, ``timestamps`` or ``chain``.
        hard: Whether the offer is refused without it.
        code: ``ok``, or the code of what is wrong.
        en: What is wrong and what to do; empty if nothing is.
        zh: The same in Chinese.
    """

    name: str
    zh_name: str
    hard: bool
    code: str = "ok"
    en: str = ""
    zh: str = ""

    @property
    def is_ready(self) -> bool:
        """Whether nothing is wrong."""
        return self.code == "ok"


class NotReadyError(RejectedError):
    """Signing could not succeed; nothing was sent."""

    code = "not_ready"

    def __init__(self, items: tuple[PreflightItem, ...]) -> None:
        """Keep the items that stand in the way."""
        super().__init__(
            f"not sent, {len(items)} things stand in the way: " + "; ".join(item.en for item in items),
            f"尚未发送，有 {len(items)} 项未就绪：" + "；".join(item.zh for item in items),
        )
        self.items = items


class CertificateDueError(FaultError):
    """A root or a seal's certificate ends before the last day for signing, or is not trusted."""

    code = "certificate_due"


def preflight(office: Office, number: str) -> tuple[PreflightItem, ...]:
    """Look at everything, hard and soft.

    Raises:
        UnknownNumberError: No such agreement.
    """
    with office.work() as work:
        dossier = work.agreements.load(number)
    probes = (
        ("seal_approval", "用印审批", lambda: _seal_approval(office, dossier)),
        ("annexes_elsewhere", "另处保存的附件", lambda: _annexes_elsewhere(office, dossier)),
        ("timestamps", "时间戳服务", lambda: office.timestamps.token(b"preflight")),
        ("chain", "区块链", office.chain.latest_block),
    )
    soft = (_item(name, zh, probe, hard=False) for name, zh, probe in probes)
    return tuple(chain(_hard_items(office, dossier), soft))


def require_ready(office: Office, dossier: AgreementDossier) -> None:
    """Prove that nothing hard stands in the way of signing.

    Raises:
        NotReadyError: Naming every hard item that is not ready.
    """
    missing = tuple(item for item in _hard_items(office, dossier) if not item.is_ready)
    if missing:
        raise NotReadyError(missing)


def _hard_items(office: Office, dossier: AgreementDossier) -> Iterator[PreflightItem]:
    now = office.clock.now()
    yield _item("document", "合同文件", lambda: _document(office, dossier), hard=True)
    yield _item("day", "签署截止日", lambda: _day(dossier, now), hard=True)
    yield _item("fonts", "字体", lambda: _fonts(office, dossier), hard=True)
    yield _item("certificates", "证书", lambda: _certificates(office, dossier, now), hard=True)
    yield _item("seals", "印章", lambda: _seals(office, dossier), hard=True)
    yield _item("annexes", "附件", lambda: stored_annexes(office, load_terms(dossier.terms)), hard=True)
    yield _item("related", "关联合同", lambda: _related(office, dossier), hard=True)


def _item(name: str, zh_name: str, probe: Callable[[], object], *, hard: bool) -> PreflightItem:
    try:
        probe()
    except ContractsChainError as problem:
        return PreflightItem(
            name=name, zh_name=zh_name, hard=hard, code=problem.code, en=problem.en, zh=problem.zh
        )
    return PreflightItem(name=name, zh_name=zh_name, hard=hard)


def _document(office: Office, dossier: AgreementDossier) -> None:
    """The bytes to be signed are there, whole, and the approved ones if any are approved."""
    pinned = dossier.approved_sha256 or dossier.current_sha256
    if pinned is None or pinned != dossier.current_sha256:
        raise DraftUndrawnError(dossier.number)
    office.blobs.get(pinned)


def _day(dossier: AgreementDossier, now: datetime) -> None:
    last = last_day_of_offer(load_terms(dossier.terms))
    if now.astimezone(BEIJING).date() > last:
        raise OfferOverError(dossier.number, last)


def _annexes_elsewhere(office: Office, dossier: AgreementDossier) -> None:
    """Papers kept elsewhere are allowed; who sends the agreement is told which they are."""
    with office.work() as work:
        kept = annexes_of(work, load_terms(dossier.terms))
    if kept.elsewhere:
        raise AnnexesElsewhereError(kept)


def _related(office: Office, dossier: AgreementDossier) -> None:
    """Others may have been offered or ended since it was handed in."""
    with office.work() as work:
        terms = load_terms(dossier.terms)
        require_agreeing(office, work, terms, order_no=dossier.order_no, number=dossier.number)


def _fonts(office: Office, dossier: AgreementDossier) -> None:
    """What seals and signatures will show."""
    drawn = ((slot.signer_name, slot.organisation, slot.seal_name) for slot in dossier.slots)
    require_glyphs((*chain.from_iterable(drawn), office.utility.stamp_mark))


def _seals(office: Office, dossier: AgreementDossier) -> None:
    """Every seal of the utility that is due stands in the registry, is in use and is for this class."""
    with office.work() as work:
        for slot in dossier.slots:
            if is_own_seal(office, slot):
                seal = own_seal(office, work, slot)
                verify_seal_in_force(seal, office.clock.now())
                verify_seal_permits(seal, dossier.kind)


def _verify_outlasts(seal: Seal, last_day: date) -> None:
    """The seal's certificates, the root apart, are in force until the last day for signing is over."""
    for one in seal.chain[:-1]:
        ends = x509.load_der_x509_certificate(one).not_valid_after_utc
        if ends.astimezone(BEIJING).date() <= last_day:
            raise CertificateDueError(
                f"the certificate of the seal {seal.name} ends on {ends:%Y-%m-%d} and must outlast the day "
                "for signing; have a new seal made with a new certificate before sending",
                f"印章“{seal.name}”的证书有效期至 {ends:%Y-%m-%d}，须晚于签署截止日；"
                "请先以新证书重新制作印章再发送",
            )


def _seal_approval(office: Office, dossier: AgreementDossier) -> None:
    """Its use may still be approved while the others sign; who sends the agreement is told."""
    with office.work() as work:
        for slot in dossier.slots:
            if is_own_seal(office, slot):
                verify_use_approved(office, work, dossier, slot, office.clock.now())


def _certificates(office: Office, dossier: AgreementDossier, now: datetime) -> None:
    """Every root is in force now and until the last day for signing is over, and is trusted."""
    until = max(now.astimezone(BEIJING).date(), last_day_of_offer(load_terms(dossier.terms)))
    trusted = {*office.trust.signatures.ca_roots, *office.trust.signatures.tsa_roots}
    for root in (*office.ca.roots, *office.ca.tsa_roots):
        certificate = x509.load_der_x509_certificate(root)
        name, last = certificate.subject.rfc4514_string(), certificate.not_valid_after_utc
        if not (certificate.not_valid_before_utc <= now < last and until < last.astimezone(BEIJING).date()):
            raise CertificateDueError(
                f"the root {name} is valid until {last:%Y-%m-%d} and must outlast the day for signing; "
                "install the new root before sending",
                f"根证书 {name} 有效期至 {last:%Y-%m-%d}，须晚于签署截止日；请先安装新的根证书再发送",
            )
        if root not in trusted:
            raise CertificateDueError(
                f"verifiers do not trust the root {name}; put it into the trust bundle before sending",
                f"信任包中没有根证书 {name}；请先更新信任包再发送",
            )
    with office.work() as work:
        for slot in dossier.slots:
            if is_own_seal(office, slot):
                seal = work.seals.find(office.utility.uscc, slot.seal_name)
                if seal is not None:
                    _verify_outlasts(seal, until)
