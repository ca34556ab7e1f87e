"""Where the demo puts what it made (DESIGN §6), and the summary of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from contracts_chain.evidence.file_report import FileFacts
from contracts_chain.workflows.dossier import AgreementDossier, InvoiceDossier
from contracts_chain.workflows.hand_out import HandedOut
from contracts_chain.workflows.office import Office
from kernel.atomic_file import write_atomically
from kernel.verdict import Verdict

__all__ = ["Artefacts", "Tampered", "write_summary"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tampered:
    """One forged copy and how it was met."""

    file: Path
    changed: str
    verdict: Verdict
    step: int


@dataclass(slots=True)
class Artefacts:
    """The output folder and what was written there in this run."""

    out: Path
    packages: list[Path] = field(default_factory=list)
    facts: dict[str, FileFacts] = field(default_factory=dict)
    gas: dict[int, int] = field(default_factory=dict)

    @property
    def trust(self) -> Path:
        """The trust bundle's directory."""
        return self.out / "trust"

    def keep_agreement(self, office: Office, dossier: AgreementDossier, handed: HandedOut) -> None:
        """Write contract.pdf and evidence.asice."""
        folder = self.out / "agreements" / dossier.number
        if dossier.current_sha256 is not None:
            write_atomically(folder / "contract.pdf", office.blobs.get(dossier.current_sha256))
        self._keep_package(office, dossier.number, folder / "evidence.asice", handed)

    def keep_invoice(self, office: Office, invoice: InvoiceDossier, handed: HandedOut) -> None:
        """Write invoice.xml, its renderings and invoice.asice."""
        number = str(invoice.number)
        folder = self.out / "invoices" / number
        for suffix, digest in (
            ("xml", invoice.xml_sha256),
            ("pdf", invoice.pdf_sha256),
            ("ofd", invoice.ofd_sha256),
        ):
            if digest is not None:
                write_atomically(folder / f"invoice.{suffix}", office.blobs.get(digest))
        self._keep_package(office, number, folder / "invoice.asice", handed)

    def _keep_package(self, office: Office, number: str, path: Path, handed: HandedOut) -> None:
        write_atomically(path, handed.package)
        self.packages.append(path)
        self.facts[number] = handed.report.facts
        with office.work() as work:
            anchors = [one for one in work.transactions.all() if one.kind == "anchor"]
        self.gas |= {one.ref: one.gas_used or 0 for one in anchors if one.state == "final"}


def write_summary(
    artefacts: Artefacts,
    agreements: Sequence[AgreementDossier],
    invoice: InvoiceDossier,
    verdicts: Mapping[Path, Verdict],
    tampered: Sequence[Tampered],
    timings_ms: Mapping[str, int],
) -> dict[str, object]:
    """Write summary.json and return its content."""
    folders = [artefacts.out / "agreements" / one.number for one in agreements]
    documents = [
        _document(
            artefacts, one.kind, one.number, folder / "contract.pdf", folder / "evidence.asice", one.pages
        )
        | {"signatures": len(one.slots), "verdict": verdicts[folder / "evidence.asice"].value}
        for one, folder in zip(agreements, folders, strict=True)
    ]
    number = str(invoice.number)
    folder = artefacts.out / "invoices" / number
    package = folder / "invoice.asice"
    documents.append(
        _document(artefacts, "VAT_SPECIAL_INVOICE", number, folder / "invoice.xml", package, 1)
        | {"signatures": 0, "verdict": verdicts[package].value}
    )
    summary: dict[str, object] = {
        "schema": 1,
        "documents": documents,
        "tampered": [
            {
                "file": str(one.file.relative_to(artefacts.out)),
                "changed": one.changed,
                "verdict": one.verdict.value,
                "step": one.step,
            }
            for one in tampered
        ],
        "timings_ms": dict(timings_ms),
    }
    content = json.dumps(summary, ensure_ascii=False, indent=1).encode() + b"\n"
    write_atomically(artefacts.out / "summary.json", content)
    return summary


def _document(
    artefacts: Artefacts, kind: str, number: str, file: Path, package: Path, pages: int
) -> dict[str, object]:
    facts = artefacts.facts[number]
    sequence = facts.anchor_sequence or 0
    return {
        "kind": kind,
        "number": number,
        "file": str(file.relative_to(artefacts.out)),
        "package": str(package.relative_to(artefacts.out)),
        "pages": pages,
        "anchor": {"sequence": sequence, "block": facts.anchor_block, "gas": artefacts.gas.get(sequence, 0)},
    }
