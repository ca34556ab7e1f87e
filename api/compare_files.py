"""``contracts-chain compare``: two PDFs clause by clause, as a third; no database, no chain.

What is compared is what the pages print, not what the files carry inside.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from api.bounded_file import printable, read_bounded
from api.settings import Settings
from contracts_chain.agreements.clause_diff import clause_diff
from contracts_chain.agreements.diff_document import ComparedTexts, diff_document, summary_zh
from contracts_chain.agreements.printed_clauses import printed_clauses
from kernel.atomic_file import write_atomically
from kernel.digests import sha256
from pdfgen.page_images import body_texts
from pdfgen.render import render

__all__ = ["compare_files"]

GREATEST_PDF = 50_000_000
_DIFFERENT = 10


def compare_files(old: Path, new: Path, output: Path) -> int:
    """Write the comparison; 0 if the words are the same, 10 if they differ.

    Raises:
        FileUnopenedError: A file cannot be opened.
        FileTooLargeError: One has more than 50 MB.
        UnreadablePageError: One is no PDF.
        DiskFullError: No space for the result.
    """
    before, after = read_bounded(old, GREATEST_PDF), read_bounded(new, GREATEST_PDF)
    first = printed_clauses(body_texts(before), title="")
    second = printed_clauses(body_texts(after), title="")
    diff = clause_diff(first.document, second.document, pages=second.pages)
    texts = ComparedTexts(
        number=new.stem,
        old=printable(old),
        new=printable(new),
        old_digest=sha256(before).hex(),
        new_digest=sha256(after).hex(),
    )
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    drawn = render(diff_document(diff, texts, created_utc=epoch, mark=Settings().mark))
    write_atomically(output, drawn.pdf)
    Console(highlight=False).print(summary_zh(diff), soft_wrap=True, markup=False)
    return _DIFFERENT if diff.changes else 0
