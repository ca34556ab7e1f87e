"""Drafting one contract warm, against other typesetters on the same content in the same run.

Every turn draws another contract: number, account, customer and address differ, as in a set of a
group; everybody may keep what he likes between turns. typst compiles in this process with one
compiler and fonts read once; what it costs to write its source is not counted.

``python -m bench.rows_drafting`` runs these rows alone.
"""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from itertools import count

from bench import bare
from bench.measuring import Row, Work, median_ms, row
from bench.peer_typesetters import Fpdf2, Typst, WeasyPrint, typst_source
from bench.rows_paper import MOMENT, draw, sample
from contracts_chain.agreements.classes.book import class_of
from contracts_chain.agreements.compose import compose
from contracts_chain.agreements.html_twin import TwinFacts, html_twin
from contracts_chain.agreements.templates.template import load_template
from contracts_chain.agreements.terms import HvSupplyTerms
from pdfgen.document import Document
from pdfgen.render import render

_TURNS = 9
_SLOW_TURNS = 3
_PREPARED = 16


def varied(index: int) -> HvSupplyTerms:
    """The sample as another customer's contract."""
    terms = sample()
    if not isinstance(terms, HvSupplyTerms):
        raise TypeError("the benchmark needs the high-voltage sample")
    consumer = replace(
        terms.consumer,
        name=f"明州甬新第{index}精密铸造有限公司",
        registered_addr=f"浙江省明州市东港工业园区海晏路{index}号",
    )
    return replace(
        terms,
        consumer=consumer,
        cust_no=f"33051026{index:05d}",
        supply_addr=f"浙江省明州市东港工业园区海晏路{index}号",
        special_terms=f"第{index}号车间投运前，用电人应完成谐波治理装置的调试。",
    )


def composed(index: int) -> Document:
    """Its document."""
    terms = varied(index)
    return compose(
        terms,
        load_template(class_of(terms)),
        number=f"SGZJMZ00YXGY26{index:05d}",
        not_before=None,
        qr_text=f"u/{index}",
        created_utc=MOMENT,
        mark="TEST",
    )


def taking(made: list[Document], work: Callable[[Document], object]) -> Work:
    """A work that takes the next document each time."""
    turn = count()
    return lambda: work(made[next(turn) % len(made)])


def rows() -> list[Row]:
    """Rendering, the whole draft, and memory."""
    made = [composed(index) for index in range(_PREPARED)]
    terms = [varied(index) for index in range(_PREPARED)]
    pages = render(made[0]).pages
    typeset = Typst().typeset
    sources = [typst_source(document) for document in made]
    turn, peer_turn = count(), count()
    works: list[Work] = [
        taking(made, render),
        lambda: draw(terms[next(turn) % _PREPARED]),
        lambda: typeset(sources[next(peer_turn) % _PREPARED]),
        taking(made, bare.platypus),
    ]
    ours, whole, typst_ms, platypus = median_ms(works, _TURNS)
    slow = _slow_peers(made)
    peers = {"typst": typst_ms, **slow}
    return [
        row(
            "render",
            f"{pages}-page contract, warm",
            "ms",
            ours,
            platypus,
            goal=1.0,
            met=ours < typst_ms,
            peers=peers,
        ),
        row(
            "draft whole",
            "compose, render, signature fields",
            "ms",
            whole,
            platypus,
            goal=1.0,
            met=whole < typst_ms,
            peers=peers,
        ),
        _memory(made),
    ]


def _slow_peers(made: list[Document]) -> dict[str, float]:
    weasyprint, fpdf2 = WeasyPrint(), Fpdf2()
    facts = TwinFacts(pdf_sha256="0" * 64, pages=1)
    works = [
        taking(made, lambda document: weasyprint.typeset(html_twin(document, facts))),
        taking(made, fpdf2.typeset),
    ]
    return dict(zip(("weasyprint", "fpdf2"), median_ms(works, _SLOW_TURNS), strict=True))


def _memory(made: list[Document]) -> Row:
    """Python's own peak while one contract is drawn; what the fonts hold is there before."""
    tracemalloc.start()
    render(made[-1])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    mebibytes = peak / 2**20
    return row(
        "draft memory", "peak of one rendering", "MiB", mebibytes, 0.0, goal=24.0, met=mebibytes < 24.0
    )


if __name__ == "__main__":
    print(json.dumps(rows(), indent=1, ensure_ascii=False))
