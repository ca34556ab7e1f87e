"""A group's framework agreement with 2,000 members: one document, drawn whole.

``python -m bench.rows_framework`` runs this row alone. Bare cost beside it: laying out the same
document, already composed. The goal is their ratio: canonical terms, digests and wording of
2,000 rows may cost one and a half times what drawing them does.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files

from bench.measuring import Row, median_ms, row
from contracts_chain.agreements.classes.book import class_of
from contracts_chain.agreements.compose import compose
from contracts_chain.agreements.templates.template import load_template
from contracts_chain.agreements.terms.group_framework import GroupFrameworkTerms
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.workflows.draft import draw_up
from pdfgen.document import Document
from pdfgen.render import render

MEMBERS, TURNS, GOAL = 2_000, 3, 2.0
NUMBER = "SGZJMZ00YXJT2600001"
MOMENT = datetime(2026, 11, 22, tzinfo=UTC)


def framework(count: int) -> GroupFrameworkTerms:
    """The sample with as many members."""
    terms = load_terms((files("contracts_chain.agreements.samples") / "group_framework.json").read_bytes())
    if not isinstance(terms, GroupFrameworkTerms):
        raise TypeError("the sample is no framework agreement")
    members = tuple(replace(terms.members[0], cust_no=f"33051{index:08d}") for index in range(count))
    return replace(terms, members=members, member_count=count)


def composed(terms: GroupFrameworkTerms) -> Document:
    """The document before it is laid out."""
    return compose(
        terms,
        load_template(class_of(terms)),
        number=NUMBER,
        not_before=None,
        qr_text="u",
        created_utc=MOMENT,
        mark="TEST",
    )


def rows() -> list[Row]:
    """One row, in the form of DESIGN §6."""
    terms = framework(MEMBERS)
    document = composed(terms)

    def ours() -> object:
        return draw_up(terms, number=NUMBER, not_before=None, created_utc=MOMENT, mark="TEST", verify_url="u")

    spent, bare = median_ms([ours, lambda: render(document)], TURNS)
    work = f"draft a group framework agreement with {MEMBERS} members"
    return [row("group framework", work, "ms", spent, bare, goal=GOAL, met=spent <= GOAL * bare)]


if __name__ == "__main__":
    print(json.dumps(rows(), indent=1))
