"""The body of add-checkpoint (C2SP tlog-witness): old size, consistency proof, checkpoint.

Decides its one form, for the log that writes it and the witness that reads it. It judges
neither signature nor proof.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from contracts_chain.evidence.signed_note import canonical_base64
from contracts_chain.evidence.witness_errors import MalformedSubmissionError
from kernel.sized_bytes import Bytes32

__all__ = ["Submission"]

_MOST_PROOF_LINES = 63


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A checkpoint submitted to a witness.

    Attributes:
        old_size: Size of the newest checkpoint this witness cosigned, as the log believes; 0 for none.
        path: Consistency proof from there, RFC 9162 §2.1.4; empty from size 0.
        note: The signed checkpoint.
    """

    old_size: int
    path: tuple[Bytes32, ...]
    note: str

    def body(self) -> bytes:
        """The bytes to post."""
        proof = "".join(f"{base64.b64encode(node).decode()}\n" for node in self.path)
        return f"old {self.old_size}\n{proof}\n{self.note}".encode()

    @classmethod
    def parse(cls, body: bytes) -> Submission:
        """Read what was posted; the note is not yet read.

        Raises:
            MalformedSubmissionError: Another form.
        """
        try:
            head, empty, note = body.decode().partition("\n\n")
        except UnicodeDecodeError as problem:
            raise MalformedSubmissionError("it is not UTF-8") from problem
        first, *proof = head.split("\n")
        if not empty or len(proof) > _MOST_PROOF_LINES:
            raise MalformedSubmissionError("at most 63 proof lines, then an empty line are due")
        return cls(old_size=_old_size(first), path=tuple(_node(line) for line in proof), note=note)


def _old_size(line: str) -> int:
    digits = line.removeprefix("old ")
    canonical = (
        digits.isascii() and digits.isdigit() and len(digits) < 20 and (digits[0] != "0" or digits == "0")
    )
    if not line.startswith("old ") or not canonical:
        raise MalformedSubmissionError("the first line must be 'old' and a decimal size")
    return int(digits)


def _node(line: str) -> Bytes32:
    try:
        return Bytes32(canonical_base64(line))
    except ValueError as problem:
        raise MalformedSubmissionError("a proof line is not the base64 of 32 bytes") from problem
