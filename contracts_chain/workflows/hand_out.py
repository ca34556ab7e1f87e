"""Signs a package, reads it back, proves it, and only then lets it out."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from importlib.metadata import version
from ssl import OPENSSL_VERSION

from contracts_chain.agreements.seals.seal import verify_seal_in_force
from contracts_chain.evidence.evidence_json import Evidence
from contracts_chain.evidence.file_report import FileReport, require_proven
from contracts_chain.evidence.package import PackageContents, write_package
from contracts_chain.evidence.package_sealer import PackageSealer
from contracts_chain.evidence.report import ReportFacts, ReportSubject, evidence_report
from contracts_chain.evidence.trail import Trail
from contracts_chain.evidence.verify import verify_package
from contracts_chain.workflows.office import Office, UtilityProfile
from contracts_chain.workflows.ports import UnitOfWorkFactory
from contracts_chain.workflows.seal_ports import UnknownSealError
from pdfgen.document import Document
from signing.cades import sign_detached
from signing.model import Credential

__all__ = [
    "EVIDENCE_SEAL",
    "HandedOut",
    "environment",
    "evidence_credential",
    "hand_out",
    "package_sealers",
    "report_on",
]

EVIDENCE_SEAL = "电子存证专用章"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOut:
    """A package, what it is about, and the report that proved it."""

    package: bytes
    subject: ReportSubject
    report: FileReport


def hand_out(office: Office, subject: ReportSubject, contents: PackageContents) -> HandedOut:
    """Sign the contents as a package and prove it by the recipe any stranger uses.

    Raises:
        NotProvenError: It did not pass its own verification: an alarm.
        StillUndecidedError: Something is missing, e.g. the status is too old.
        SealNotInForceError: The registry's seal of evidence packages may not be used today.
        UnknownSealError: The registry has none, and papers here are not marked TEST.
    """
    package = write_package(contents, lambda manifest: _sign(office, manifest))
    report = verify_package(package, office.trust, at=office.clock.now())
    require_proven(report)
    return HandedOut(package=package, subject=subject, report=report)


def report_on(
    office: Office, subject: ReportSubject, evidence: Evidence, trail: Trail, files: dict[str, bytes]
) -> Document:
    """出证报告 on this evidence and these files; every fact is proven before it is printed.

    Raises:
        RefutedError: Something in the evidence is false: an alarm.
        UndecidedError: The bundle lacks what is needed to prove it.
    """
    issued = office.clock.now().replace(microsecond=0)
    facts = ReportFacts.prove(evidence, trail=trail, files=files, trust=office.trust, issued_utc=issued)
    return evidence_report(subject, facts)


def environment(office: Office) -> tuple[tuple[str, str], ...]:
    """Statements on the system for the report's first chapter."""
    return (
        ("软件", f"contracts-chain {version('contracts-chain')}"),
        ("运行环境", f"Python {platform.python_version()}，{platform.system()} {platform.machine()}"),
        ("密码库", OPENSSL_VERSION),
        ("排版程序", f"reportlab {version('reportlab')}，输出 PDF/A"),
        ("签名程序", f"pyHanko {version('pyHanko')}，PAdES B-LTA"),
        ("区块链", f"许可制以太坊（QBFT），链号 {office.trust.chain.chain_id}"),
        ("数据库", "PostgreSQL，日志表与过程表只可追加，由触发器拒绝修改和删除"),
        ("文件存储", "以 SHA-256 为名，一次写入，每次读取重新校验"),
        ("时间来源", "系统时钟；签署时间以 RFC 3161 时间戳为准，上链时间以区块时间为准"),
        ("平台备案情况", office.utility.filing or "未填报"),
    )


def _sign(office: Office, manifest: bytes) -> bytes:
    """CAdES with timestamp over a package's manifest, by the evidence service's seal."""
    credential = evidence_credential(office)
    roots = (*office.trust.signatures.ca_roots, *office.trust.signatures.tsa_roots)
    try:
        return sign_detached(manifest, credential, office.timestamps, office.ca, roots)
    finally:
        credential.key.destroy()


def evidence_credential(office: Office) -> Credential:
    """Who seals packages: the registry's newest seal of that name, or a TEST one where papers say TEST.

    Raises:
        SealNotInForceError: It may not be used today.
        UnknownSealError: The registry has none, and papers here are not marked TEST.
        FaultError: Its key cannot be reached.
    """
    wanted = (office.utility.uscc, EVIDENCE_SEAL)
    with office.work() as work:
        ever = [seal for seal in work.seals.list() if (seal.owner_id, seal.name) == wanted]
    if ever:
        verify_seal_in_force(ever[-1], office.clock.now())
        return office.seal_keys.credential(ever[-1])
    if not office.utility.stamp_mark:
        raise UnknownSealError(EVIDENCE_SEAL)
    return office.ca.issue_seal(
        organisation=office.utility.name, organisation_id=office.utility.uscc, seal_name=EVIDENCE_SEAL
    )


def package_sealers(utility: UtilityProfile, work: UnitOfWorkFactory) -> tuple[PackageSealer, ...]:
    """Whom a trust bundle names as sealer: the utility, under every name that a seal of its own ever bore.

    The seal of packages is always of this organisation, its certificate TEST or an authority's; a package
    outlives a change of the name.
    """
    with work() as unit:
        ever = {seal.owner for seal in unit.seals.list() if seal.owner_id == utility.uscc}
    return tuple(
        PackageSealer(organisation=name, organisation_id=utility.uscc)
        for name in sorted({utility.name, *ever})
    )
