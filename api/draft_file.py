"""``contracts-chain draft``: terms in a file to a PDF in a file; no database, no chain.

The creation time in the metadata is the first day of the contract's term, so that the
same terms, number and block hash give the same bytes on every run and machine.
"""

from __future__ import annotations

from datetime import datetime, time
from pathlib import Path

from rich.console import Console

from api.bounded_file import printable, read_bounded
from api.settings import Settings
from contracts_chain.agreements.classes.book import class_of
from contracts_chain.agreements.compose import compose
from contracts_chain.agreements.html_twin import TwinFacts, html_twin
from contracts_chain.agreements.templates.template import load_template
from contracts_chain.agreements.terms import Terms
from contracts_chain.agreements.terms_json import attached_bytes, load_terms
from contracts_chain.workflows.draft import DrawnUp, check_terms, draw_up, qr_text
from kernel.atomic_file import write_atomically
from kernel.clock import BEIJING
from kernel.digests import sha256
from kernel.errors import RejectedError
from kernel.sized_bytes import BlockHash
from pdfgen.document import Document

__all__ = ["BlockHashError", "draft_file"]

GREATEST_TERMS = 2_000_000


class BlockHashError(RejectedError):
    """``--not-before`` is no block hash, and would be printed at the foot of every page."""

    code = "block_hash"


def draft_file(
    terms_file: Path, output: Path, number: str, not_before: str | None, twin: Path | None = None
) -> int:
    """Draft one agreement, and its twin in HTML if a file is named for it.

    Raises:
        FileUnopenedError: The terms cannot be opened.
        FileTooLargeError: They have more than 2 MB.
        BlockHashError: ``not_before`` is no block hash.
        TermsUnreadableError: It is not terms; every problem is listed.
        RulesViolatedError: The terms break rules; every one is listed.
        DiskFullError: No space for the PDF; nothing stands under its name.
    """
    block = None if not_before is None else _block_hash(not_before)
    terms = load_terms(read_bounded(terms_file, GREATEST_TERMS))
    check_terms(terms)
    settings = Settings()
    created = datetime.combine(terms.valid_from, time(), BEIJING)
    verify_url = settings.utility.verify_url
    drawn = draw_up(
        terms, number=number, not_before=block, created_utc=created, mark=settings.mark, verify_url=verify_url
    )
    write_atomically(output, drawn.pdf)
    if twin is not None:
        document = compose(
            terms,
            load_template(class_of(terms)),
            number=number,
            not_before=block,
            qr_text=qr_text(terms, number, verify_url),
            created_utc=created,
            mark=settings.mark,
        )
        write_atomically(twin, _twin(document, drawn, terms).encode())
    Console(highlight=False).print(
        f"{printable(output)}  {drawn.pages} 页 pages  {len(drawn.pdf):,} bytes", soft_wrap=True, markup=False
    )
    return 0


def _twin(document: Document, drawn: DrawnUp, terms: Terms) -> str:
    facts = TwinFacts(
        pdf_sha256=sha256(drawn.pdf).hex(),
        pages=drawn.pages,
        terms_sha256=sha256(attached_bytes(terms)).hex(),
    )
    return html_twin(document, facts)


def _block_hash(text: str) -> str:
    try:
        return BlockHash.from_hex(text).hex0x()
    except ValueError as problem:
        raise BlockHashError(
            f"{text!r} is no block hash; give 0x and 64 hexadecimal digits",
            f"{text!r} 不是区块哈希；应为 0x 加 64 位十六进制数字",
        ) from problem
