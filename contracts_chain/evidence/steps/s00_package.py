"""Step 0: the package is well formed, within limits, and as its maker sealed it (EN 319 162-1 §4.4).

Its maker is one of those whom the trust bundle names; a certificate of a trusted authority is not enough.
"""

from __future__ import annotations

from contracts_chain.evidence.asice import verify_manifest
from contracts_chain.evidence.evidence_json import EvidenceKind
from contracts_chain.evidence.examination import Examination, proven
from contracts_chain.evidence.findings_error import EvidenceMismatchError
from contracts_chain.evidence.package import AgreementContents
from contracts_chain.evidence.package_sealer import verify_sealer
from kernel.verdict import Check
from signing.cades import verify_detached

__all__ = ["check"]


def check(examination: Examination) -> Check:
    """Hold manifest against files, signature against manifest, signer against bundle, kind against contents.

    Raises:
        UnreadablePackageError: Not a package within limits.
        ManifestMismatchError: A file was changed.
        RefutedError: The package signature does not hold.
        UndecidedError: Its certificate cannot be judged.
        PackageSealerError: It is of somebody whom the bundle does not name.
        EvidenceMismatchError: evidence.json is about another kind of document.
    """
    opened = examination.opened.get()
    verify_manifest(opened.contents.files(), opened.manifest)
    signer, moment = verify_detached(
        opened.manifest, opened.signature, examination.trust.signatures, skew=examination.trust.skew
    )
    verify_sealer(signer, examination.trust.package_sealers)
    kind = examination.evidence.get().kind
    due = EvidenceKind.AGREEMENT if isinstance(opened.contents, AgreementContents) else EvidenceKind.INVOICE
    if kind is not due:
        raise EvidenceMismatchError(
            "evidence.json is about another kind of document",
            "evidence.json 与文件种类不符",
            expected=due.value,
            actual=kind.value,
        )
    return proven(
        0,
        f"The package is whole; {signer.common_name} signed it, timestamp {moment:%Y-%m-%d %H:%M:%S} UTC.",
        f"证据包完整，签署者 {signer.common_name}，时间戳 {moment:%Y-%m-%d %H:%M:%S} UTC。",
    )
