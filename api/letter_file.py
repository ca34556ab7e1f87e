"""``contracts-chain letter``: a letter of authority in a file to a PDF to sign; no database, no chain."""

from __future__ import annotations

from datetime import datetime, time
from pathlib import Path

from rich.console import Console

from api.bounded_file import printable, read_bounded
from api.settings import Settings
from contracts_chain.agreements.authority_letter import compose_letter, load_letter
from contracts_chain.agreements.rules.value_walk import reading
from kernel.atomic_file import write_atomically
from kernel.clock import BEIJING
from kernel.digests import sha256
from pdfgen.glyphs import require_glyphs
from pdfgen.render import render

__all__ = ["letter_file"]

_GREATEST_LETTER = 200_000


def letter_file(file: Path, output: Path) -> int:
    """Draw the letter and tell its digest, which the agreement's terms name.

    Raises:
        FileUnopenedError: The file cannot be opened.
        FileTooLargeError: It has more than 200 kB.
        LetterRefusedError: It is no letter of authority; every problem is listed.
        GlyphsMissingError: No installed font has one of its characters.
        DiskFullError: No space for the PDF; nothing stands under its name.
    """
    letter = load_letter(read_bounded(file, _GREATEST_LETTER))
    created = datetime.combine(letter.valid_from, time(), BEIJING)
    require_glyphs(held.value for held in reading(letter).values if isinstance(held.value, str))
    pdf = render(compose_letter(letter, created_utc=created, mark=Settings().mark)).pdf
    write_atomically(output, pdf)
    Console(highlight=False).print(
        f"{printable(output)}  SHA-256 {sha256(pdf).hex()}", soft_wrap=True, markup=False
    )
    return 0
