"""A party's own seal of GB/T 38540 that was imported: what its maker wrote, and how that was judged then.

It is looked at and compared, never used: its key is its owner's, so it seals nothing here. The bytes
are kept as a blob; whoever doubts the judgement judges them anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kernel.sized_bytes import Bytes32
from kernel.verdict import Verdict

__all__ = ["ImportedSeal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedSeal:
    """One imported seal; nothing of it ever changes.

    Attributes:
        id: Random; subject of its record and trail.
        seal_no: Its maker's number.
        name: Wording.
        owner: Organisation of its certificate.
        owner_id: Its 统一社会信用代码.
        valid_from_utc: Start of its period.
        valid_to_utc: End.
        der_sha256: Digest of the SESeal, a blob; a seal is imported once.
        verdict: Of line 2, the maker's signature and the period: proven or undecided.
        code: Stable word of that line.
        imported_by: Account.
    """

    id: str
    seal_no: str
    name: str
    owner: str
    owner_id: str
    valid_from_utc: datetime
    valid_to_utc: datetime
    der_sha256: Bytes32
    verdict: Verdict
    code: str
    imported_by: str
    imported_utc: datetime
