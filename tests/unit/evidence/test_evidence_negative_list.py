"""The negative list is whole, and what its table names exists and refuses (docs/formats/negative-list.md)."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from evidence_case import ANCHOR_TIME, NOW, Case, inspect_once
from evidence_headers import address_of, keys, resealed
from evidence_vectors import VECTORS

from contracts_chain.evidence.verify import verify_package
from contracts_chain.ledger.chain_trust import ChainTrust, ValidatorSet
from contracts_chain.ledger.errors import LedgerRefutedError
from contracts_chain.ledger.verify_anchor import verify_block_seals
from kernel.sized_bytes import Address

ROOT = Path(__file__).parents[3]
TABLE = ROOT / "docs" / "formats" / "negative-list.md"
ITEMS = (
    "interior node as leaf", "wrong index", "size lie", "truncated path", "overlong path", "2-of-4 seals",
    "duplicated seal", "malleated seal beside itself", "seal by a removed validator",
    "seal by an unknown validator", "v outside {0,1}", "r or s zero or ≥ n", "seal over the wrong round",
    "validator list differs from policy", "wrong mixHash", "wrong difficulty", "wrong nonce",
    "header of another chain", "wrong chain id", "status-0 receipt", "right event from the wrong address",
    "wrong topics[0]", "other code at the address", "non-canonical RLP", "trailing bytes",
    "extra proof nodes", "missing proof nodes", "absence proof offered as presence", "revoked",
    "superseded", "future timestamp", "own root in the package",
    "consistency proof that does not extend the head", "same checkpoint twice",
    "quorum rounding N = 1…10",
)  # fmt: skip
QUORUM = {1: 1, 2: 2, 3: 2, 4: 3, 5: 4, 6: 4, 7: 5, 8: 6, 9: 6, 10: 7}


def rows() -> dict[str, tuple[list[str], list[str]]]:
    """Item to vectors and tests."""
    lines = [line for line in TABLE.read_text("utf-8").splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]
    return {
        item: (
            [] if vectors.startswith("–") else [name.strip() for name in vectors.split(";")],
            re.findall(r"`(test_\w+)`", tests),
        )
        for item, vectors, tests in cells
    }


def test_every_item_of_the_negative_list_has_a_row() -> None:
    assert set(ITEMS) <= set(rows())


def test_every_vector_of_the_table_exists_and_is_not_proven() -> None:
    stored = {case["name"]: case["verdicts"] for case in json.loads(VECTORS.read_text("utf-8"))["cases"]}
    for item, (vectors, _) in rows().items():
        for name in vectors:
            assert set(stored[name]) & {"refuted", "unreadable"}, f"{item}: {name}"


def test_every_test_of_the_table_exists() -> None:
    defined = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)\(", path.read_text("utf-8"), re.MULTILINE)
    }
    named = {test for _, tests in rows().values() for test in tests}
    assert named <= defined, named - defined


def test_every_row_names_a_vector_or_a_test() -> None:
    assert all(vectors or tests for vectors, tests in rows().values())


@pytest.fixture(scope="module")
def program() -> ModuleType:
    spec = spec_from_file_location("verify_anchor_rounding", ROOT / "docs" / "verify_anchor.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def both(program: ModuleType, header: bytes, trust: ChainTrust, json_chain: object) -> tuple[bool, bool]:
    """Whether product and program hold the seals proven."""
    try:
        verify_block_seals(header, trust)
        product = True
    except LedgerRefutedError:
        product = False
    return product, program.outcome(lambda: program.step_9(header, json_chain))[0] == "proven"


@pytest.mark.parametrize("count", range(1, 11))
def test_a_quorum_of_n_is_two_thirds_rounded_up_for_both_verifiers(
    case: Case, program: ModuleType, count: int
) -> None:
    own = keys(count)
    members = tuple((Address(address_of(key)), "operator") for key in own)
    pinned = ValidatorSet(from_block=1, to_block=None, members=members)
    bundle = replace(case.trust, chain=replace(case.trust.chain, validator_sets=(pinned,)))
    json_chain = json.loads(json.dumps(bundle.as_json()))["chain"]
    for sealers in range(count + 1):
        header = resealed(
            case.evidence.anchor.header,
            own[:sealers],
            validators=own,
            fields={2: address_of(own[0])},
        )
        due = sealers >= QUORUM[count]
        assert both(program, header, bundle.chain, json_chain) == (due, due), f"{sealers} of {count}"


@pytest.mark.parametrize(
    ("word", "code"), [(b"\x5a" * 32, "superseded"), (b"\x03", "terminated"), (b"\x04", "suspended")]
)
def test_a_contract_that_is_revoked_or_superseded_is_told_so_and_never_as_in_force(
    case: Case, word: bytes, code: str
) -> None:
    key = case.evidence.records[-1].record.leaf()
    status = replace(case.chain, words={key: word}).status_proof(key, number=500, at=ANCHOR_TIME)
    package = case.with_evidence(status=status).package()
    report = verify_package(package, case.trust, at=NOW, inspect=inspect_once)
    assert report.checks[11].code == code
    assert report.facts.status == code
