"""The layout shows the architecture: what is shipped, and what every module owes its reader."""

import ast
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("kernel", "contracts_chain", "signing", "pdfgen", "solidity", "api", "devnet")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
GREATEST_FILE, GREATEST_FUNCTION = 400, 40


def test_the_listed_packages_are_exactly_the_folders_with_code() -> None:
    found = {".".join(path.parent.relative_to(ROOT).parts) for path in MODULES}
    assert set(PROJECT["tool"]["setuptools"]["packages"]) == found


def test_the_rooms_at_the_top_are_the_shipped_names() -> None:
    listed = {name.partition(".")[0] for name in PROJECT["tool"]["setuptools"]["packages"]}
    assert listed == set(ROOMS)


def test_the_wheel_holds_the_rooms_their_files_and_nothing_else(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for room in ROOMS:
        shutil.copytree(ROOT / room, source / room, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "requirements/runtime.in"):
        (source / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(ROOT / name, source / name)
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(tmp_path)]
    command = [sys.executable, "-m", "pip", "wheel", *options, str(source)]
    subprocess.run(command, check=True, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" not in name]
    assert {name.partition("/")[0] for name in names} == set(ROOMS)
    suffixes = (".py", ".toml", ".json", ".html", ".css", ".js", ".xsd", ".sol", ".mako", ".txt")
    expected = {
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in (ROOT / room).rglob("*")
        if path.suffix in suffixes and "node_modules" not in path.parts
    }
    assert set(names) == expected


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_short_and_says_what_it_decides(path: Path) -> None:
    source = path.read_text("utf-8")
    tree = ast.parse(source)
    assert ast.get_docstring(tree), "no module docstring"
    assert source.count("\n") <= GREATEST_FILE
    if "migrations" in path.parts:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            documentation = (ast.get_docstring(node, clean=False) or "").count("\n") + 1
            length = (node.end_lineno or 0) - node.lineno + 1 - documentation
            assert length <= GREATEST_FUNCTION, f"{node.name} has {length} lines"


@pytest.mark.parametrize("word", ["utils", "helpers", "common", "core", "services", "manager"])
def test_no_module_is_named_for_nothing(word: str) -> None:
    assert [path for path in MODULES if word in path.relative_to(ROOT).parts or path.stem == word] == []


def test_no_committed_lock_names_a_registry() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        assert "://" not in lock.read_text("utf-8")
