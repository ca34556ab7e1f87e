"""The bytes a PDF signature covers (ISO 32000-2 §12.8.1, rule V2 and the wrapping attack).

Decides: exactly two ranges; the first begins at 0; the gap between them is exactly the
hexadecimal ``/Contents`` string of this signature and nothing else; the second ends
where a revision ends. Works on the bytes alone and trusts no parser.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from signing.judgement import SOUND, Judgement, refuted

__all__ = ["judge_byte_range"]

REVISION_END = re.compile(rb"startxref\s+\d+\s+%%EOF[ \t]*(\r\n|\r|\n)?\Z")
END_WINDOW = 64


def judge_byte_range(pdf: bytes, byte_range: Sequence[object], contents: bytes) -> Judgement:
    """Judge the shape of a ``/ByteRange``.

    Args:
        pdf: The whole file.
        byte_range: As read from the signature dictionary.
        contents: The decoded ``/Contents``, padding included.
    """
    numbers = [int(number) for number in byte_range if isinstance(number, int)]
    if len(byte_range) != 4 or len(numbers) != 4:
        return refuted("malformed_byte_range", "a byte range must be four integers")
    start, length, resume, rest = numbers
    if start != 0 or not 0 < length < resume <= resume + rest <= len(pdf) or rest <= 0:
        return refuted("malformed_byte_range", "the byte range does not lie in the file")
    gap = pdf[length:resume]
    digits = contents.hex().encode()
    if gap not in {b"<" + digits + b">", b"<" + digits.upper() + b">"}:
        return refuted("unsigned_gap", "bytes other than the signature itself were left unsigned")
    end = resume + rest
    if not REVISION_END.search(pdf[max(resume, end - END_WINDOW) : end]):
        return refuted("partial_revision", "the signature does not cover its whole revision")
    return SOUND
