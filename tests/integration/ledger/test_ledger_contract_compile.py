"""The committed ABI and bytecode are what the source compiles to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from solidity import RUNTIME_BYTECODE
from solidity import compile as compiler


def test_the_committed_contract_is_what_its_source_compiles_to() -> None:
    assert compiler.main(["--check"]) == 0


def test_another_source_is_told_apart_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = (compiler.FOLDER / "ContractsRegistry.sol").read_text("utf-8")
    committed = (compiler.FOLDER / "ContractsRegistry.json").read_text("utf-8")
    (tmp_path / "ContractsRegistry.sol").write_text(source.replace("<= 0xff", "< 0xff"), "utf-8")
    (tmp_path / "ContractsRegistry.json").write_text(committed, "utf-8")
    monkeypatch.setattr(compiler, "FOLDER", tmp_path)
    assert compiler.main(["--check"]) == 1
    assert "runtime_bytecode" in capsys.readouterr().err
    assert compiler.main([]) == 0
    written = json.loads((tmp_path / "ContractsRegistry.json").read_text("utf-8"))
    assert written["runtime_bytecode"] != RUNTIME_BYTECODE.hex()


def test_comments_do_not_change_the_code() -> None:
    source = (compiler.FOLDER / "ContractsRegistry.sol").read_text("utf-8")
    assert compiler.compile_registry(source + "\n// later")["runtime_bytecode"] == RUNTIME_BYTECODE.hex()


def test_a_source_that_does_not_compile_is_reported_by_solc() -> None:
    with pytest.raises(RuntimeError, match="ParserError"):
        compiler.compile_registry(
            "// SPDX-License-Identifier: Apache-2.0\npragma solidity 0.8.37;\ncontract {"
        )
