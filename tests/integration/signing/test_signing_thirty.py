"""Complaint 4: a later signer breaks nobody's signature, not with thirty of them and their seams."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pikepdf
import pytest

from kernel.verdict import Verdict
from signing.model import SignatureField
from signing.pdf_reading import open_pdf
from signing.seam_drawing import place_seams, seam_names
from signing.signature_fields import add_signature_fields
from tests.integration.signing.conftest import run
from tests.unit.signing.signed_samples import Office, is_proven, saved

PAGES = 2
SIGNERS = 30
A4 = (595.28, 841.89)


@dataclass(frozen=True, slots=True)
class Thirty:
    office: Office
    slots: tuple[str, ...]
    steps: tuple[bytes, ...]
    """The file after each signature."""


def prepared(slots: tuple[str, ...]) -> bytes:

    pdf = pikepdf.new()
    for _ in range(PAGES):
        pdf.add_blank_page(page_size=A4)
    boxes = [
        (20 + 90 * (place % 5), 60 + 90 * (place // 5), 100 + 90 * (place % 5), 140 + 90 * (place // 5))
        for place in range(len(slots))
    ]
    fields = [SignatureField(name=name, page=PAGES, box=box) for name, box in zip(slots, boxes, strict=True)]
    seams = place_seams(slots, PAGES, page_width=A4[0], page_height=A4[1])
    return add_signature_fields(saved(pdf), fields, seams)


@pytest.fixture(scope="module")
def thirty(tmp_path_factory: pytest.TempPathFactory) -> Thirty:
    office = Office.founded(tmp_path_factory.mktemp("thirty") / "ca")
    slots = tuple(f"Party{number:02d}Seal" for number in range(1, SIGNERS + 1))
    pdf, steps = prepared(slots), []
    for place, slot in enumerate(slots):
        pdf = office.sign(pdf, slot, certify=place == 0, seams=seam_names(slot, PAGES))
        steps.append(pdf)
    return Thirty(office, slots, tuple(steps))


def test_each_of_thirty_signatures_only_appends(thirty: Thirty) -> None:
    for earlier, later in zip(thirty.steps, thirty.steps[1:], strict=False):
        assert later.startswith(earlier)


@pytest.mark.parametrize("count", [1, 2, 4, 10])
def test_every_signature_made_so_far_is_proven(thirty: Thirty, count: int) -> None:
    findings = thirty.office.inspect(thirty.steps[count - 1])
    assert len(findings.signatures) == len(findings.document_timestamps) == count
    assert is_proven(findings)


def test_all_thirty_are_proven_signature_by_signature(thirty: Thirty) -> None:
    findings = thirty.office.inspect(thirty.steps[-1])
    assert [one.field for one in findings.signatures] == list(thirty.slots)
    assert {one.integrity for one in findings.signatures} == {Verdict.PROVEN}
    assert is_proven(findings)


@pytest.mark.long
def test_after_each_of_thirty_steps_every_signature_is_proven(thirty: Thirty) -> None:
    for count, pdf in enumerate(thirty.steps, start=1):
        findings = thirty.office.inspect(pdf)
        assert len(findings.signatures) == count
        assert is_proven(findings), count


def test_pyhankos_own_policy_accepts_all_that_follows_the_first_signature(thirty: Thirty) -> None:
    """Stock judgement, nothing of ours: the first signature sees every later one as form filling."""
    first = open_pdf(thirty.steps[9]).embedded_regular_signatures[0]
    first.compute_integrity_info()
    summary = first.summarise_integrity_info()
    assert summary["docmdp_ok"]
    assert first.diff_result.modification_level.name == "FORM_FILLING"


def test_pdfsig_and_mutool_find_all_thirty_valid(thirty: Thirty, tmp_path: Path) -> None:
    (tmp_path / "thirty.pdf").write_bytes(thirty.steps[-1])
    poppler = run("pdfsig", "-nocert", tmp_path / "thirty.pdf")
    assert poppler.stdout.count("Signature is Valid.") == SIGNERS, poppler.stdout + poppler.stderr
    mupdf = run("mutool", "sign", "-v", tmp_path / "thirty.pdf")
    assert (mupdf.stdout + mupdf.stderr).count("The signature is valid") == SIGNERS
    assert run("qpdf", "--check", tmp_path / "thirty.pdf").returncode == 0


def test_a_thirty_first_signer_without_a_field_is_refused(thirty: Thirty) -> None:
    from signing.refusals import CannotSignError

    with pytest.raises(CannotSignError):
        thirty.office.sign(thirty.steps[-1], "Party31Seal", seams=())
