"""The twin says what the pages say: word for word, in the same order, for every class."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from drafting_documents import composed, supply_terms
from drawn_samples import sample_bytes
from lxml import html
from lxml.html import HtmlElement

from contracts_chain.agreements.classes.book import CLASSES
from contracts_chain.agreements.html_twin import TwinFacts, html_twin
from contracts_chain.agreements.terms_json import load_terms
from pdfgen.document import Clause, Document, GridTable, PartyBlock
from pdfgen.page_images import body_texts
from pdfgen.render import render

FACTS = TwinFacts(pdf_sha256="ab" * 32, pages=18, terms_sha256="cd" * 32)
WORDED = {"h1", "h2", "h3", "h4", "p", "caption", "th", "td", "dt", "dd", "li", "text", "figcaption"}


def plain(text: str) -> str:
    return "".join(text.split())


def pieces(document: Document) -> list[str]:
    """Words of the twin in order, without its notes."""
    root = html.fromstring(html_twin(document, FACTS))
    found: list[str] = []
    for element in root.iter():
        if not isinstance(element.tag, str) or element.tag not in WORDED or noted(element):
            continue
        words = plain(element.text_content())
        if words:
            found.append(words)
    return found


def noted(element: HtmlElement) -> bool:
    chain = [element, *element.iterancestors()]
    return any("twin-note" in (one.get("class") or "").split() for one in chain)


def heads(document: Document) -> set[str]:
    """What a new page repeats: head rows of tables, the heading of the signature pages."""
    tables = {plain("".join(block.header)) for block in document.blocks if isinstance(block, GridTable)}
    return tables | {block.continued for block in document.blocks if isinstance(block, PartyBlock)}


def terms_of(class_id: str) -> Document:
    terms = load_terms(sample_bytes(next(one for one in CLASSES if one.id == class_id)))
    return composed(terms)


@pytest.mark.parametrize("class_id", [one.id for one in CLASSES])
def test_the_twin_and_the_pages_say_the_same_clause_by_clause(class_id: str) -> None:
    document = terms_of(class_id)
    printed = plain("".join(body_texts(render(document).pdf)))
    repeated = heads(document)
    at = 0
    for words in pieces(document):
        found = printed.find(words, at)
        assert found >= 0, words
        assert found == at or printed[at:found] in repeated, (printed[at:found], words)
        at = found + len(words)
    assert at == len(printed)


def test_levels_of_headings_leave_none_out() -> None:
    root = html.fromstring(html_twin(composed(supply_terms()), FACTS))
    levels = [int(one.tag[1]) for one in root.iter() if one.tag in {"h1", "h2", "h3", "h4", "h5"}]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_conspicuous_clauses_are_strong_and_said_to_be_so() -> None:
    document = composed(supply_terms())
    root = html.fromstring(html_twin(document, FACTS))
    key = [block for block in document.blocks if isinstance(block, Clause) and block.conspicuous]
    articles = [one for one in root.iter("article") if one.get("class") == "key"]
    assert len(articles) == len(key) > 3
    assert all(one.findall(".//strong") and "重点条款" in one.text_content() for one in articles)


def test_tables_have_captions_and_scopes() -> None:
    root = html.fromstring(html_twin(composed(supply_terms()), FACTS))
    tables = list(root.iter("table"))
    assert all(table.find("caption") is not None for table in tables)
    assert all(cell.get("scope") in {"row", "col"} for table in tables for cell in table.iter("th"))


def test_both_digests_and_the_language_are_told() -> None:
    text = html_twin(composed(supply_terms()), FACTS)
    assert "ab" * 32 in text
    assert "cd" * 32 in text
    assert '<html lang="zh-CN">' in text


def test_words_of_the_terms_cannot_become_markup() -> None:
    terms = replace(supply_terms(), special_terms="<script>alert(1)</script>&amp;")
    assert "<script>" not in html_twin(composed(terms), FACTS)
