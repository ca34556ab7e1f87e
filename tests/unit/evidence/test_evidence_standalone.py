"""docs/verify_anchor.py and the product agree on every vector of steps 7 to 9.

The vectors in tests/vectors/package/anchor_steps.json are read by both and by nothing else's
code: the program shares no line with the product.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from evidence_case import NOW, Case, inspect_once
from evidence_vectors import VECTORS, applied, vectors_of

from contracts_chain.evidence.trust_bundle import TrustBundle
from contracts_chain.evidence.verify import verify_package
from kernel.canonical_json import canonical_bytes
from kernel.verdict import Verdict, overall

PROGRAM = Path(__file__).parents[3] / "docs" / "verify_anchor.py"
STORED = json.loads(VECTORS.read_text("utf-8"))
BASE: dict[str, object] = STORED["base"]
CASES: list[dict[str, object]] = STORED["cases"]


@pytest.fixture(scope="module")
def program() -> ModuleType:
    spec = spec_from_file_location("verify_anchor", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def product_verdicts(case: Case, evidence: object, trust: object, folder: Path) -> dict[int, str]:
    """Steps 7 to 9 of the product, the evidence put into an otherwise honest package."""
    from dataclasses import replace

    folder.mkdir(exist_ok=True)
    written = dict(trust) if isinstance(trust, dict) else {}
    (folder / "trust.json").write_bytes(json.dumps({**written, "ca_roots": [], "tsa_roots": []}).encode())
    bundle = replace(TrustBundle.load(folder), signatures=case.trust.signatures)
    content = json.dumps(evidence, ensure_ascii=False).encode()
    package = case.close(replace(case.contents(), evidence=content))
    report = verify_package(package, bundle, at=NOW, inspect=inspect_once)
    return {check.step: check.verdict.value for check in report.checks if 7 <= check.step <= 9}


@pytest.mark.parametrize("vector", CASES, ids=lambda vector: str(vector["name"]))
def test_the_program_and_the_product_give_the_verdicts_of_the_vector(
    case: Case, program: ModuleType, vector: dict[str, object], tmp_path: Path
) -> None:
    due = {7 + number: word for number, word in enumerate(vector["verdicts"])}  # type: ignore[arg-type]
    evidence, trust = applied(BASE, vector)
    assert {step: word for step, word, _ in program.verify(evidence, trust)} == due
    product = product_verdicts(case, evidence, trust, tmp_path)
    if "unreadable" in due.values():
        assert overall(Verdict(word) for word in product.values()) is not Verdict.PROVEN
    else:
        assert product == due


def test_the_vectors_hold_every_verdict() -> None:
    seen = {word for vector in CASES for word in vector["verdicts"]}  # type: ignore[attr-defined]
    assert seen == {"proven", "refuted", "undecided", "unreadable"}
    assert len(CASES) >= 25


def test_a_case_made_today_has_the_verdicts_of_its_vector(case: Case, program: ModuleType) -> None:
    base, today = vectors_of(case)
    assert [vector["name"] for vector in today] == [vector["name"] for vector in CASES]
    for vector, stored in list(zip(today, CASES, strict=True))[::4]:
        found = [word for _, word, _ in program.verify(*applied(base, vector))]
        assert found == stored["verdicts"], vector["name"]


def test_the_program_run_by_hand_exits_with_the_verdict(case: Case, tmp_path: Path) -> None:
    case.trust.write(tmp_path)
    (tmp_path / "evidence.json").write_bytes(case.contents().evidence)
    (tmp_path / "NAME.asice").write_bytes(case.package())
    (tmp_path / "forged.json").write_bytes(canonical_bytes(forged(case)))
    (tmp_path / "broken.json").write_bytes(b"{")
    for name, code in (("evidence.json", 0), ("NAME.asice", 0), ("forged.json", 10), ("broken.json", 30)):
        arguments = [sys.executable, "-I", str(PROGRAM), str(tmp_path / name), str(tmp_path / "trust.json")]
        run = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=30)
        assert run.returncode == code, run.stdout + run.stderr


def forged(case: Case) -> dict[str, object]:
    found = json.loads(case.contents().evidence)
    found["checkpoint"]["size"] += 1
    return dict(found)


def test_the_program_imports_the_standard_library_only() -> None:
    tree = ast.parse(PROGRAM.read_text("utf-8"))
    names = {
        alias.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    names |= {
        str(node.module).partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
    }
    assert names <= sys.stdlib_module_names
