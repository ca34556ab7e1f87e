"""What was agreed is what was signed: a document swapped before the first signature is refuted (step 1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import evidence_case
import pytest
from evidence_case import NOW, Case, build
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from contracts_chain.evidence.verify import verify_package
from kernel.verdict import Check, Verdict
from signing.pades import sign_pdf


def drawn_over(pdf: bytes) -> bytes:
    """One more revision in which the first page shows something else."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"][0]
    drawing = generic.StreamObject(stream_data=b"1 0 0 rg 50 50 400 400 re f")
    page[pdf_name("/Contents")] = writer.add_object(drawing)
    writer.update_container(page)
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


def swapped(monkeypatch: pytest.MonkeyPatch, folder: Path, swap: Callable[[bytes], bytes]) -> Case:
    """An agreement whose document was swapped after the offer; all that follows is honest."""
    pending = [swap]

    def signed(pdf: bytes, **order: object) -> bytes:
        return sign_pdf(pending.pop()(pdf) if pending else pdf, **order)  # type: ignore[arg-type]

    monkeypatch.setattr(evidence_case, "sign_pdf", signed)
    return build(folder)


def step_one(case: Case) -> tuple[Verdict, Check]:
    report = verify_package(case.package(), case.trust, at=NOW)
    return report.verdict, report.checks[1]


def test_a_document_swapped_between_the_offer_and_the_first_signature_is_refuted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    verdict, check = step_one(swapped(monkeypatch, tmp_path, drawn_over))
    assert (verdict, check.verdict, check.code) == (Verdict.REFUTED, Verdict.REFUTED, "document_mismatch")


def test_an_honest_document_is_undecided_where_no_signature_claims_a_root_of_the_bundle(
    tmp_path: Path,
) -> None:
    case = build(tmp_path)
    strange = replace(case.trust.signatures, ca_roots=case.trust.signatures.tsa_roots)
    verdict, check = step_one(replace(case, trust=replace(case.trust, signatures=strange)))
    assert (verdict, check.verdict, check.code) == (Verdict.UNDECIDED, Verdict.UNDECIDED, "unknown_issuer")
