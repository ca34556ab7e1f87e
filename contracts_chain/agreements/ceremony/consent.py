"""The exact words that a signer agrees to, in both languages, and their digest.

Decides the sentence of WEB.md S7. The page shows these very words and the trail keeps their
digest, so a wording that was never shown cannot be claimed later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from contracts_chain.agreements.ceremony.key_clauses import KeyClause
from kernel.canonical_json import canonical_bytes
from kernel.digests import sha256
from kernel.sized_bytes import Bytes32

__all__ = ["Consent", "consent_to"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """Words of a consent; both languages say the same."""

    zh: str
    en: str

    @property
    def sha256(self) -> Bytes32:
        """Digest of both texts as canonical JSON."""
        return sha256(canonical_bytes({"en": self.en, "zh": self.zh}))


def consent_to(clauses: Sequence[KeyClause]) -> Consent:
    """The consent to one document with these conspicuous clauses."""
    evidence = next((clause.number for clause in clauses if "存证" in clause.title), None)
    count = len(clauses)
    by_zh = f"按{evidence}存证" if evidence else "按合同约定存证"
    by_en = f"evidence under clause {evidence}" if evidence else "evidence as the contract says"
    return Consent(
        zh=f"我已读全文和 {count} 条重点条款，同意电子签署，{by_zh}。",
        en=f"I have read the text and {count} key clauses; I agree to sign electronically, {by_en}.",
    )
