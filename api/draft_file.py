"""``contracts-chain draft``: terms in a file to a PDF in a file; no database, no chain.

The creation time in the metadata is the first day of the contract's term, so that the
same terms, number and block hash give the same bytes on every run and machine.
"""

from __future__ import annotations

from datetime import datetime, time
from pathlib import Path

from rich.console import Console

from api.settings import Settings
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.workflows.draft import check_terms, draw_up
from kernel.atomic_file import write_atomically
from kernel.clock import BEIJING
from kernel.errors import RejectedError

__all__ = ["TermsFileError", "draft_file"]


class TermsFileError(RejectedError):
    """The terms file cannot be opened."""

    code = "terms_file"


def draft_file(terms_file: Path, output: Path, number: str, not_before: str | None) -> int:
    """Draft one agreement.

    Raises:
        TermsFileError: The file cannot be opened.
        TermsUnreadableError: It is not terms; every problem is listed.
        RulesViolatedError: The terms break rules; every one is listed.
        DiskFullError: No space for the PDF; nothing stands under its name.
    """
    try:
        content = terms_file.read_bytes()
    except OSError as problem:
        raise TermsFileError(
            f"cannot open {terms_file} ({problem.strerror}); check the path",
            f"无法打开 {terms_file}（{problem.strerror}）；请检查路径",
        ) from problem
    terms = load_terms(content)
    check_terms(terms)
    settings = Settings()
    drawn = draw_up(
        terms,
        number=number,
        not_before=not_before,
        created_utc=datetime.combine(terms.valid_from, time(), BEIJING),
        mark=settings.mark,
        verify_url=settings.utility.verify_url,
    )
    write_atomically(output, drawn.pdf)
    Console(highlight=False).print(
        f"{output}  {drawn.pages} 页 pages  {len(drawn.pdf):,} bytes", soft_wrap=True
    )
    return 0
