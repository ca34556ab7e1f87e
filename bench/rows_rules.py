"""Checking: every rule of the pack on the largest sample, and the matrix of all classes.

``python -m bench.rows_rules`` runs these rows alone. Bare is reading the same terms from
their canonical bytes; the peer validates their shape alone, against the class's JSON Schema.
"""

from __future__ import annotations

import json
from importlib.resources import files

from jsonschema import Draft202012Validator

from bench.measuring import Row, median_ms, row
from contracts_chain.agreements.classes.book import class_named
from contracts_chain.agreements.rules.pack import check, load_pack
from contracts_chain.agreements.rules.profile import load_profile
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.agreements.terms_schema import terms_schema

GOAL = 1.5
TURNS = 50


def rows() -> list[Row]:
    """One row."""
    content = (files("contracts_chain.agreements.samples") / "hv_supply.json").read_bytes()
    terms, value = load_terms(content), json.loads(content)
    pack, profile = load_pack(terms.rule_pack_version), load_profile(terms.province)
    shape = Draft202012Validator(terms_schema(class_named("HV_SUPPLY")))
    ours, bare, peer = median_ms(
        [
            lambda: check(terms, pack, profile),
            lambda: load_terms(content),
            lambda: shape.is_valid(value),
        ],
        TURNS,
    )
    work = f"hold one 35 kV contract against {len(pack.rules)} rules"
    met = ours <= GOAL * bare
    return [row("check_rules", work, "ms", ours, bare, goal=GOAL, met=met, peers={"jsonschema": peer})]


if __name__ == "__main__":
    print(json.dumps(rows(), ensure_ascii=False, indent=1))
