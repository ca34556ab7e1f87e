"""What veraPDF, the reference validator, says of drafts, invoices and signed contracts.

Needs Maven, a JDK and, the first time, the network; fails without them, never skips.
"""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pdfgen_sample import CREATED, sample_contract, sample_invoice

from kernel.clock import FixedClock
from pdfgen.diagram_scene import Meter
from pdfgen.house_style import PAGE_HEIGHT, PAGE_WIDTH
from pdfgen.invoice_drawing import render_invoice
from pdfgen.one_line import Feed, OneLine, Unit, one_line_diagrams
from pdfgen.render import render
from pdfgen.seal import organisation_seal, person_signature
from signing.issuing_ca import TestCa
from signing.key_encryption import KeyEncryptionKey
from signing.model import SignatureField
from signing.pades import sign_pdf
from signing.rfc3161_authority import TestTsa
from signing.seam_drawing import place_seams, seam_names
from signing.signature_fields import add_signature_fields

pytestmark = pytest.mark.long
HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def validator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    jars = tmp_path_factory.mktemp("verapdf")
    subprocess.run(
        [
            "mvn", "-q", "-B", "-f", str(HERE / "verapdf_pom.xml"),
            "dependency:copy-dependencies", f"-DoutputDirectory={jars}",
        ],
        check=True,
        timeout=600,
    )  # fmt: skip
    return jars


def verdict(jars: Path, file: Path) -> str:
    command = ["java", "-cp", f"{jars}/*", str(HERE / "PdfaCheck.java"), str(file)]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=300).stdout


def test_an_unsigned_draft_is_pdfa_3b(validator: Path, tmp_path: Path) -> None:
    draft = tmp_path / "draft.pdf"
    draft.write_bytes(render(sample_contract()).pdf)
    assert verdict(validator, draft) == f"PASS {draft}\n"


def test_a_diagram_and_characters_of_another_plane_are_pdfa_3b(validator: Path, tmp_path: Path) -> None:
    feed = Feed(
        origin="电源1", line="𠮷新3581线", entry="mixed", boundary="分界点1", meter=Meter(words="计量点1")
    )
    content = OneLine(
        title="供电接线及产权分界示意图",
        description="一路电源。",
        above="供电人",
        boundary="产权分界",
        below="用电人",
        bus="受电点",
        feeds=[feed],
        units=[Unit(kind="transformer", words="1号主变𬎆")],
    )
    draft = tmp_path / "diagram.pdf"
    draft.write_bytes(render(replace(sample_contract(1), blocks=one_line_diagrams(content))).pdf)
    assert verdict(validator, draft) == f"PASS {draft}\n"


def test_an_invoice_with_its_xml_is_pdfa_3b(validator: Path, tmp_path: Path) -> None:
    invoice = tmp_path / "invoice.pdf"
    invoice.write_bytes(render_invoice(sample_invoice()))
    assert verdict(validator, invoice) == f"PASS {invoice}\n"


def test_a_contract_stays_pdfa_3b_after_two_hands_and_two_seals(validator: Path, tmp_path: Path) -> None:
    signed = tmp_path / "signed.pdf"
    signed.write_bytes(_signed(tmp_path))
    assert verdict(validator, signed) == f"PASS {signed}\n"


def _signed(folder: Path) -> bytes:
    clock = FixedClock(CREATED)
    ca = TestCa.open(folder / "ca", KeyEncryptionKey.of(b"k" * 32), clock)
    rendered = render(sample_contract())
    fields = [SignatureField(name=slot.name, page=slot.page, box=slot.box) for slot in rendered.slots]
    seals = [slot.name for slot in rendered.slots if slot.kind == "seal"]
    seams = place_seams(seals, rendered.pages, page_width=PAGE_WIDTH, page_height=PAGE_HEIGHT)
    pdf = add_signature_fields(rendered.pdf, fields, seams)
    organisation = {"organisation": "示例铸造公司", "organisation_id": "91330200MA0000000X"}
    for number, slot in enumerate(rendered.slots):
        clock.advance(timedelta(minutes=1))
        person = slot.kind == "person"
        pdf = sign_pdf(
            pdf,
            field=slot.name,
            credential=ca.issue_person(name="王小明", **organisation)
            if person
            else ca.issue_seal(seal_name="合同专用章", **organisation),
            authority=TestTsa(ca.tsa_credential, clock),
            revocation=ca,
            roots=(*ca.roots, *ca.tsa_roots),
            appearance=person_signature("王小明", "电子签名", "TEST")
            if person
            else organisation_seal("明州示例精密铸造有限公司", mark="TEST"),
            signed_at=clock.now(),
            reason="签署",
            location="明州",
            certify=number == 0,
            seams=() if person else seam_names(slot.name, rendered.pages),
        )
    return pdf
