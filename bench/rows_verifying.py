"""Verification of a finished contract, beside pyHanko's bare validation of each of its signatures.

``python -m bench.rows_verifying`` runs these rows alone. ``bare`` reads the file, takes the validation
data out of its store into one context, and calls ``validate_pdf_signature`` for every party, as a
reader of pyHanko's manual would; it leaves out the document timestamps and all rules of ours. The
peer beside it judges the document timestamps too, as we do. The goal is the ratio.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko.sign.validation.dss import DocumentSecurityStore

from bench.measuring import Row, Work, median_ms, row
from bench.rows_drafting import composed
from bench.signing_desk import Desk
from kernel.verdict import Verdict
from pdfgen.document import RenderedDocument
from pdfgen.house_style import PAGE_HEIGHT, PAGE_WIDTH
from pdfgen.render import render
from signing.inspection import inspect_pdf
from signing.model import SignatureField
from signing.seam_drawing import place_seams, seam_names
from signing.signature_fields import add_signature_fields

GOAL = 1.5
TURNS = 9
MANY, FEW_TURNS = 30, 1


def rows() -> list[Row]:
    """The contract's four signatures, and thirty."""
    with tempfile.TemporaryDirectory() as folder:
        desk, contract = Desk.at(Path(folder)), render(composed(0))
        four = finished(desk, contract, [slot.name for slot in contract.slots])
        thirty = finished(desk, contract, [f"Party{number:02d}Seal" for number in range(MANY)])
        return [
            against_bare(desk, four, f"{contract.pages} pages, 4 signatures, seams, B-LTA", TURNS),
            against_bare(desk, thirty, f"{contract.pages} pages, {MANY} signatures, B-LTA", FEW_TURNS),
        ]


def finished(desk: Desk, contract: RenderedDocument, names: Sequence[str]) -> bytes:
    """The contract signed in these fields; the contract's own seals fill their seams."""
    boxes = {slot.name: (slot.page, slot.box) for slot in contract.slots}
    places = [boxes.get(name, (contract.pages, (60, 80, 180, 200))) for name in names]
    fields = [
        SignatureField(name=name, page=page, box=box) for name, (page, box) in zip(names, places, strict=True)
    ]
    seals = [slot.name for slot in contract.slots if slot.kind == "seal" and slot.name in names]
    seams = place_seams(seals, contract.pages, page_width=PAGE_WIDTH, page_height=PAGE_HEIGHT)
    signed = add_signature_fields(contract.pdf, fields, seams)
    for place, name in enumerate(names):
        own = seam_names(name, contract.pages) if name in seals else ()
        signed = desk.sign(signed, name, certify=place == 0, seams=own)
    return signed


def against_bare(desk: Desk, pdf: bytes, work: str, turns: int) -> Row:
    """Ours, bare, and bare with the document timestamps."""
    works: list[Work] = [
        lambda: inspect(desk, pdf),
        lambda: validate(desk, pdf, stamps=False),
        lambda: validate(desk, pdf, stamps=True),
    ]
    ours, bare, whole = median_ms(works, turns)
    peers = {"bare with document timestamps": whole}
    return row("verifying", work, "ms", ours, bare, goal=GOAL, met=ours <= GOAL * bare, peers=peers)


def inspect(desk: Desk, pdf: bytes) -> None:
    """All rules; the file must be proven, or the figure is of something else."""
    found = inspect_pdf(pdf, desk.trust)
    verdicts = {found.tail, *(one.verdict for one in found.document_timestamps)}
    for one in found.signatures:
        verdicts |= {one.integrity, one.chain, one.timestamp}
    if verdicts != {Verdict.PROVEN}:
        raise RuntimeError(str(found))


def validate(desk: Desk, pdf: bytes, *, stamps: bool) -> None:
    """pyHanko's verdict on every signature, with one context for all."""
    reader = PdfFileReader(BytesIO(pdf))
    roots = [x509.Certificate.load(root) for root in desk.roots]
    context = DocumentSecurityStore.read_dss(reader).as_validation_context(
        {"trust_roots": roots, "allow_fetching": False, "revocation_mode": "require"}
    )
    for signature in reader.embedded_regular_signatures:
        if not validate_pdf_signature(signature, context, context).bottom_line:
            raise RuntimeError(signature.field_name)
    for stamp in reader.embedded_timestamp_signatures if stamps else ():
        if not validate_pdf_timestamp(stamp, context).intact:
            raise RuntimeError(stamp.field_name)


if __name__ == "__main__":
    print(json.dumps(rows(), ensure_ascii=False, indent=1))
