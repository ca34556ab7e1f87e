"""Print what slither finds in one contract, as JSON; runs in slither's own environment.

    python tools/slither_findings.py SOLC < standard-json-input

One object a finding: ``detector``, ``impact``, ``where`` (contract, function or variable,
in source order) and ``text``. Decides nothing: ``tools/slither.py`` holds the findings
against their answers.
"""

import inspect
import json
import sys

from crytic_compile import CryticCompile
from crytic_compile.platform.solc_standard_json import SolcStandardJson
from slither import Slither
from slither.detectors import all_detectors
from slither.detectors.abstract_detector import AbstractDetector


def main() -> int:
    """Run every detector slither has."""
    unit = CryticCompile(SolcStandardJson(json.load(sys.stdin)), solc=sys.argv[1])
    slither = Slither(unit)
    for _, kind in inspect.getmembers(all_detectors, inspect.isclass):
        if issubclass(kind, AbstractDetector):
            slither.register_detector(kind)
    found = [one for results in slither.run_detectors() for one in results]
    if not slither.contracts:
        raise SystemExit("slither saw no contract")
    json.dump([finding(one) for one in found], sys.stdout, indent=1)
    return 0


def finding(one: dict) -> dict:
    """Keep what tells one finding from another and stays when lines move."""
    elements = one["elements"]
    named = [
        part for part in elements if part["type"] in {"function", "variable", "contract", "pragma", "event"}
    ]
    return {
        "detector": one["check"],
        "impact": one["impact"],
        "where": named[0]["name"] if named else "",
        "text": one["description"].strip(),
    }


if __name__ == "__main__":
    sys.exit(main())
