"""One visible sealed B-LTA signature, against stock pyHanko doing the same work, and two processes.

``python -m bench.rows_signing`` runs these rows alone. ``bare`` is stock pyHanko with its text stamp
in a Chinese font; the peer beside it uses pyHanko's static stamp, which needs no font. The goals
are how many times faster we are, and how much more two processes do than one.
"""

from __future__ import annotations

import json
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from bench.measuring import Row, Work, median_ms, row, spent
from bench.peer_signers import StockSigner
from bench.rows_customer_classes import sample_document
from bench.rows_drafting import composed
from bench.signing_desk import Desk
from pdfgen.document import Document
from pdfgen.house_style import PAGE_HEIGHT, PAGE_WIDTH
from pdfgen.render import render
from signing.model import SignatureField
from signing.seam_drawing import place_seams, seam_names
from signing.signature_fields import add_signature_fields

TWELVE_PAGES = "wholesale_supply"
"""The sample whose contract has the twelve pages that the figure is asked for."""
TIMES_FASTER = 4.0
TIMES_TWO = 1.8
SIGNATURES = 24
"""Made by each process in one turn."""
TURNS = 7
PARTIES = ("ConsumerPerson", "ConsumerSeal", "SupplierPerson", "SupplierSeal")
FIFTH = "Fifth"
"""A field beside the contract's four, for a signature with four before it."""


def rows() -> list[Row]:
    """First and fifth signature of twelve pages, the first of the longest class, and two processes."""
    with tempfile.TemporaryDirectory() as name:
        folder, desk = Path(name), Desk.at(Path(name))
        (folder / "stamp.pdf").write_bytes(desk.stamp)
        draft, pages = prepared(sample_document(TWELVE_PAGES))
        longer, more = prepared(composed(0))
        (folder / "draft.pdf").write_bytes(draft)
        signed = signed_by_all(desk, draft, pages)
        before = f"fifth signature, {pages} pages, four and their seams before"
        return [
            against_stock(desk, folder, draft, PARTIES[1], f"first signature, {pages} pages"),
            against_stock(desk, folder, signed, FIFTH, before),
            against_stock(desk, folder, longer, PARTIES[1], f"first signature, {more} pages"),
            two_processes(folder),
        ]


def signed_by_all(desk: Desk, draft: bytes, pages: int) -> bytes:
    """The contract with the signatures and seals of all its parties."""
    signed = draft
    for place, field in enumerate(PARTIES):
        seams = seam_names(field, pages) if field.endswith("Seal") else ()
        signed = desk.sign(signed, field, certify=place == 0, seams=seams)
    return signed


def prepared(document: Document) -> tuple[bytes, int]:
    """A contract with its fields and seams, and one field more; its number of pages."""
    rendered = render(document)
    fields = [SignatureField(name=slot.name, page=slot.page, box=slot.box) for slot in rendered.slots]
    fifth = SignatureField(name=FIFTH, page=rendered.pages, box=(60, 80, 180, 200))
    seals = [slot.name for slot in rendered.slots if slot.kind == "seal"]
    seams = place_seams(seals, rendered.pages, page_width=PAGE_WIDTH, page_height=PAGE_HEIGHT)
    return add_signature_fields(rendered.pdf, [*fields, fifth], seams), rendered.pages


def against_stock(desk: Desk, folder: Path, pdf: bytes, field: str, work: str) -> Row:
    """Ours, stock with its text stamp, stock with its static stamp."""
    stock = StockSigner(desk.ca, desk.tsa, desk.credential, desk.roots, folder)
    certify = field != FIFTH
    works: list[Work] = [
        lambda: desk.sign(pdf, field, certify=certify),
        lambda: stock.sign_with_text(pdf, field, certify=certify),
        lambda: stock.sign_with_page(pdf, field, folder / "stamp.pdf", certify=certify),
    ]
    ours, text, page = median_ms(works, TURNS)
    peers = {"stock, static stamp": page}
    met = ours * TIMES_FASTER <= text
    return row("signing", work, "ms", ours, text, goal=TIMES_FASTER, met=met, peers=peers)


def two_processes(folder: Path) -> Row:
    """Signatures a second by one process (bare) and by two."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        list(pool.map(_sign_many, [folder] * 2, [1] * 2))
        one = min(spent(lambda: list(pool.map(_sign_many, [folder], [SIGNATURES]))) for _ in range(3))
        two = min(spent(lambda: list(pool.map(_sign_many, [folder] * 2, [SIGNATURES] * 2))) for _ in range(3))
    alone, together = SIGNATURES / one, 2 * SIGNATURES / two
    return row(
        "signing, two processes",
        f"{SIGNATURES} signatures each",
        "per s",
        together,
        alone,
        goal=TIMES_TWO,
        met=together >= TIMES_TWO * alone,
    )


def _sign_many(folder: Path, count: int) -> int:
    """One process's share; runs in a process of its own."""
    desk, draft = Desk.at(folder), (folder / "draft.pdf").read_bytes()
    for _ in range(count):
        desk.sign(draft, PARTIES[1], certify=True)
    return count


if __name__ == "__main__":
    print(json.dumps(rows(), indent=1, ensure_ascii=False))
