"""A class's sample with single fields changed, and the rules that notice."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from contracts_chain.agreements.rules.pack import check, load_pack
from contracts_chain.agreements.rules.profile import load_profile
from contracts_chain.agreements.terms import Terms
from contracts_chain.agreements.terms_json import load_terms

__all__ = ["changed_sample", "newly_broken", "raw_sample"]


def raw_sample(name: str) -> Any:
    """The packaged sample as fresh JSON."""
    content = files("contracts_chain.agreements.samples").joinpath(f"{name}.json").read_bytes()
    return json.loads(content)


def changed_sample(name: str, changes: Mapping[str, Any]) -> Terms:
    """The sample with dotted paths set to other values."""
    whole = raw_sample(name)
    for path, value in changes.items():
        place: Any = whole["terms"]
        *steps, last = (int(step) if step.isdigit() else step for step in path.split("."))
        for step in steps:
            place = place[step]
        place[last] = value
    return load_terms(json.dumps(whole).encode())


def newly_broken(name: str, changes: Mapping[str, Any]) -> set[str]:
    """Rules that the changes break and the sample does not."""
    before, after = (
        {finding.rule for finding in check(terms, load_pack(), load_profile(terms.province))}
        for terms in (changed_sample(name, {}), changed_sample(name, changes))
    )
    return after - before
