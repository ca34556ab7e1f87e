"""Drafting of the customer classes: terms checked, text filled, PDF drawn, warm, one of each.

``python -m bench.rows_customer_classes`` runs these rows alone. Bare is the drawing of the same
document without rules or wording: what the classes cost beside it is theirs.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import partial
from importlib.resources import files

from bench.measuring import Row, median_ms, row
from contracts_chain.agreements.classes.book import class_of
from contracts_chain.agreements.compose import compose
from contracts_chain.agreements.rules.finding import require_no_errors
from contracts_chain.agreements.rules.pack import check, load_pack
from contracts_chain.agreements.rules.profile import load_profile
from contracts_chain.agreements.templates.template import load_template
from contracts_chain.agreements.terms import Terms
from contracts_chain.agreements.terms_json import load_terms
from pdfgen.document import Document
from pdfgen.render import render

SAMPLES = ("lv_nonres_supply", "lv_res_supply", "temp_supply", "market_retail_supply", "gen_use")
MOMENT = datetime(2026, 11, 22, tzinfo=UTC)
GOAL = 1.5
TURNS = 5


def _terms(name: str) -> Terms:
    return load_terms((files("contracts_chain.agreements.samples") / f"{name}.json").read_bytes())


def sample_document(name: str) -> Document:
    """The document of the sample that ships under this name."""
    return _composed(_terms(name))


def _composed(terms: Terms) -> Document:
    return compose(
        terms,
        load_template(class_of(terms)),
        number="SGZJMZ00YXGY2600001",
        not_before=None,
        qr_text="https://verify.example.test/q/1",
        created_utc=MOMENT,
        mark="TEST",
    )


def _drafted(name: str) -> bytes:
    terms = _terms(name)
    require_no_errors(check(terms, load_pack(terms.rule_pack_version), load_profile(terms.province)))
    return render(_composed(terms)).pdf


def _row(name: str) -> Row:
    document = sample_document(name)
    ours, bare = median_ms([partial(_drafted, name), partial(render, document)], TURNS)
    work = f"draft {name}, {render(document).pages} pages: read, check, fill, draw"
    met = ours <= GOAL * bare
    return row(f"draft_{name}", work, "ms", ours, bare, goal=GOAL, met=met)


def rows() -> list[Row]:
    """One row a class."""
    return [_row(name) for name in SAMPLES]


if __name__ == "__main__":
    print(json.dumps(rows(), ensure_ascii=False, indent=1))
