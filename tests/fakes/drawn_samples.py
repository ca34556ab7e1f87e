"""The sample of every class, drawn the way ``contracts-chain draft`` draws it, and the bytes it should give.

``python tests/fakes/drawn_samples.py`` writes ``tests/vectors/drafts.json`` anew: only after
someone has looked at the pages.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

from contracts_chain.agreements.classes.agreement_class import AnyClass
from contracts_chain.agreements.classes.book import CLASSES
from contracts_chain.agreements.terms import AgreementTerms
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.workflows.draft import DrawnUp, draw_up
from kernel.digests import sha256

__all__ = ["GOLDEN", "drawn", "sample_bytes", "sample_terms"]

GOLDEN = Path(__file__).parents[1] / "vectors" / "drafts.json"


def sample_bytes(one: AnyClass) -> bytes:
    """The file of terms that ships with a class."""
    return (files("contracts_chain.agreements.samples") / f"{one.id.lower()}.json").read_bytes()


def sample_terms(one: AnyClass) -> AgreementTerms:
    """Its terms."""
    return load_terms(sample_bytes(one))


def drawn(terms: AgreementTerms) -> DrawnUp:
    """The draft with fixed number, block and time."""
    return draw_up(
        terms,
        number="SGZJMZ00YXGY2600001",
        not_before="0x" + "5a" * 32,
        created_utc=datetime(2026, 11, 20, 4, tzinfo=UTC),
        mark="TEST 测试样本",
        verify_url="https://verify.example.test",
    )


def _golden() -> dict[str, dict[str, object]]:
    papers = {one.id: drawn(sample_terms(one)) for one in CLASSES}
    return {name: {"pages": paper.pages, "sha256": sha256(paper.pdf).hex()} for name, paper in papers.items()}


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(_golden(), indent=2, sort_keys=True) + "\n", "utf-8")
