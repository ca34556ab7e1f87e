"""Honest evidence, and for each case one place in evidence or trust that holds something else.

`python tests/unit/evidence/evidence_vectors.py` makes tests/vectors/package/anchor_steps.json anew.
Certificates, and so leaves, differ from run to run; the stored file is one run, kept.
"""

from __future__ import annotations

import json
import sys
import tempfile
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).parents[2] / "vectors" / "package" / "anchor_steps.json"


def applied(base: dict[str, Any], vector: dict[str, Any]) -> tuple[Any, Any]:
    """Evidence and trust of a case."""
    whole = deepcopy(base)
    place = whole
    for key in vector["path"][:-1]:
        place = place[key]
    if vector["path"]:
        place[vector["path"][-1]] = vector["value"]
    return whole["evidence"], whole["trust"]


def vectors_of(case: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The honest base, and name, path and value of each case."""
    honest = json.loads(case.contents().evidence)
    base = {"evidence": honest, "trust": json.loads(json.dumps(case.trust.as_json()))}
    anchor, records, size = honest["anchor"], honest["records"], honest["checkpoint"]["size"]
    path = records[1]["inclusion"]
    evidence: list[tuple[str, list[str | int], Any]] = [
        ("no records", ["records"], []),
        ("another salt", ["records", 0, "record", "salt"], "00" * 32),
        ("another detail", ["records", 0, "record", "details"], {"more": "yes"}),
        ("wrong index", ["records", 2, "index"], records[2]["index"] + 1),
        ("index beyond the log", ["records", 2, "index"], 10_000),
        ("path too long", ["records", 1, "inclusion"], [*path, "00" * 32]),
        ("path too short", ["records", 1, "inclusion"], path[:-1]),
        ("interior node as leaf", ["records", 0, "inclusion"], records[0]["inclusion"][1:]),
        ("checkpoint of another size", ["checkpoint", "size"], size + 1),
        ("checkpoint of another root", ["checkpoint", "root"], "11" * 32),
        ("checkpoint of another sequence", ["checkpoint", "sequence"], 8),
        ("note is no note", ["checkpoint", "note"], "hello"),
        ("anchor of another root", ["anchor", "root"], "11" * 32),
        ("anchor of another chain id", ["anchor", "chain_id"], 1),
        ("anchor of another registry", ["anchor", "registry"], "0x" + "07" * 20),
        ("transaction hash changed", ["anchor", "transaction_hash"], _flip(anchor["transaction_hash"])),
        ("transaction index changed", ["anchor", "transaction_index"], 0),
        ("receipt at another index", ["anchor", "receipt_index"], 0),
        ("receipt node missing", ["anchor", "receipt_proof"], anchor["receipt_proof"][:-1]),
        ("receipt node superfluous", ["anchor", "receipt_proof"], [*anchor["receipt_proof"], "0x80"]),
        ("receipt node changed", ["anchor", "receipt_proof", 0], _flip(anchor["receipt_proof"][0])),
        ("account node missing", ["anchor", "account_proof"], anchor["account_proof"][:-1]),
        ("account node changed", ["anchor", "account_proof", 0], _flip(anchor["account_proof"][0])),
        ("header cut off", ["anchor", "header"], anchor["header"][:-2]),
        ("header with a byte more", ["anchor", "header"], anchor["header"] + "00"),
        ("header not hexadecimal", ["anchor", "header"], "0xzz"),
        ("unknown member", ["more"], 1),
    ]
    sets: list[str | int] = ["chain", "validator_sets", 0]
    trust: list[tuple[str, list[str | int], Any]] = [
        ("note signed by a stranger", ["log", "public_key"], "22" * 32),
        ("note of another log", ["log", "origin"], "another.test/log"),
        ("no validator set at this height", [*sets, "to_block"], 5),
        ("other validators trusted", [*sets, "members", 0, "address"], "0x" + "09" * 20),
        ("other code trusted", ["chain", "registry_code_hash"], "0x" + "00" * 32),
    ]
    return base, [
        {"name": "honest", "path": [], "value": None},
        *({"name": name, "path": ["evidence", *at], "value": value} for name, at, value in evidence),
        *({"name": name, "path": ["trust", *at], "value": value} for name, at, value in trust),
        *_other_chains(case),
    ]


def _other_chains(case: Any) -> list[dict[str, Any]]:
    changes: dict[str, dict[str, Any]] = {
        "receipt failed": {"status": 0},
        "event of another contract": {"emitter": bytes(20)},
        "another event": {"topic": bytes(32)},
        "other code at the address": {"code_hash": bytes(32)},
        "sealed by another chain": {"secret": b"another chain"},
        "two seals of four": {"sealers": 2},
        "four seals of four": {"sealers": 4},
        "round two": {"round_number": 2},
    }
    records = [logged.record for logged in case.evidence.records]
    return [
        {
            "name": name,
            "path": ["evidence", "anchor"],
            "value": case.relogged(records, replace(case.chain, **change)).evidence.anchor.to_json(),
        }
        for name, change in changes.items()
    ]


def _flip(text: str) -> str:
    return text[:-1] + ("0" if text[-1] != "0" else "1")


def main() -> None:
    """Write the stored vectors with the verdicts of the standalone program."""
    root = Path(__file__).parents[3]
    sys.path[:0] = [str(root), str(root / "docs"), str(Path(__file__).parent)]
    import evidence_case
    import verify_anchor  # type: ignore[import-not-found]

    with tempfile.TemporaryDirectory() as folder:
        base, cases = vectors_of(evidence_case.build(Path(folder)))
    for vector in cases:
        results = verify_anchor.verify(*applied(base, vector))
        vector["verdicts"] = [word for _, word, _ in results]
        print(vector["name"], vector["verdicts"])
    written = {"origin": __doc__, "base": base, "cases": cases}
    VECTORS.write_text(json.dumps(written, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
