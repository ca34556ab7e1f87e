"""A clerk saves a draft: rules, a new version, its PDF and its trail line, beside drawing alone.

``python -m bench.rows_desk`` runs these rows alone.
"""

from __future__ import annotations

import itertools
import json
import tempfile
from dataclasses import replace
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

from api.house import House, open_house
from api.settings import Settings
from bench.measuring import Row, Work, median_ms, row
from contracts_chain.agreements.terms import HvSupplyTerms
from contracts_chain.agreements.terms_json import load_order
from contracts_chain.workflows.draft import draft_agreement, draw_version
from contracts_chain.workflows.draft_view import draft_view, find_version
from contracts_chain.workflows.revise import revise

TURNS = 21
GOAL = 1.25


def sample() -> HvSupplyTerms:
    """The supply contract of the sample order."""
    content = (files("contracts_chain.agreements.samples") / "zhejiang_35kv.json").read_bytes()
    terms = load_order(content).agreements[0]
    assert isinstance(terms, HvSupplyTerms)
    return terms


def rows() -> list[Row]:
    """Saving and reading a draft, on a house of their own."""
    with tempfile.TemporaryDirectory() as folder, open_house(Settings(data_dir=Path(folder))) as house:
        return measure(house)


def measure(house: House) -> list[Row]:
    """All rows on one house."""
    office, terms = house.office, sample()
    number = draft_agreement(office, terms, order_no="BENCH-DESK", drafted_by="li").number
    first, loads = find_version(office, number, 1), itertools.count(1)

    def save() -> object:
        load = next(loads)
        edited = replace(terms, expected_monthly_kwh=Decimal(load))
        return revise(office, number, edited, by="li", base_version=load)

    works: list[Work] = [save, lambda: draw_version(office, first), lambda: draft_view(office, number)]
    saved, drawn, seen = median_ms(works, TURNS)
    return [
        row(
            "draft_save",
            "new terms checked, drawn, stored as a version, noted on the trail",
            "ms",
            saved,
            drawn,
            goal=GOAL,
            met=saved <= GOAL * drawn,
        ),
        row(
            "draft_view",
            "terms, findings and some 16 versions of a draft, as its page shows them",
            "ms",
            seen,
            drawn,
            goal=1.0,
            met=seen <= drawn,
        ),
    ]


if __name__ == "__main__":
    print(json.dumps(rows(), indent=1, ensure_ascii=False))
